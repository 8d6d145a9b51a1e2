import Language

/// Numbers said in words: finding them in text, and saying them.
enum NumberWords {
    /// The words of one number at the start of a stretch of text.
    struct Hit: Sendable, Equatable {
        var length: Int
        var value: Double
    }

    private static let han: Set<UInt32> = Set(
        "零〇一二两兩三四五六七八九十百千万萬亿億点點廿卅丗卌幺壹贰貳叁參肆伍陆陸柒捌玖拾佰仟负負初".unicodeScalars.map(\.value))

    /// Every number that the text at `start` may begin with, shortest first.
    static func hits(in text: [UInt32], at start: Int, language: String, isStrict: Bool) -> [Hit] {
        guard start < text.count else { return [] }
        return language.hasPrefix("en")
            ? EnglishNumber.hits(in: text, at: start) : hanHits(in: text, at: start, isStrict: isStrict)
    }

    private static func hanHits(in text: [UInt32], at start: Int, isStrict: Bool) -> [Hit] {
        var result: [Hit] = []
        var words = String.UnicodeScalarView()
        var position = start
        var isNegative = false
        if !isStrict, text[start...].starts(with: Scalars.fold("零下")) {
            isNegative = true
            position += 2
        }
        let limit = min(text.count, position + 24)
        while position < limit, han.contains(text[position]), let scalar = Unicode.Scalar(text[position]) {
            words.append(scalar)
            position += 1
            guard var value = parse(String(words), isStrict: isStrict) else { continue }
            if isNegative { value = -value }
            result.append(Hit(length: position - start, value: value))
        }
        return result
    }

    private static func parse(_ words: String, isStrict: Bool) -> Double? {
        guard let last = words.unicodeScalars.last, last != "点", last != "點" else { return nil }
        guard isStrict else {
            // HanNumber reads 〇五 as 5 and 二零二六 as 2026.
            return HanNumber.parse(words)
        }
        var plain = ""
        for (index, character) in words.enumerated() {
            switch character {
            case "〇": plain += "零"
            case "两", "兩", "贰", "貳": plain += "二"
            case "壹": plain += "一"
            case "叁", "參": plain += "三"
            case "肆": plain += "四"
            case "伍": plain += "五"
            case "陆", "陸": plain += "六"
            case "柒": plain += "七"
            case "捌": plain += "八"
            case "玖": plain += "九"
            case "拾": plain += "十"
            case "佰": plain += "百"
            case "仟": plain += "千"
            case "萬": plain += "万"
            case "點": plain += "点"
            case "廿": plain += "二十"
            case "丗", "卅": plain += "三十"
            case "卌": plain += "四十"
            case "初" where index == 0: continue
            default: plain.append(character)
            }
        }
        guard let value = HanNumber.parse(plain) else { return nil }
        let spelled = HanNumber.spell(value)
        let isCanonical = spelled == plain || "一" + spelled == plain && value >= 10 && value < 20
        if words.hasPrefix("初"), value > 10 { return nil }
        return isCanonical ? value : nil
    }

    /// The ways to say a number, for the spoken search.
    static func spoken(_ value: Double, language: String) -> [[String]] {
        if language.hasPrefix("en") {
            let words = EnglishNumber.spell(value)
            return words.isEmpty ? [] : [words]
        }
        let words = HanNumber.spell(value).map(String.init)
        var result = [words]
        // 两 stands for 二 before a measure and before 百, 千, 万.
        let withPair = words.enumerated().map { index, word in
            guard word == "二" else { return word }
            let next = index + 1 < words.count ? words[index + 1] : ""
            let isAlone = words.count == 1 || next == "点" && index == 0
            return isAlone || ["百", "千", "万", "亿"].contains(next) ? "两" : word
        }
        if withPair != words { result.append(withPair) }
        return result
    }

    /// A number as a reply says it: 二十四点五, or digits for English.
    static func text(_ value: Double, language: String) -> String {
        if language.hasPrefix("en") { return JSONText.number(value) }
        return HanNumber.spell(value)
    }
}

