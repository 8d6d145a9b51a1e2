/// What is spoken; the raw value is the tag used on the command line and in domain files.
public enum Dialect: String, Sendable, CaseIterable {
    /// Standard Mandarin.
    case mandarin = "zh"
    /// Cantonese, written in jyutping.
    case cantonese = "yue"
    /// Sichuanese: Mandarin phones with the tones of Chengdu.
    case sichuanese = "sc"
    /// English.
    case english = "en"
}
