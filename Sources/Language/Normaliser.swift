/// Turns digits, dates, units, and signs into words, one pass from left to right.
struct Normaliser {
    let dialect: Dialect
    let input: [Character]
    var at = 0
    var output = ""

    static func normalise(_ text: String, dialect: Dialect) -> String {
        var normaliser = Normaliser(text, dialect: dialect)
        return dialect == .english ? EnglishNormaliser.normalise(normaliser.input) : normaliser.run()
    }

    init(_ text: String, dialect: Dialect) {
        self.dialect = dialect
        input = text.map { Normaliser.halfWidth($0) }
    }

    /// Full-width letters, digits and signs as their ASCII twins (punctuation keeps its width).
    static func halfWidth(_ character: Character) -> Character {
        guard character.unicodeScalars.count == 1, let scalar = character.unicodeScalars.first else { return character }
        switch scalar.value {
        case 0xFF10...0xFF19, 0xFF21...0xFF3A, 0xFF41...0xFF5A, 0xFF05, 0xFF0B, 0xFF0E, 0xFF0F, 0xFF1A, 0xFF04, 0xFF1D:
            return Unicode.Scalar(scalar.value - 0xFEE0).map(Character.init) ?? character
        case 0x3000, 0xA0, 0x2002...0x200A: return " "
        case 0x2212, 0xFE63, 0xFF0D: return "-"
        case 0xFF5E, 0x301C, 0x223C: return "~"
        case 0xFFE5: return "¥"
        default: return character
        }
    }

    // ------------------------------------------------------------------------------------------------ scanning

    func character(_ index: Int) -> Character { index >= 0 && index < input.count ? input[index] : "\0" }

    func isDigit(_ index: Int) -> Bool {
        let found = character(index)
        return found.isASCII && found.isNumber
    }

    func digits(_ start: Int) -> String {
        var end = start
        while isDigit(end) { end += 1 }
        return String(input[min(start, input.count)..<max(min(start, input.count), end)])
    }

    func hasPrefix(_ text: String, at start: Int) -> Bool {
        var index = start
        for wanted in text {
            guard character(index) == wanted else { return false }
            index += 1
        }
        return true
    }

    func before(_ words: [String]) -> Bool { words.contains { output.hasSuffix($0) } }

    mutating func run() -> String {
        while at < input.count {
            if !(readPlate() || readMoney() || readNumeric() || readLetters()) {
                readSign()
            }
        }
        return output
    }

    func spell(_ text: String, measure: Bool = false) -> String {
        let plain = text.filter { $0 != "," }
        let parts = plain.split(separator: ".", omittingEmptySubsequences: false)
        guard let whole = parts.first, plain.count < 40 else { return HanNumber.spell(digits: plain) }
        if parts.count == 1, measure, plain == "2" { return "两" }
        let tail = parts.count > 1 ? "点" + HanNumber.spell(digits: parts[1]) : ""
        if whole.count > 1, whole.first == "0" { return HanNumber.spell(digits: whole) + tail }
        guard whole.count < 16, let value = Int(whole) else { return HanNumber.spell(digits: whole) + tail }
        return HanNumber.spell(integer: value) + tail
    }

    func spellDigits(_ text: String) -> String {
        HanNumber.spell(digits: text, telephone: dialect != .cantonese)
    }

    // ------------------------------------------------------------------------------------------------ items

    /// 川A12345, 京A·8B123, 沪AD12345.
    mutating func readPlate() -> Bool {
        guard UnitNames.provinces.contains(character(at)), TextSpan.isLatin(character(at + 1)) else { return false }
        var index = at + 2
        if character(index) == "·" || character(index) == " " || character(index) == "-" { index += 1 }
        var body: [Character] = []
        while body.count < 7, isDigit(index) || TextSpan.isLatin(character(index)) {
            body.append(character(index))
            index += 1
        }
        guard (5...6).contains(body.count), body.contains(where: \.isNumber) else { return false }
        output.append(character(at))
        output += character(at + 1).uppercased()
        for item in body {
            output += item.isNumber ? spellDigits(String(item)) : item.uppercased()
        }
        at = index
        return true
    }