/// English cardinal numbers.
enum EnglishNumber {
    private static let small = [
        "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
        "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
    ]
    private static let tens = ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]

    /// Spells a number below a million, with up to two decimals, as single words.
    static func spell(_ value: Double) -> [String] {
        guard value.magnitude < 1_000_000 else { return [] }
        if value < 0 {
            let rest = spell(-value)
            return rest.isEmpty ? [] : ["minus"] + rest
        }
        let whole = Int(value.rounded(.down))
        var words = spell(whole)
        let hundredths = Int(((value - Double(whole)) * 100).rounded())
        if hundredths > 0 {
            words.append("point")
            words.append(small[hundredths / 10])
            if !hundredths.isMultiple(of: 10) { words.append(small[hundredths % 10]) }
        }
        return words
    }

    private static func spell(_ whole: Int) -> [String] {
        if whole < 20 { return [small[whole]] }
        if whole < 100 { return [tens[whole / 10]] + (whole.isMultiple(of: 10) ? [] : [small[whole % 10]]) }
        if whole < 1000 {
            return [small[whole / 100], "hundred"] + (whole.isMultiple(of: 100) ? [] : spell(whole % 100))
        }
        return spell(whole / 1000) + ["thousand"] + (whole.isMultiple(of: 1000) ? [] : spell(whole % 1000))
    }

    private static let values: [String: Int] = {
        var result: [String: Int] = ["hundred": 100, "thousand": 1000, "and": -1, "point": -2, "minus": -3]
        for (value, word) in small.enumerated() { result[word] = value }
        for (value, word) in tens.enumerated() where !word.isEmpty { result[word] = value * 10 }
        return result
    }()

    /// Every number that the text may begin with, shortest first; words are parted by spaces or hyphens.
    static func hits(in text: [UInt32], at start: Int) -> [NumberWords.Hit] {
        var hits: [NumberWords.Hit] = []
        var position = start
        var words: [Int] = []
        while position < text.count, words.count < 12 {
            let begin = position
            while position < text.count, (0x61...0x7A).contains(text[position]) { position += 1 }
            let letters = text[begin..<position].compactMap(Unicode.Scalar.init)
            var view = String.UnicodeScalarView()
            view.append(contentsOf: letters)
            guard !letters.isEmpty, let value = values[String(view)] else { break }
            words.append(value)
            if let number = number(of: words) { hits.append(.init(length: position - start, value: number)) }
            guard position < text.count, text[position] == Scalars.space || text[position] == Scalars.hyphen else {
                break
            }
            position += 1
        }
        return hits
    }

    /// The value of a sequence of number words, `nil` where they do not make one number.
    private static func number(of words: [Int]) -> Double? {
        var rest = words[...]
        var sign = 1.0
        if rest.first == -3 {
            sign = -1
            rest = rest.dropFirst()
        }
        guard rest.last != -1 else { return nil }
        var total = 0
        var section = 0
        var room = 1000
        while let word = rest.first {
            rest = rest.dropFirst()
            switch word {
            case -2:
                guard !rest.isEmpty, rest.allSatisfy({ (0...9).contains($0) }), rest.count <= 6 else { return nil }
                var scale = 0.1
                var fraction = 0.0
                for digit in rest {
                    fraction += Double(digit) * scale
                    scale /= 10
                }
                return sign * (Double(total + section) + (fraction * 1e6).rounded() / 1e6)
            case -3: return nil
            case -1:
                guard section >= 100 || total > 0 else { return nil }
            case 100:
                guard (1...9).contains(section) else { return nil }
                section *= 100
                room = 100
            case 1000:
                guard total == 0, section > 0 else { return nil }
                total = section * 1000
                section = 0
                room = 1000
            default:
                let size = word < 10 ? 10 : 100
                guard size <= room || section == 0 && word == 0 else { return nil }
                if word == 0, words.count > 1, total + section > 0 { return nil }
                section += word
                room = word >= 20 ? 10 : 1
            }
        }
        return words.isEmpty || words == [-3] ? nil : sign * Double(total + section)
    }
}
