/// Numbers in Han characters, both ways.
public enum HanNumber {
    static let digits: [Character] = ["零", "一", "二", "三", "四", "五", "六", "七", "八", "九"]

    /// Spells a number: 105 → 一百零五, 24.5 → 二十四点五, −3 → 负三.
    ///
    /// At most six decimals; above 10¹⁵, digit by digit.
    public static func spell(_ value: Double) -> String {
        guard value.isFinite else { return value.isNaN ? "" : (value < 0 ? "负无穷" : "无穷") }
        guard value >= 0 else { return "负" + spell(-value) }
        guard value < 1e15 else { return "\(UInt64(min(value, 1.8e19)))".reduce(into: "") { $0.append(digit($1)) } }
        var whole = value.rounded(.down)
        var millionths = Int(((value - whole) * 1_000_000).rounded())
        if millionths == 1_000_000 {
            whole += 1
            millionths = 0
        }
        guard millionths > 0 else { return spell(integer: Int(whole)) }
        var tail = String(millionths + 1_000_000).dropFirst()
        while tail.last == "0" { tail.removeLast() }
        return spell(integer: Int(whole)) + "点" + tail.map { String(digit($0)) }.joined()
    }

    /// Spells a whole number: 10010 → 一万零一十, 15 → 十五.
    public static func spell(integer value: Int) -> String {
        guard value >= 0 else { return value == .min ? "" : "负" + spell(integer: -value) }
        guard value > 9 else { return String(digits[value]) }
        for (size, name) in [(100_000_000, "亿"), (10_000, "万"), (1000, "千"), (100, "百"), (10, "十")]
        where value >= size {
            let (head, rest) = value.quotientAndRemainder(dividingBy: size)
            let left = head == 1 && size == 10 ? "" : spell(integer: head)
            guard rest > 0 else { return left + name }
            let tail = spell(integer: rest)
            return left + name + (rest < size / 10 ? "零" : "") + (tail.hasPrefix("十") ? "一" : "") + tail
        }
        return ""
    }

    /// Spells digits one by one: "010" → 零一零; `telephone` reads 1 as 幺.
    ///
    /// Other characters are dropped.
    public static func spell(digits text: some StringProtocol, telephone: Bool = false) -> String {
        text.reduce(into: "") { result, character in
            guard character.isASCII, character.isNumber else { return }
            result.append(telephone && character == "1" ? "幺" : digit(character))
        }
    }

    private static func digit(_ character: Character) -> Character {
        guard let value = character.wholeNumberValue, value < 10 else { return "零" }
        return digits[value]
    }

    // ------------------------------------------------------------------------------------------------ parsing

    private static let values: [Character: Double] = [
        "零": 0, "〇": 0, "○": 0, "一": 1, "幺": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8,
        "九": 9, "壹": 1, "贰": 2, "叁": 3, "肆": 4, "伍": 5, "陆": 6, "柒": 7, "捌": 8, "玖": 9, "兩": 2, "廿": 20, "卅": 30,
    ]
    private static let sizes: [Character: Double] = [
        "十": 10, "百": 100, "千": 1000, "万": 10_000, "亿": 100_000_000, "拾": 10, "佰": 100, "仟": 1000, "萬": 10_000,
        "億": 100_000_000,
    ]

    /// The characters numbers are written with.
    public static let characters: Set<Character> = Set(values.keys).union(sizes.keys).union("点半负百分之0123456789.%")

    /// Reads a number: 一百零五, 二十四点五, 两千三, 负三, 幺幺零 digit by digit, "24.5"; nil for anything else.
    ///
    /// 百分之五十 and 50% give 50, 一半 gives 0.5; 三点半 is a clock time and no number.
    public static func parse(_ han: String) -> Double? {
        var text = Substring(han.filter { $0 != " " })
        guard !text.isEmpty else { return nil }
        for sign in ["负", "零下", "-", "−", "減", "减"] where text.hasPrefix(sign) && text.count > sign.count {
            return parse(String(text.dropFirst(sign.count))).map { -$0 }
        }
        if text.hasPrefix("百分之"), text.count > 3 {
            text = text.dropFirst(3)
            return text == "百" ? 100 : parse(String(text))
        }
        if text.hasSuffix("%"), text.count > 1 { return parse(String(text.dropLast())) }
        if text == "半" || text == "一半" { return 0.5 }
        if text.first?.isASCII == true, text.allSatisfy({ $0.isASCII && ($0.isNumber || $0 == ".") }) {
            return Double(text)
        }
        if let point = text.firstIndex(where: { $0 == "点" || $0 == "點" }) {
            let tail = text[text.index(after: point)...]
            guard let whole = whole(text[..<point]), !tail.isEmpty, let part = digitString(tail) else { return nil }
            return Double("\(Int(whole)).\(part)")
        }
        if text.hasSuffix("半"), text.count > 1, let last = text.dropLast().last, sizes[last] != nil {
            // 一百半 is nobody's number, 两万半 is rare; half of the last size.
            return whole(text.dropLast()).map { $0 + (sizes[last] ?? 0) / 2 }
        }
        return whole(text)
    }

    private static func digitString(_ text: Substring) -> String? {
        var result = ""
        for character in text {
            if let value = values[character], value < 10 {
                result += String(Int(value))
            } else if character.isASCII, character.isNumber {
                result.append(character)
            } else {
                return nil
            }
        }
        return result
    }

    private static func whole(_ text: Substring) -> Double? {
        guard !text.isEmpty else { return nil }
        if text.allSatisfy({ sizes[$0] == nil }) {
            if text.count == 1, let only = text.first, let value = values[only] { return value }
            if let first = text.first, let tens = values[first], tens >= 20, let unit = digitString(text.dropFirst()) {
                return unit.count == 1 ? Double(unit).map { tens + $0 } : nil
            }
            return digitString(text).flatMap(Double.init)
        }
        return sized(text)
    }

    /// 一亿零五十万三千二百一十; a trailing digit after a size counts the next lower size (两千三 is 2300).
    private static func sized(_ text: Substring) -> Double? {
        var total = 0.0
        var section = 0.0
        var pending: Double?
        var lastSize = 0.0
        var sawZero = false
        for character in text {
            if let value = values[character] {
                if value == 0 {
                    guard pending == nil else { return nil }
                    sawZero = true
                } else {
                    guard pending == nil else { return nil }
                    pending = value
                }
            } else if let size = sizes[character] {
                if size >= 10_000 {
                    section += pending ?? 0
                    if section == 0, total == 0 { return nil }
                    if size == 100_000_000 {
                        total = (total + section) * size
                    } else {
                        total += section * size
                    }
                    section = 0
                } else {
                    // 十五 and 一百十五 leave the one before 十 out.
                    guard pending != nil || size == 10 || text.first == character else { return nil }
                    section += (pending ?? 1) * size
                }
                pending = nil
                lastSize = size
                sawZero = false
            } else if character.isASCII, let value = character.wholeNumberValue {
                pending = (pending ?? 0) * 10 + Double(value)
            } else {
                return nil
            }
        }
        if let rest = pending {
            section += !sawZero && lastSize >= 100 && rest < 10 ? rest * lastSize / 10 : rest
        }
        return total + section
    }
}
