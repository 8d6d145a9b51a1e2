extension Normaliser {
    /// A number, a range, a sum, each with its unit.
    mutating func readQuantity(signed: Bool) -> Bool {
        let sign = signed ? character(at) : " "
        if signed { at += 1 }
        let amount = number(at: at)
        let start = at
        at += amount.count
        // 1080P, 720p: the lines of a picture are read one by one.
        if amount.count >= 3, !amount.contains("."), "Pp".contains(character(at)), !TextSpan.isLatin(character(at + 1))
        {
            output += spellDigits(amount)
            return true
        }
        let unit = readUnit()
        if unit == nil, let other = rangeEnd() {
            let from = (sign == "-" ? "负" : "") + spell(amount)
            at = other
            let negative = character(at) == "-"
            if negative { at += 1 }
            let second = number(at: at)
            at += second.count
            output += phrase(second, sign: negative ? "-" : " ", unit: readUnit(), prefix: from + "到")
            return true
        }
        output += phrase(amount, sign: sign, unit: unit, prefix: "")
        if unit != nil, let other = rangeEnd() {
            at = other
            output += "到"
            return true
        }
        readOperator(from: start)
        return true
    }

    /// Where the second number of a range starts: 3-5, 3~5, 20–25; nil if none follows.
    func rangeEnd() -> Int? {
        var index = at
        while character(index) == " " { index += 1 }
        guard "-~–—".contains(character(index)) else { return nil }
        index += 1
        if character(index) == character(index - 1), character(index) == "—" { index += 1 }
        while character(index) == " " { index += 1 }
        if isDigit(index) || (character(index) == "-" && isDigit(index + 1)) { return index }
        return nil
    }

    /// The unit that starts here, passed over; nil if there is none.
    mutating func readUnit() -> UnitNames.Unit? {
        var index = at
        if character(index) == " " { index += 1 }
        for unit in UnitNames.units where hasPrefix(unit.written, at: index) {
            let end = index + unit.written.count
            if let last = unit.written.last, TextSpan.isLatin(last), TextSpan.isLatin(character(end)) || isDigit(end) {
                continue
            }
            at = end
            return unit
        }
        return nil
    }

    func phrase(_ amount: String, sign: Character, unit: UnitNames.Unit?, prefix: String) -> String {
        let cold = unit?.kind == .temperature && sign == "-"
        let mark = sign == "-" ? (cold ? "零下" : "负") : sign == "±" ? "正负" : ""
        guard let unit else {
            let measure = UnitNames.measures.contains { hasPrefix($0, at: at) } && !output.hasSuffix("第") && sign == " "
            return prefix + mark + spell(amount, measure: measure)
        }
        switch unit.kind {
        case .share:
            let range = prefix.isEmpty ? "" : unit.spoken + prefix
            return range + unit.spoken + mark + (amount == "100" ? "百" : spell(amount))
        case .temperature, .plain:
            return prefix + mark + spell(amount, measure: true) + unit.spoken
        }
    }

    /// 3+5=8 and 2×3, only between digits.
    mutating func readOperator(from start: Int) {
        var index = at
        while character(index) == " " { index += 1 }
        guard let word = UnitNames.operators[character(index)] else { return }
        index += 1
        while character(index) == " " { index += 1 }
        guard isDigit(index) || character(index) == "(" || character(index) == "-" else { return }
        output += word
        at = index
    }

    /// Words and letters pass as they are; "No.5" is 五号.
    mutating func readLetters() -> Bool {
        guard TextSpan.isLatin(character(at)) else { return false }
        if hasPrefix("No.", at: at) || hasPrefix("NO.", at: at) || hasPrefix("no.", at: at), isDigit(at + 3),
            !TextSpan.isLatin(character(at - 1))
        {
            let text = digits(at + 3)
            output += spell(text) + "号"
            at += 3 + text.count
            return true
        }
        let link = hasPrefix("www.", at: at) || hasPrefix("http", at: at)
        while TextSpan.isLatin(character(at)) || "'’".contains(character(at)) && TextSpan.isLatin(character(at + 1))
            || character(at) == "." && TextSpan.isLatin(character(at + 1))
        {
            if character(at) == "." {
                output += link || character(at + 2) != "." ? "点" : " "
            } else {
                output.append(character(at))
            }
            at += 1
        }
        return true
    }

    mutating func readSign() {
        let sign = character(at)
        at += 1
        if let word = UnitNames.signs[sign] {
            output += word
        } else if TextSpan.isHan(sign) || TextSpan.pause(of: sign) != nil || sign == " " || sign.isNumber == false {
            output.append(sign)
        } else if let value = sign.wholeNumberValue {
            output += HanNumber.spell(integer: value)
        }
    }
}
