/// Digits and signs as English words.
enum EnglishNormaliser {
    private static let small = PhoneInventory.words(
        """
        zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen \
        eighteen nineteen
        """)
    private static let tens = PhoneInventory.words("zero ten twenty thirty forty fifty sixty seventy eighty ninety")
    private static let units: [(String, String)] = [
        ("°C", "degrees celsius"), ("℃", "degrees celsius"), ("°F", "degrees fahrenheit"), ("°", "degrees"),
        ("%", "percent"),
        ("km/h", "kilometers per hour"), ("mph", "miles per hour"), ("km", "kilometers"), ("kg", "kilograms"),
        ("cm", "centimeters"), ("mm", "millimeters"), ("min", "minutes"), ("m", "meters"),
    ]

    /// A whole number in words.
    static func spell(_ value: Int) -> String {
        if value < 0 { return "minus " + (value == .min ? "" : spell(-value)) }
        if value < 20 { return small[value] }
        if value < 100 { return tens[value / 10] + (value % 10 == 0 ? "" : " " + small[value % 10]) }
        for (size, name) in [
            (1_000_000_000_000, "trillion"), (1_000_000_000, "billion"), (1_000_000, "million"), (1000, "thousand"),
            (100, "hundred"),
        ] where value >= size {
            let rest = value % size
            let joint = size == 100 ? " and " : " "
            return spell(value / size) + " " + name + (rest == 0 ? "" : joint + spell(rest))
        }
        return ""
    }

    private static func digits(_ text: some Sequence<Character>) -> String {
        text.compactMap { $0.wholeNumberValue }.map { small[$0] }.joined(separator: " ")
    }

    static func normalise(_ input: [Character]) -> String {
        var output = ""
        var at = 0
        func character(_ index: Int) -> Character { index >= 0 && index < input.count ? input[index] : "\0" }
        func isDigit(_ index: Int) -> Bool { character(index).isASCII && character(index).isNumber }
        func run(_ start: Int) -> String {
            var end = start
            while isDigit(end) { end += 1 }
            return start < end ? String(input[start..<end]) : ""
        }
        while at < input.count {
            let dollars = character(at) == "$" && isDigit(at + 1)
            let minus =
                character(at) == "-" && isDigit(at + 1) && !isDigit(at - 1) && !TextSpan.isLatin(character(at - 1))
            if dollars || minus { at += 1 }
            guard isDigit(at) else {
                output.append(character(at))
                at += 1
                continue
            }
            if let last = output.last, TextSpan.isLatin(last) { output.append(" ") }
            if minus { output += "minus " }
            var whole = run(at)
            var grouped = false
            at += whole.count
            while character(at) == ",", case let group = run(at + 1), group.count == 3 {
                whole += group
                grouped = true
                at += 4
            }
            if character(at) == ":", case let minutes = run(at + 1), minutes.count == 2, let hour = Int(whole),
                hour < 25
            {
                at += 3
                let rest = Int(minutes) ?? 0
                output += spell(hour) + (rest == 0 ? " o'clock" : (rest < 10 ? " oh " : " ") + spell(rest))
                continue
            }
            if whole.count > 6 || (whole.count > 1 && whole.first == "0") {
                output += digits(whole)
            } else if !grouped, whole.count == 4, let year = Int(whole), (1100...1999).contains(year), year % 100 != 0 {
                output += spell(year / 100) + (year % 100 < 10 ? " oh " : " ") + spell(year % 100)
            } else {
                output += spell(Int(whole) ?? 0)
            }
            if character(at) == ".", case let tail = run(at + 1), !tail.isEmpty {
                output += " point " + digits(tail)
                at += 1 + tail.count
            }
            let space = character(at) == " " ? 1 : 0
            for (sign, name) in units
            where Array(sign).indices.allSatisfy({ character(at + space + $0) == Array(sign)[$0] }) {
                guard !TextSpan.isLatin(character(at + space + sign.count)) else { continue }
                output += " " + name
                at += space + sign.count
                break
            }
            if dollars { output += whole == "1" ? " dollar" : " dollars" }
            if TextSpan.isLatin(character(at)) { output.append(" ") }
        }
        return output
    }
}
