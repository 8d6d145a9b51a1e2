import Hear
import Language
import Tensors
import Think

/// Meaning, ready: the domain in force, its spoken grammar, the network, listed names, and the dialogue so far.
///
/// A value: copying it copies the dialogue, and shares the weights and the cache.
public struct ThinkRoom: Mind, Sendable {
    /// Sentences the grammar finds with less confidence than this count as not found.
    ///
    /// On commands of voices held out of
    /// training the right sentence lies above it; on speech about other things nine in ten best sentences lie below.
    public static let leastConfidence = 0.5

    let ears: HearRoom?
    let understander: Understander
    /// The domain in force.
    public let domain: Domain
    let names: NameSpelling?
    /// Speech with a lower directed score was not meant for the device: no intent, no reply, and the dialogue stays as it was.
    public var directedThreshold = 0.0
    /// What a learned domain goes by: the text, which is right most often.
    ///
    /// Of 155 turns of the car logs in voices that no training knows 91.0 % of the intents were right by text, 85.8 by
    /// both, 78.7 by sound alone.
    public var senses = Senses.text
    private let cache = UnderstandingCache()
    private var grammars: [Dialect: GrammarSearch] = [:]
    private var coming: (dialect: Dialect, grammar: Later<GrammarSearch>)?
    private var answers: [Expected: GrammarSearch] = [:]
    private var dialogue = Dialogue()
    private var context = UnderstanderContext()
    private let dialect: Dialect?
    private let hotWords: [String]

    private struct Expected: Hashable {
        var dialect: Dialect
        var intent: String
        var slot: String
    }

