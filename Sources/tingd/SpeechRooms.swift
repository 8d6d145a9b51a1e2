import Converse
import Speak

/// What the daemon needs of Hear, Think and Speak, and nothing more of them; tests put fakes here.
protocol SpeechRooms: Sendable {
    /// What can be asked of these rooms.
    var offer: SpeechOffer { get }
    /// How often the caches answered since the last reload.
    var cacheCounts: [(name: String, counts: CacheCounts)] { get }
    /// What the voice's guards have seen.
    var speech: SpeechStatistics { get }
    /// Ears for one recording that a client sends.
    func makeTranscriber(language: String?, hotWords: [String]) throws -> any Transcriber
    /// A dialogue of its own for one client.
    func makeDialogue() throws -> any DialoguePartner
    /// The voice, for one text.
    func makeReply(_ saying: Saying) throws -> any ReplyStream
    /// The conversation at the microphone.
    func makeConversation(_ settings: Configuration) throws -> any Conversing
    /// The same weights with domains and settings read again.
    func reloaded(with settings: Configuration) throws -> any SpeechRooms
}

/// Takes 16 kHz samples as they come and gives the text at the end.
protocol Transcriber {
    mutating func accept(_ samples: [Float]) throws
    mutating func finish() throws -> (text: String, language: String)
}

/// Understands typed or transcribed text, turn by turn.
protocol DialoguePartner {
    mutating func understand(_ text: String, now: Double) throws -> Thought
}

/// Names and numbers for `info`, `ting-state` and logs.
struct SpeechOffer: Sendable {
    var voiceRate = 24_000
    var voices: [(name: String, languages: [String])] = []
    var languages = ["zh", "yue", "sc", "en"]
    var domains: [String] = []
    var intentCount = 0
    /// Remarks of loading, one line each: sentences that cannot be pronounced, and the like.
    var remarks: [String] = []
}
