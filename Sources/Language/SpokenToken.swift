/// What follows a token in speech.
public enum Pause: Int, Sendable, Comparable, CaseIterable {
    /// Speech runs on.
    case none
    /// A short break: comma, colon, a bracket.
    case minor
    /// The end of a statement.
    case major
    /// The end of a question.
    case question
    /// The end of an exclamation.
    case exclaim

    /// Ordered by strength as declared.
    public static func < (left: Pause, right: Pause) -> Bool { left.rawValue < right.rawValue }

    /// Whether a sentence ends here.
    public var endsSentence: Bool { self >= .major }
}

/// One word as it is spoken.
public struct SpokenToken: Sendable, Hashable {
    /// The word as written, after normalisation.
    public var text: String
    /// Numbered pinyin ("zhong1"), jyutping, or the word itself in lower case for English.
    public var syllables: [String]
    /// Members of `PhoneInventory.units`; English vowels have their stress behind them when the word is to be spoken.
    public var units: [String]
    /// The break after the word.
    public var pause: Pause

    /// A spoken word.
    public init(text: String, syllables: [String], units: [String], pause: Pause = .none) {
        self.text = text
        self.syllables = syllables
        self.units = units
        self.pause = pause
    }
}
