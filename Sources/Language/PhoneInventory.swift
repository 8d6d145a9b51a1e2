/// The one list of units that Hear answers in and Speak is driven by.
///
/// Mandarin is written as initial and tonal final with zero-initial-free spelling (`wei2` is `uei2`; `ii` after z c s and
/// `iii` after zh ch sh r; tones 1–5), English as ARPAbet without stress behind `E_`, Cantonese as jyutping initial and
/// tonal final behind `Y_`.
public enum PhoneInventory {
    static let mandarinInitials = words("b p m f d t n l g k h j q x zh ch sh r z c s")
    static let mandarinFinals = words(
        """
        a ai an ang ao e ei en eng er o ong ou i ii iii ia ian iang iao ie in ing iong iou io \
        u ua uai uan uang uei uen ueng uo v van ve vn
        """)
    static let english = words(
        """
        AA AE AH AO AW AY B CH D DH EH ER EY F G HH IH IY JH K L M N NG OW OY P R S SH T TH UH UW V W Y Z ZH
        """)
    static let cantoneseInitials = words("b p m f d t n l g k ng h gw kw w z c s j")
    static let cantoneseFinals = words(
        """
        aa aai aak aam aan aang aap aat aau ai ak am an ang ap at au e ei ek em en eng eoi eon eot ep eu i ik im in ing \
        ip it iu m ng o oe oek oeng oi ok on ong ot ou u ui uk un ung ut yu yun yut
        """)

    /// All units; index 0 is the CTC blank.
    public static let units: [String] = {
        var all = ["<b>"] + mandarinInitials
        for final in mandarinFinals { for tone in 1...5 { all.append("\(final)\(tone)") } }
        all += english.map { "E_" + $0 }
        all += cantoneseInitials.map { "Y_" + $0 }
        for final in cantoneseFinals { for tone in 1...6 { all.append("Y_\(final)\(tone)") } }
        return all
    }()

    static let indices: [String: Int] = Dictionary(
        units.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })

    /// Position of a unit in `units`, or nil.
    public static func index(of unit: String) -> Int? { indices[unit] }

    /// Whether a unit is an English vowel, which bears a syllable and its stress.
    public static func isEnglishVowel(_ unit: String) -> Bool {
        unit.hasPrefix("E_") && "AEIOU".contains(unit.dropFirst(2).first ?? "x")
    }

    static func words(_ line: String) -> [String] { line.split(separator: " ").map(String.init) }
}
