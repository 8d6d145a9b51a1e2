extension PhoneInventory {
    /// The syllables that a row of units spells: numbered pinyin, jyutping.
    ///
    /// A run of English phones becomes one item joined with hyphens, a lone initial or final is kept as it stands.
    public static func syllables(of units: [String]) -> [String] {
        var result: [String] = []
        var position = 0
        while position < units.count {
            let unit = units[position]
            let next = position + 1 < units.count ? units[position + 1] : ""
            if unit.hasPrefix("E_") {
                var run: [Substring] = []
                while position < units.count, units[position].hasPrefix("E_") {
                    run.append(units[position].dropFirst(2))
                    position += 1
                }
                result.append(run.joined(separator: "-"))
                continue
            }
            if unit.hasPrefix("Y_") {
                let toned = unit.last?.isNumber == true
                if !toned, next.hasPrefix("Y_"), next.last?.isNumber == true {
                    result.append(String(unit.dropFirst(2) + next.dropFirst(2)))
                    position += 2
                } else {
                    result.append(String(unit.dropFirst(2)))
                    position += 1
                }
                continue
            }
            if unit.last?.isNumber != true, next.last?.isNumber == true, !next.hasPrefix("Y_") {
                result.append(Pinyin.syllable(initial: unit, final: next))
                position += 2
            } else {
                result.append(unit.last?.isNumber == true ? Pinyin.syllable(initial: "", final: unit) : unit)
                position += 1
            }
        }
        return result
    }
}
