/// Numbered pinyin and the units it stands for.
public enum Pinyin {
    /// A syllable taken apart.
    struct Parts: Hashable {
        var initial: String
        var final: String
        var tone: Character
        var erhua: Bool
    }

    private static let zeroInitial: [String: String] = [
        "yi": "i", "ya": "ia", "yan": "ian", "yang": "iang", "yao": "iao", "ye": "ie", "yin": "in", "ying": "ing",
        "yong": "iong", "you": "iou", "yo": "io", "yu": "v", "yuan": "van", "yue": "ve", "yun": "vn",
        "wu": "u", "wa": "ua", "wai": "uai", "wan": "uan", "wang": "uang", "wei": "uei", "wen": "uen",
        "weng": "ueng", "wo": "uo", "n": "en", "ng": "en", "m": "en", "hm": "en", "hng": "eng", "ê": "ei", "r": "er",
        "yai": "ai",
    ]
    private static let written: [String: String] = Dictionary(
        zeroInitial.filter { ($0.key.first == "y" || $0.key.first == "w") && $0.key != "yai" }.map { ($1, $0) },
        uniquingKeysWith: { first, _ in first })
    private static let contracted: [String: String] = ["ui": "uei", "un": "uen", "iu": "iou", "ue": "ve"]
    private static let initials = Set(PhoneInventory.mandarinInitials)
    private static let finals = Set(PhoneInventory.mandarinFinals)

    /// Takes "zhong1" (or "lv4", "lü4", "dianr3" with erhua; no digit is the neutral tone 5) apart; nil if it is none.
    static func parts(_ syllable: String) -> Parts? {
        var body = syllable.lowercased().replacing("u:", with: "v").replacing("ü", with: "v")
        var tone: Character = "5"
        if let last = body.last, last.isASCII, last.isNumber {
            guard "012345".contains(last) else { return nil }
            tone = last == "0" ? "5" : last
            body.removeLast()
        }
        let erhua = body.count > 2 && body.hasSuffix("r")
        if erhua { body.removeLast() }
        if let final = zeroInitial[body] { return Parts(initial: "", final: final, tone: tone, erhua: erhua) }
        var initial = String(body.prefix(2))
        if !initials.contains(initial) { initial = String(body.prefix(1)) }
        if !initials.contains(initial) { initial = "" }
        var final = String(body.dropFirst(initial.count))
        if ["j", "q", "x"].contains(initial), final.hasPrefix("u") { final = "v" + final.dropFirst() }
        final = contracted[final] ?? final
        if final == "i" {
            if ["z", "c", "s"].contains(initial) { final = "ii" }
            if ["zh", "ch", "sh", "r"].contains(initial) { final = "iii" }
        } else if final == "ê" {
            final = "ei"
        }
        return finals.contains(final) ? Parts(initial: initial, final: final, tone: tone, erhua: erhua) : nil
    }

    /// Units of one numbered syllable, "zhong1" → `["zh", "ong1"]`; erhua adds `er5`.
    ///
    /// Nil if it is no syllable.
    public static func units(_ syllable: String) -> [String]? {
        guard let parts = parts(syllable) else { return nil }
        var units = parts.initial.isEmpty ? [] : [parts.initial]
        units.append("\(parts.final)\(parts.tone)")
        if parts.erhua { units.append("er5") }
        return units
    }

    /// The syllable that an initial (or "") and a tonal final spell, "zh" and "ong1" → "zhong1".
    public static func syllable(initial: String, final: String) -> String {
        var body = String(final.dropLast())
        let tone = final.suffix(1)
        guard !initial.isEmpty else { return (written[body] ?? body) + tone }
        switch body {
        case "ii", "iii": body = "i"
        case "uei": body = "ui"
        case "uen": body = "un"
        case "iou": body = "iu"
        default:
            if ["j", "q", "x"].contains(initial), body.hasPrefix("v") { body = "u" + body.dropFirst() }
        }
        return initial + body + tone
    }

    /// The tone digit of a numbered syllable, or nil.
    public static func tone(of syllable: String) -> Int? { syllable.last?.wholeNumberValue }

    /// The same syllable with another tone.
    public static func withTone(_ tone: Int, _ syllable: String) -> String {
        (syllable.last?.isNumber == true ? String(syllable.dropLast()) : syllable) + String(tone)
    }
}
