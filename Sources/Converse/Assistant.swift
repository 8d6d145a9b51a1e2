import Language
import Speak
import Tensors
import Think

/// The whole pipeline on recordings: hear, think, speak.
public final class Assistant {
    /// The ears.
    public let ears: HearRoom
    /// The mind, with its dialogue.
    public private(set) var mind: ThinkRoom
    /// The voice.
    public let voice: SpeakRoom

    /// Loads everything; `domains` empty means the shipped ones, `names` are the integrator's own for open slots.
    ///
    /// - Parameters:
    ///   - falseActionsPerHour: What the directed threshold is chosen by; nil lets everything through.
    ///   - senses: What a learned domain goes by; nil as `ThinkRoom` does by itself.
    public init(
        models: ModelDirectory, domains: [String] = [], precision: Precision = .int8, dialect: Dialect? = nil,
        names: [NameList] = [], falseActionsPerHour: Double? = DirectedTable.usualLimit, senses: Senses? = nil
    ) throws {
        let frontEnd = try TextFrontEnd(directory: models.file("lexicon"))
        ears = try HearRoom(models: models, precision: precision, frontEnd: frontEnd)
        mind = try ThinkRoom(
            models: models, domains: domains, precision: precision, ears: ears, dialect: dialect, names: names)
        if let senses { mind.senses = senses }
        if let limit = falseActionsPerHour {
            mind.directedThreshold = try DirectedTable(path: models.file("directed.tsv")).threshold(
                falseActionsPerHour: limit)
        }
        // The grammar is ready by the time that the recording was heard.
        mind.prepareGrammar()
        voice = try SpeakRoom(models: models, precision: precision, frontEnd: frontEnd)
    }

    /// Forgets the dialogue: the next recording is the first.
    public func startSession() { mind.startSession() }

    /// One turn: what an utterance means, and the spoken reply.
    ///
    /// Speech that was not meant for the device has no intent, no reply and no samples. `now` is the session's clock.
    public func answer(_ heard: Heard, at now: Double, voice voiceName: String? = nil) throws -> Answer {
        let clock = ContinuousClock()
        let thought = try mind.consider(heard, at: now)
        var answer = Answer(thought: thought)
        answer.seconds.audio = heard.audioSeconds
        answer.seconds.hear = heard.hearSeconds
        answer.seconds.think = thought.thinkSeconds
        guard let saying = thought.reply else { return answer }
        let start = clock.now
        var stream = try voice.stream(saying, voice: voice.name(for: saying, configured: voiceName))
        while let chunk = stream.next() {
            if answer.speech.isEmpty { answer.seconds.firstAudio = (clock.now - start) / .seconds(1) }
            answer.speech += chunk
        }
        answer.seconds.speak = (clock.now - start) / .seconds(1)
        return answer
    }
}

/// What came of one utterance.
public struct Answer {
    /// Meaning, frames, syllables, dialect and the text of the reply.
    public let thought: Thought
    /// The spoken reply, 24 kHz; empty when there is nothing to say.
    public var speech: [Float] = []
    /// Where the time went.
    public var seconds = Seconds()

    /// Seconds of audio and of work.
    public struct Seconds: Sendable {
        /// The utterance's length.
        public var audio = 0.0
        /// Features and encoder.
        public var hear = 0.0
        /// Searches, understanding and dialogue.
        public var think = 0.0
        /// The whole reply.
        public var speak = 0.0
        /// From the reply's text to its first samples.
        public var firstAudio = 0.0
    }
}
