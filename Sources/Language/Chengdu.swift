/// Sichuanese as regular correspondences from Mandarin.
public enum Chengdu {
    // Chengdu's four tones are 55, 21, 53 and 213: what they sound like in Mandarin tones is high level, low, falling
    // and rising.
    private static let tones: [Character: Character] = ["1": "1", "2": "3", "3": "4", "4": "2", "5": "5"]
    private static let flat: [String: String] = ["zh": "z", "ch": "c", "sh": "s"]

    /// The Mandarin tone that sounds like a Chengdu tone (1…5).
    public static func soundingTone(_ tone: Character) -> Character { tones[tone] ?? "5" }

    /// The regular Chengdu form of a Mandarin syllable, spelled as Mandarin with the tone it sounds like: "shi2" → "si3".
    ///
    /// No retroflex except r, `eng` and `ing` become `en` and `in` (`ong` after a labial), n becomes l except before i
    /// and ü, `hu` becomes `fu`, and `ge ke he` become `guo kuo huo`.
    public static func syllable(_ mandarin: String) -> String {
        guard let last = mandarin.last else { return mandarin }
        let tone = last.isNumber ? last : "5"
        return segments(last.isNumber ? String(mandarin.dropLast()) : mandarin) + String(soundingTone(tone))
    }

    /// The regular Chengdu form of a toneless Mandarin syllable.
    static func segments(_ mandarin: String) -> String {
        var body = mandarin
        let erhua = body.count > 2 && body.hasSuffix("r")
        if erhua { body.removeLast() }
        if let plain = flat[String(body.prefix(2))] { body = plain + body.dropFirst(2) }
        if body.hasSuffix("eng") {
            if let first = body.first, "bpmf".contains(first) {
                body = "\(first)ong"
            } else {
                body = body == "weng" ? "ong" : String(body.dropLast())
            }
        } else if body.hasSuffix("ing") {
            body.removeLast()
        }
        switch body {
        case "hu": body = "fu"
        case "ge", "ke", "he": body = "\(body.prefix(1))uo"
        default:
            if body.hasPrefix("n"), body.count > 1, !["i", "v", "ü"].contains(String(body.dropFirst().prefix(1))) {
                body = "l" + body.dropFirst()
            }
        }
        return erhua ? body + "r" : body
    }
}
