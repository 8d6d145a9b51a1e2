import Language

/// What was said, written down.
public struct Transcript: Sendable, Equatable {
    /// Han characters, with Latin words set off by spaces.
    public var text: String
    /// The units of the words found.
    public var units: [String]
    /// The syllables: numbered pinyin, jyutping, lower-case English words.
    public var syllables: [String]
    /// The language spoken.
    public var dialect: Dialect
    /// 0…1: how sure the search is of the whole.
    public var confidence: Double

    /// A transcript of given parts.
    public init(text: String, units: [String], syllables: [String], dialect: Dialect, confidence: Double) {
        self.text = text
        self.units = units
        self.syllables = syllables
        self.dialect = dialect
        self.confidence = confidence
    }
}
