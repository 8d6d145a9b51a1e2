import Converse
import Hear
import Language
import Sound
import Speak
import Synchronization
import Tensors
import Think

/// The real rooms: weights and lexicons loaded once, domains and settings exchanged at a reload.
final class Rooms: SpeechRooms {
    let offer: SpeechOffer
    var speech: SpeechStatistics { voice.synthesiser.statistics }
    private let ears: HearRoom
    private let gate: GateModel
    private let mind: ThinkRoom
    private let voice: SpeakRoom
    private let models: ModelDirectory
    private let precision: Precision
    private let settings: Configuration
    private let spoken = SpeechCache()
    private let directed: DirectedTable
    /// Tells a whole command from half of one, so that a pause after a whole one may be short.
    private let hints: EndpointHints

    /// Loads everything that the settings name.
    convenience init(settings: Configuration, models path: String?) throws {
        let models = try ModelDirectory.locate(path ?? settings.modelDirectory)
        let precision: Precision = settings.precision == "float32" ? .float32 : .int8
        let frontEnd = try TextFrontEnd(directory: models.file("lexicon"))
        try self.init(
            settings: settings, models: models, precision: precision,
            ears: HearRoom(models: models, precision: precision, frontEnd: frontEnd),
            gate: GateModel(models: models, precision: precision),
            voice: SpeakRoom(models: models, precision: precision, frontEnd: frontEnd))
    }

    private init(
        settings: Configuration, models: ModelDirectory, precision: Precision, ears: HearRoom, gate: GateModel,
        voice: SpeakRoom, isReload: Bool = false
    ) throws {
        self.settings = settings
        self.models = models
        self.precision = precision
        self.ears = ears
        self.gate = gate
        self.voice = voice
        // A voice that is not there is told now and not at the first reply.
        _ = try voice.synthesiser.voice(named: settings.voice)
        let dialect = settings.language == "auto" ? nil : Dialect(rawValue: settings.language)
        var mind = try ThinkRoom(
            models: models, domains: settings.domains, precision: precision, ears: ears, dialect: dialect,
            hotWords: settings.hotWords, names: settings.nameLists.map { try NameList.read($0) })
        directed = try DirectedTable(path: models.file("directed.tsv"))
        var offer = SpeechOffer(voiceRate: SpeechStream.sampleRate)
        offer.voices = voice.synthesiser.voices.map { ($0.name, [$0.dialect.rawValue]) }
        offer.domains = settings.domains
        offer.intentCount = mind.domain.intents.count
        if isReload {
            // Whoever changed a domain wants to hear what is doubtful in it; a start need not wait for that.
            let paths = settings.domains.map { ThinkRoom.domainPath($0, models: models) }
            offer.remarks = ThinkRoom.problems(inFiles: paths, frontEnd: ears.frontEnd).map(\.description)
        }
        self.offer = offer
        hints = EndpointHints(
            grammar: try mind.prepare(for: dialect ?? .mandarin), open: ears.open)
        self.mind = mind
    }

    var cacheCounts: [(name: String, counts: CacheCounts)] {
        [("understanding", mind.cacheCounts), ("speech", spoken.counts)]
    }

    func makeTranscriber(language: String?, hotWords: [String]) throws -> any Transcriber {
        try RoomTranscriber(ears: ears, dialect: language.flatMap { Dialect(rawValue: $0) }, hotWords: hotWords)
    }

    func makeDialogue() throws -> any DialoguePartner { RoomDialogue(mind: mind) }

    func makeReply(_ saying: Saying) throws -> any ReplyStream {
        try LiveVoice(room: voice, voice: settings.voice, rate: settings.rate, cache: spoken).begin(saying)
    }

    func makeConversation(_ settings: Configuration) throws -> any Conversing {
        var endpoints = Endpointer.Configuration()
        endpoints.onsetProbability = settings.gateThreshold
        endpoints.offsetProbability = min(endpoints.offsetProbability, settings.gateThreshold)
        endpoints.endSilenceSeconds = settings.endSilenceSeconds
        var turns = TurnState.Configuration()
        turns.allowsBargeIn = settings.allowsBargeIn
        // People pause inside a sentence too, so a whole command is not cut off at once.
        endpoints.completeSilenceSeconds = min(0.4, settings.endSilenceSeconds)
        endpoints.clauseSilenceSeconds = max(endpoints.clauseSilenceSeconds, settings.endSilenceSeconds)
        endpoints.incompleteSilenceSeconds = max(endpoints.incompleteSilenceSeconds, settings.endSilenceSeconds)
        let listening = try LiveEars(room: ears, gate: gate, configuration: endpoints) { [hints] in hints.hint($0) }
        var thinking = LiveMind(
            mind: mind, speaksReplies: settings.speaksReplies, store: settings.keepsDialogue ? DialogueStore() : nil)
        thinking.mind.directedThreshold = directed.threshold(falseActionsPerHour: settings.falseActionsPerHour)
        let speaking = LiveVoice(room: voice, voice: settings.voice, rate: settings.rate, cache: spoken)
        return Session(ears: listening, mind: thinking, voice: speaking, configuration: turns)
    }

    func reloaded(with settings: Configuration) throws -> any SpeechRooms {
        try Rooms(
            settings: settings, models: models, precision: precision, ears: ears, gate: gate, voice: voice,
            isReload: true)
    }
}

/// The mind at the microphone, with its dialogue on disk where that is wanted.
struct LiveMind: Mind {
    var mind: ThinkRoom
    let speaksReplies: Bool
    let store: DialogueStore?

    init(mind: ThinkRoom, speaksReplies: Bool, store: DialogueStore?) {
        self.mind = mind
        self.speaksReplies = speaksReplies
        self.store = store
        store?.restore(into: &self.mind, at: monotonicSeconds())
    }

    mutating func consider(_ evidence: Heard, at now: Double) throws -> Thought {
        var thought = try mind.consider(evidence, at: now)
        if !speaksReplies { thought.reply = nil }
        store?.save(mind, at: now)
        return thought
    }
}

/// One client's recording, heard as it comes.
private struct RoomTranscriber: Transcriber {
    private let dialect: Dialect?
    private var dictation: Dictation
    private var level = FrontEnd()
    private var count = 0

    init(ears: HearRoom, dialect: Dialect?, hotWords: [String]) throws {
        self.dialect = dialect
        dictation = try Dictation(recogniser: ears.recogniser, search: ears.open, dialect: dialect, hotWords: hotWords)
    }

    mutating func accept(_ samples: [Float]) throws {
        count += samples.count
        try dictation.accept(level.process(samples))
    }

    mutating func finish() throws -> (text: String, language: String) {
        guard count >= 1600 else { return ("", dialect?.rawValue ?? "zh") }
        try dictation.accept([Float](repeating: 0, count: 3200))
        let transcript = dictation.finish()
        return (transcript.text, transcript.dialect.rawValue)
    }
}

/// One client's dialogue.
private struct RoomDialogue: DialoguePartner {
    var mind: ThinkRoom

    mutating func understand(_ text: String, now: Double) throws -> Thought {
        mind.understand(text: text, at: now)
    }
}