    /// ¥12.5, $3, €20, HK$8.
    mutating func readMoney() -> Bool {
        var index = at
        var name: String?
        for (sign, currency) in UnitNames.currencies where hasPrefix(sign, at: at) {
            name = currency
            index = at + sign.count
            break
        }
        if character(index) == " " { index += 1 }
        guard let name, isDigit(index) else { return false }
        let amount = number(at: index)
        at = index + amount.count
        var size = ""
        if "万亿千百".contains(character(at)) {
            size = String(character(at))
            at += 1
        }
        output += spell(trimmed(amount), measure: size.isEmpty) + size + name
        return true
    }

    func trimmed(_ amount: String) -> String {
        guard amount.contains(".") else { return amount }
        var result = amount
        while result.last == "0" { result.removeLast() }
        if result.last == "." { result.removeLast() }
        return result
    }

    /// Digits with comma groups and decimals, as written.
    func number(at start: Int) -> String {
        var text = digits(start)
        if text.count <= 3 {
            while character(start + text.count) == ",", case let group = digits(start + text.count + 1),
                group.count == 3
            {
                text += "," + group
            }
        }
        if character(start + text.count) == ".", case let tail = digits(start + text.count + 1), !tail.isEmpty,
            !(character(start + text.count + 1 + tail.count) == "." && isDigit(start + text.count + tail.count + 2))
        {
            text += "." + tail
        }
        return text
    }

    mutating func readNumeric() -> Bool {
        let signed =
            "-+±".contains(character(at)) && isDigit(at + 1) && !isDigit(at - 1)
            && !TextSpan.isLatin(character(at - 1)) && character(at - 1) != ")"
        guard isDigit(at) || signed else { return false }
        if !signed, readDate() || readTelephone() || readClock() || readFraction() || readCode() { return true }
        return readQuantity(signed: signed)
    }

    /// 2024-03-05, 2024/3/5, 2024.3.5, 2024年.
    mutating func readDate() -> Bool {
        let year = digits(at)
        guard year.count == 4, let value = Int(year), (1000...2999).contains(value) else {
            if (year.count == 2), hasPrefix("后", at: at + 2) || hasPrefix("年代", at: at + 2), year != "50" {
                output += hasPrefix("后", at: at + 2) || year.first == "0" ? HanNumber.spell(digits: year) : spell(year)
                at += 2
                return true
            }
            return false
        }
        if character(at + 4) == "年" {
            output += HanNumber.spell(digits: year)
            at += 4
            return true
        }
        let separator = character(at + 4)
        guard "-/.".contains(separator) else { return false }
        let month = digits(at + 5)
        guard (1...2).contains(month.count), let monthValue = Int(month), (1...12).contains(monthValue),
            character(at + 5 + month.count) == separator
        else { return false }
        let day = digits(at + 6 + month.count)
        guard (1...2).contains(day.count), let dayValue = Int(day), (1...31).contains(dayValue) else { return false }
        output +=
            HanNumber.spell(digits: year) + "年" + HanNumber.spell(integer: monthValue) + "月"
            + HanNumber.spell(integer: dayValue) + "日"
        at += 6 + month.count + day.count
        return true
    }

