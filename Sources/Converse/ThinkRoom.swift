import Hear
import Language
import Tensors
import Think

/// Meaning, ready: the domain in force, its spoken grammar, the network, and the dialogue so far.
///
/// A value: copying it copies the dialogue, and shares the weights.
public struct ThinkRoom: Mind, Sendable {
    /// Sentences the grammar finds with less confidence than this count as not found.
    ///
    /// On commands of voices held out of
    /// training the right sentence lies above it; on speech about other things nine in ten best sentences lie below.
    public static let leastConfidence = 0.5

    private let ears: HearRoom?
    private let understander: Understander
    /// The domain in force.
    public let domain: Domain
    private var grammars: [Dialect: GrammarSearch] = [:]
    private var coming: (dialect: Dialect, grammar: Later<GrammarSearch>)?
    private var dialogue = Dialogue()
    private var context = UnderstanderContext()
    private let dialect: Dialect?
    private let hotWords: [String]

    /// Loads domains by name or path; none means the shipped car and home together.
    ///
    /// A learned domain stands alone.
    public init(
        models: ModelDirectory, domains: [String] = [], precision: Precision = .int8, ears: HearRoom? = nil,
        dialect: Dialect? = nil, hotWords: [String] = []
    ) throws {
        self.ears = ears
        self.dialect = dialect
        self.hotWords = hotWords
        domain = try Self.load(domains, models: models)
        understander = try Understander(models: models, domain: domain, precision: precision)
    }

    /// The file of a domain: a path as it is, a bare name among the shipped ones.
    public static func domainPath(_ name: String, models: ModelDirectory) -> String {
        name.contains("/") || name.contains(".") ? name : models.file("domains/\(name).yaml")
    }

    /// Written domains, merged in the given order.
    public static func load(_ names: [String], models: ModelDirectory) throws(ThinkError) -> Domain {
        let chosen = names.isEmpty ? ["car", "home"] : names
        return try Domain.load(paths: chosen.map { domainPath($0, models: models) })
    }

    /// Everything that can be wrong with domain files, pronunciation included.
    public static func problems(inFiles paths: [String], frontEnd: TextFrontEnd) -> [DomainProblem] {
        DomainCheck(canPronounce: { word, dialect in !frontEnd.units(of: word, dialect: dialect).isEmpty })
            .problems(inFiles: paths)
    }

    /// Whether the network alone decides: a learned domain has no sentences, and no dialogue of its own.
    private var isLearned: Bool { domain.sentenceCount == 0 }

    /// Forgets the dialogue: the next turn is the first.
    public mutating func startSession() {
        dialogue = Dialogue()
        context = UnderstanderContext()
    }

    /// The meaning of a typed text, as the next turn of the dialogue.
    public mutating func understand(text: String, at now: Double = 0) -> Thought {
        let clock = ContinuousClock()
        let start = clock.now
        var thought = conclude(
            understander.understand(text: text, dialect: dialect, context: context), at: now, dialect: dialect)
        thought.thinkSeconds = (clock.now - start) / .seconds(1)
        return thought
    }

    /// The meaning of what the ears heard.
    public mutating func consider(_ heard: Heard, at now: Double) throws -> Thought {
        guard let ears else { throw ConverseError.noEars }
        let clock = ContinuousClock()
        let start = clock.now
        let transcript = ears.transcribe(heard, dialect: dialect, hotWords: hotWords)
        let found = try search(heard.emissions, dialect: transcript.dialect, ears: ears)
        let hits = preferring(transcript, to: found)
        let understanding = understander.understand(
            text: hits.first?.text ?? transcript.text, hits: hits, states: heard.states, dialect: transcript.dialect,
            prosody: heard.prosody, context: context)
        var thought = conclude(understanding, at: now, dialect: transcript.dialect)
        thought.syllables = transcript.syllables
        thought.audioSeconds = heard.audioSeconds
        thought.hearSeconds = heard.hearSeconds
        thought.thinkSeconds = (clock.now - start) / .seconds(1)
        return thought
    }

    /// The spoken grammar of a dialect, compiled now unless it is ready; nil for a learned domain.
    ///
    /// Copies made afterwards share it, so that none of them lets its first speaker wait.
    public mutating func grammar(for dialect: Dialect) throws -> GrammarSearch? {
        if let ready = grammars[dialect] { return ready }
        guard let ears, !isLearned else { return nil }
        let made =
            if let coming, coming.dialect == dialect {
                try coming.grammar.value()
            } else {
                try GrammarSearch(graph: domain.graph(for: dialect), frontEnd: ears.frontEnd, dialect: dialect)
            }
        grammars[dialect] = made
        return made
    }

    /// Begins to compile the spoken grammar that will most likely be wanted, on another thread.
    public mutating func prepareGrammar() {
        guard let ears, !isLearned else { return }
        let (domain, frontEnd, dialect) = (domain, ears.frontEnd, dialect ?? .mandarin)
        let grammar = Later(name: "ting-grammar") {
            try GrammarSearch(graph: domain.graph(for: dialect), frontEnd: frontEnd, dialect: dialect)
        }
        coming = (dialect, grammar)
    }

    private mutating func search(
        _ emissions: Emissions, dialect: Dialect, ears: HearRoom
    ) throws -> [GrammarHit] {
        guard let grammar = try grammar(for: dialect) else { return [] }
        let open = ears.open
        return grammar.search(emissions, best: 5) { open.transcribe($0, dialect: dialect).text }
            .filter { $0.confidence >= Self.leastConfidence }
    }

    /// The hits with the open search's text before them where it says the same with an open slot.
    ///
    /// A name is spelled better with the words around it than cut out of them.
    private func preferring(
        _ transcript: Transcript, to hits: [GrammarHit]
    ) -> [(text: String, confidence: Double)] {
        let plain = hits.map { ($0.text, $0.confidence) }
        guard let first = hits.first, !first.wildcards.isEmpty,
            let spelled = domain.match(first.text, dialect: transcript.dialect).first,
            let open = domain.match(transcript.text, dialect: transcript.dialect).first, open.intent == spelled.intent,
            open.slots.map(\.name) == spelled.slots.map(\.name)
        else { return plain }
        return [(transcript.text, first.confidence)] + plain
    }

    private mutating func conclude(_ understanding: Understanding, at now: Double, dialect: Dialect?) -> Thought {
        context.record(understanding)
        guard !isLearned else { return Thought(understanding: understanding, dialect: dialect ?? .mandarin) }
        let turn = dialogue.advance(understanding, domain: domain, at: now, dialect: dialect)
        var settled = understanding
        if let frame = turn.frames.first {
            settled.intent = frame.intent
            settled.slots = frame.slots
        }
        let spoken = dialect ?? .mandarin
        return Thought(
            understanding: settled, frames: turn.frames.map { ($0.intent, $0.slots) }, dialect: spoken,
            reply: turn.reply.isEmpty ? nil : Saying(text: turn.reply, style: turn.style, dialect: spoken))
    }
}
