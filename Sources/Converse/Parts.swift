import Language
import Think

/// What the ears noticed in a stretch of sound.
public enum EarEvent: Sendable, Equatable {
    /// Somebody began to speak.
    case began
    /// The utterance is over and can be taken.
    case ended
    /// What began was too short to be speech.
    case dropped
}

/// Gate, recogniser and endpointing: samples in, utterances out.
public protocol Ears {
    /// What is known of one utterance.
    associatedtype Evidence

    /// Hears 16 kHz mono samples, any number.
    mutating func listen(_ samples: [Float]) throws -> [EarEvent]
    /// The syllables heard so far in the utterance that is going on.
    var partial: [String] { get }
    /// The utterance that ended; the ears are then ready for the next.
    mutating func take() throws -> Evidence
    /// Forgets the utterance that is going on.
    mutating func forget()
}

/// Meaning: from what was heard to what is meant and answered.
public protocol Mind {
    /// What the ears give.
    associatedtype Evidence

    /// Finds the meaning; `now` is the session's clock, in seconds.
    mutating func consider(_ evidence: Evidence, at now: Double) throws -> Thought
}

/// The voice: text to samples, piece by piece.
public protocol Voice {
    /// A reply in the making.
    associatedtype Reply: ReplyStream

    /// Begins to synthesise.
    mutating func begin(_ saying: Saying) throws -> Reply
}

/// A reply that comes in pieces.
public protocol ReplyStream {
    /// The next samples, mono at the voice's rate; nil at the end.
    mutating func next() throws -> [Float]?
}

/// Something to be said.
public struct Saying: Sendable, Equatable {
    /// What.
    public var text: String
    /// `neutral`, `question`, `exclaim`, `happy`, `sad` or `angry`.
    public var style: String
    /// In which dialect.
    public var dialect: Dialect
    /// By which voice; nil for the configured one.
    public var voice: String?

    /// A sentence or more.
    public init(text: String, style: String = "neutral", dialect: Dialect = .mandarin, voice: String? = nil) {
        self.text = text
        self.style = style
        self.dialect = dialect
        self.voice = voice
    }
}

/// What became of one utterance.
public struct Thought: Sendable {
    /// Meaning, slots, confidence; its `intent` is nil when nothing was meant for the device.
    public var understanding: Understanding
    /// Every intent to act on: more than one when a sentence asked for several things.
    public var frames: [(intent: String, slots: [(name: String, value: SlotValue)])]
    /// The tonal syllables heard.
    public var syllables: [String]
    /// In which dialect it was said.
    public var dialect: Dialect
    /// What to answer; nil for silence.
    public var reply: Saying?
    /// Seconds of audio in the utterance.
    public var audioSeconds: Double
    /// Seconds from the end of the utterance to its text.
    public var hearSeconds: Double
    /// Seconds from the text to the meaning.
    public var thinkSeconds: Double

    /// A thought; what is not known has the neutral value.
    public init(
        understanding: Understanding, frames: [(intent: String, slots: [(name: String, value: SlotValue)])] = [],
        syllables: [String] = [], dialect: Dialect = .mandarin, reply: Saying? = nil, audioSeconds: Double = 0,
        hearSeconds: Double = 0, thinkSeconds: Double = 0
    ) {
        self.understanding = understanding
        self.frames = frames
        self.syllables = syllables
        self.dialect = dialect
        self.reply = reply
        self.audioSeconds = audioSeconds
        self.hearSeconds = hearSeconds
        self.thinkSeconds = thinkSeconds
    }
}
