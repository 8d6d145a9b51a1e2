/// Jyutping and the units it stands for.
public enum Jyutping {
    private static let initials = Set(PhoneInventory.cantoneseInitials)
    private static let finals = Set(PhoneInventory.cantoneseFinals)
    // Finals of loan words and sound words that the inventory does without, as the nearest it has.
    private static let near: [String: String] = [
        "a": "aa", "oet": "oek", "um": "ung", "up": "uk", "et": "ek", "om": "am", "op": "ap", "oen": "oeng",
        "yung": "ung", "yuk": "uk", "oei": "eoi",
    ]

    /// Units of one syllable, "gwong2" → `["Y_gw", "Y_ong2"]`; nil if it is no syllable.
    public static func units(_ syllable: String) -> [String]? {
        let lower = syllable.lowercased()
        guard let tone = lower.last, "123456".contains(tone) else { return nil }
        let body = String(lower.dropLast())
        switch body {
        case "m", "ng": return ["Y_\(body)\(tone)"]
        case "hm": return ["Y_h", "Y_m\(tone)"]
        case "hng": return ["Y_h", "Y_ng\(tone)"]
        default: break
        }
        var initial = String(body.prefix(2))
        if !initials.contains(initial) || body.count == 2 { initial = String(body.prefix(1)) }
        if !initials.contains(initial) || initial.count == body.count { initial = "" }
        let written = String(body.dropFirst(initial.count))
        let final = near[written] ?? written
        guard finals.contains(final) else { return nil }
        return (initial.isEmpty ? [] : ["Y_" + initial]) + ["Y_\(final)\(tone)"]
    }
}