    /// Loads domains by name or path; none means the shipped car and home together.
    ///
    /// A learned domain stands alone.
    /// - Parameter names: Names for open slots, as the integrator lists them.
    public init(
        models: ModelDirectory, domains: [String] = [], precision: Precision = .int8, ears: HearRoom? = nil,
        dialect: Dialect? = nil, hotWords: [String] = [], names own: [NameList] = []
    ) throws {
        self.ears = ears
        self.dialect = dialect
        self.hotWords = hotWords
        domain = try Self.load(domains, models: models)
        understander = try Understander(models: models, domain: domain, precision: precision)
        let common = ears == nil ? [] : domain.names
        if own.isEmpty, common.isEmpty {
            names = nil
        } else {
            let frontEnd = try ears?.frontEnd ?? TextFrontEnd(directory: models.file("lexicon"))
            names = NameSpelling(own: own, common: common, frontEnd: frontEnd)
        }
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
    public var isLearned: Bool { domain.sentenceCount == 0 && !domain.isAdapted }

    /// How often a typed text had been understood before.
    public var cacheCounts: CacheCounts { cache.counts }

    /// Forgets the dialogue: the next turn is the first.
    public mutating func startSession() {
        dialogue = Dialogue()
        context = UnderstanderContext()
    }

    /// The dialogue as text, to be taken up later.
    public func savedDialogue(at now: Double) -> String { dialogue.saved(at: now) }

    /// Takes up a saved dialogue.
    /// - Parameter elapsed: Seconds since it was saved.
    public mutating func restoreDialogue(_ saved: String, at now: Double, elapsed: Double) throws(ThinkError) {
        dialogue = try Dialogue(saved: saved, at: now, elapsed: elapsed)
    }

    /// The meaning of a typed text, as the next turn of the dialogue.
    public mutating func understand(text: String, at now: Double = 0) -> Thought {
        let clock = ContinuousClock()
        let start = clock.now
        let (understander, dialect, context) = (understander, dialect, context)
        let understanding = cache.understanding(of: text, dialect: dialect, context: understander.remembered(context)) {
            understander.understand(text: text, dialect: dialect, context: context)
        }
        var thought = conclude(spelled(understanding), at: now, dialect: dialect)
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
        let reading = try SpokenReading(
            transcript: transcript, hits: found, answer: answer(heard.emissions, dialect: transcript.dialect, at: now),
            domain: domain)
        var understanding = understander.understand(
            text: reading.text, hits: reading.hits, states: heard.states, dialect: transcript.dialect,
            prosody: heard.prosody, tones: Self.tones(heard, transcript.dialect), context: context,
            spoken: SpokenEvidence(open: transcript.text, isConversing: dialogue.isConversing(at: now)), senses: senses)
        if let sureness = reading.answerConfidence { understanding.directed = max(understanding.directed, sureness) }
        var thought: Thought
        if understanding.directed < directedThreshold {
            understanding.intent = nil
            understanding.slots = []
            thought = Thought(understanding: understanding, dialect: transcript.dialect)
        } else {
            let settled = spelled(understanding, heard: heard, hits: found, at: now)
            thought = conclude(settled, at: now, dialect: transcript.dialect)
        }
        thought.syllables = transcript.syllables
        thought.audioSeconds = heard.audioSeconds
        thought.hearSeconds = heard.hearSeconds
        thought.thinkSeconds = (clock.now - start) / .seconds(1)
        return thought
    }

    /// Makes ready what the first speaker would otherwise wait for; copies made afterwards share it.
    public mutating func prepare(for dialect: Dialect) throws -> GrammarSearch? {
        names?.book.prepare()
        if self.dialect == nil || dialect == .sichuanese { ears?.open.prepareSichuanese() }
        return try grammar(for: dialect)
    }

    /// The spoken grammar of a dialect, compiled now unless it is ready; nil for a domain without sentences.
    public mutating func grammar(for dialect: Dialect) throws -> GrammarSearch? {
        if let ready = grammars[dialect] { return ready }
        guard let ears, domain.sentenceCount > 0 else { return nil }
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
        guard let ears, domain.sentenceCount > 0 else { return }
        let (domain, frontEnd, dialect) = (domain, ears.frontEnd, dialect ?? .mandarin)
        let grammar = Later(name: "ting-grammar") {
            try GrammarSearch(graph: domain.graph(for: dialect), frontEnd: frontEnd, dialect: dialect)
        }
        coming = (dialect, grammar)
    }

    /// What the end of the pitch is judged by; nothing in languages whose tones are other ones.
    private static func tones(_ heard: Heard, _ dialect: Dialect) -> [SpokenTone] {
        guard dialect == .mandarin else { return [] }
        return Syllables.tones(of: heard.emissions).map { SpokenTone(frame: $0.frame, tone: $0.tone) }
    }

    private mutating func search(
        _ emissions: Emissions, dialect: Dialect, ears: HearRoom
    ) throws -> [GrammarHit] {
        guard let grammar = try grammar(for: dialect) else { return [] }
        let open = ears.open
        return grammar.search(emissions, best: 5) { open.transcribe($0, dialect: dialect).text }
            .filter { $0.confidence >= Self.leastConfidence }
    }

    /// The bare answer that the emissions give to the question that was asked: 「二十四度」.
    private mutating func answer(_ emissions: Emissions, dialect: Dialect, at now: Double) throws -> GrammarHit? {
        guard let ears, let (intent, slot) = dialogue.expectation(at: now) else { return nil }
        let key = Expected(dialect: dialect, intent: intent, slot: slot)
        if answers[key] == nil {
            guard let graph = domain.answers(for: dialect, slot: slot, of: intent) else { return nil }
            answers[key] = try GrammarSearch(graph: graph, frontEnd: ears.frontEnd, dialect: dialect)
        }
        return answers[key]?.search(emissions, best: 1).first { $0.confidence >= Self.leastConfidence }
    }

    /// Own names in the place of typed ones that sound the same.
    private func spelled(_ understanding: Understanding) -> Understanding {
        guard let names, understanding.intent != nil, !isLearned else { return understanding }
        var result = understanding
        for (place, slot) in understanding.slots.enumerated() {
            guard case .text(let text) = slot.value, let outcome = names.spell(typed: text, slot: slot.name) else {
                continue
            }
            result.put(outcome, at: place, instead: text)
        }
        return result
    }

    /// Listed names in the place of what was written by ear.
    private func spelled(
        _ understanding: Understanding, heard: Heard, hits: [GrammarHit], at now: Double
    ) -> Understanding {
        guard let names, !isLearned else { return understanding }
        var result = understanding
        if understanding.intent == nil, let (intent, slot) = dialogue.expectation(at: now),
            names.book.slots.contains(slot),
            domain.value(of: slot, intent: intent, in: result.text) == .text(result.text),
            let outcome = names.spell(result.text, slot: slot, heard: heard.emissions)
        {
            result.text = outcome.name
            return result
        }
        for (place, slot) in understanding.slots.enumerated() {
            guard case .text(let text) = slot.value,
                let span = hits.first?.wildcards.first(where: { $0.name == slot.name })
            else { continue }
            if let outcome = names.spell(text, slot: slot.name, heard: heard.emissions.slice(span.frames)) {
                result.put(outcome, at: place, instead: text)
            } else if let sentence = names.respell(hits, slot: slot.name, heard: heard.emissions) {
                // Where another slot was spelled, too, it keeps its name.
                let isFirst = result.text == understanding.text
                result.put(sentence.outcome, at: place, instead: text)
                if isFirst { result.text = sentence.text }
            }
        }
        return result
    }

    private mutating func conclude(_ understanding: Understanding, at now: Double, dialect: Dialect?) -> Thought {
        context.record(understanding)
        guard !isLearned else { return Thought(understanding: understanding, dialect: dialect ?? .mandarin) }
        let spoken = dialect ?? .mandarin
        var turn = dialogue.advance(understanding, domain: domain, at: now, dialect: dialect)
        if let choice = understanding.choice, turn.frames.count == 1, let frame = turn.frames.first,
            frame[slot: choice.slot] == choice.options.first
        {
            dialogue.retract(at: now)
            turn = dialogue.offer(
                choice.options, for: choice.slot, of: frame, domain: domain, at: now, dialect: spoken)
        }
        if let reply = domain.skillReply(to: turn, text: understanding.text) {
            turn.reply = reply
            dialogue.note(reply: reply, at: now)
        }
        var settled = understanding
        if let frame = turn.frames.first {
            settled.intent = frame.intent
            settled.slots = frame.slots
        } else if turn.kind == .silent {
            // 「是」 with nothing asked is talk between people.
            settled.intent = nil
            settled.slots = []
        }
        return Thought(
            understanding: settled, frames: turn.frames.map { ($0.intent, $0.slots) }, dialect: spoken,
            reply: turn.reply.isEmpty ? nil : Saying(text: turn.reply, style: turn.style, dialect: spoken))
    }
}

extension Understanding {
    /// Writes a listed name into a slot and into the text.
    fileprivate mutating func put(_ outcome: NameSpelling.Outcome, at place: Int, instead old: String) {
        slots[place].value = .text(outcome.name)
        if let range = text.range(of: old) { text.replaceSubrange(range, with: outcome.name) }
        if !outcome.alike.isEmpty {
            choice = (slots[place].name, ([outcome.name] + outcome.alike).map { .text($0) })
        }
    }
}

extension String {
    /// Where another text first stands in this one.
    func range(of other: String) -> Range<String.Index>? {
        guard !other.isEmpty else { return nil }
        return indices.lazy.compactMap { start in
            self[start...].hasPrefix(other) ? start..<index(start, offsetBy: other.count) : nil
        }.first
    }
}