    /// Eleven digits from 1, 010-62345678, 400-820-8888, or digits after a word that asks for single digits.
    mutating func readTelephone() -> Bool {
        var groups = [digits(at)]
        var end = at + groups[0].count
        while character(end) == "-" || (character(end) == " " && groups.count < 3), case let group = digits(end + 1),
            (3...8).contains(group.count), groups.count < 4
        {
            groups.append(group)
            end += 1 + group.count
        }
        let all = groups.joined()
        if groups.count > 1 {
            let dialled =
                (all.count == 11 && all.first == "1") || all.first == "0" && (10...12).contains(all.count)
                || ["400", "800"].contains(groups[0]) && all.count == 10
            if dialled {
                output += groups.map(spellDigits).joined(separator: "，")
                at = end
                return true
            }
        }
        let first = groups[0]
        guard character(at + first.count) != "." || !isDigit(at + first.count + 1) else { return false }
        let asked =
            before(UnitNames.digitWords) && first.count >= 3
            || before(UnitNames.callWords) && (first.count >= 5 || UnitNames.emergency.contains(first))
        guard
            asked || (first.count == 11 && first.first == "1") || first.count >= 12
                || (first.count >= 7 && first.first == "0")
                || (UnitNames.emergency.contains(first) && hasPrefix("电话", at: at + 3))
        else { return false }
        output += spellDigits(first)
        at += first.count
        return true
    }

    /// 8:30, 20:00, 12:30:45, 8:30 pm; 2:1 is a score.
    mutating func readClock() -> Bool {
        let hour = digits(at)
        guard (1...2).contains(hour.count), let hourValue = Int(hour) else { return false }
        let colon = at + hour.count
        guard ":：".contains(character(colon)), isDigit(colon + 1) else { return false }
        let minute = digits(colon + 1)
        var end = colon + 1 + minute.count
        guard minute.count == 2, let minuteValue = Int(minute), minuteValue < 60, hourValue <= 24 else {
            guard minute.count <= 3 else { return false }
            output += spell(hour) + "比" + spell(minute)
            at = end
            return true
        }
        var seconds = ""
        if ":：".contains(character(end)), case let found = digits(end + 1), found.count == 2, let value = Int(found),
            value < 60
        {
            seconds = found
            end += 3
        }
        var shown = hourValue
        var period = ""
        var suffix = end
        if character(suffix) == " " { suffix += 1 }
        let mark = String(input[min(suffix, input.count)..<min(suffix + 2, input.count)]).lowercased()
        if mark == "am" || mark == "pm", !TextSpan.isLatin(character(suffix + 2)) {
            if mark == "pm" { period = hourValue < 6 || hourValue == 12 ? "下午" : "晚上" } else { period = "早上" }
            end = suffix + 2
        } else if hourValue == 24 {
            shown = 24
        }
        if hourValue == 0, mark == "am" { shown = 0 }
        output += period + (shown == 2 ? "两" : HanNumber.spell(integer: shown)) + "点"
        if minuteValue == 0 {
            if seconds.isEmpty, !period.isEmpty || character(end) != "整" { output += "整" }
        } else {
            output += (minuteValue < 10 ? "零" : "") + HanNumber.spell(integer: minuteValue) + "分"
        }
        if !seconds.isEmpty { output += (minuteValue == 0 ? "零分" : "") + spell(String(Int(seconds) ?? 0)) + "秒" }
        at = end
        if character(at) == "分" { at += minuteValue == 0 ? 0 : 1 }
        if let other = rangeEnd() {
            output += "到"
            at = other
        }
        return true
    }

    /// 1/2 as 二分之一.
    mutating func readFraction() -> Bool {
        let top = digits(at)
        guard character(at + top.count) == "/", case let bottom = digits(at + top.count + 1), !bottom.isEmpty else {
            return false
        }
        let end = at + top.count + 1 + bottom.count
        guard character(end) != "/", character(end) != ".", top.count < 5, bottom.count < 5 else { return false }
        output += spell(bottom) + "分之" + spell(top)
        at = end
        return true
    }

    /// Digits glued to letters before them, three or more: G1234, CA1501 one by one.
    mutating func readCode() -> Bool {
        let text = digits(at)
        guard TextSpan.isLatin(character(at - 1)), text.count >= 3, character(at + text.count) != "." else {
            return false
        }
        output += spellDigits(text)
        at += text.count
        return true
    }
}
