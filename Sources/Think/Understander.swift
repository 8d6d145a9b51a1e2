import Glibc
import Language
import Tensors

/// What was meant, from a text, from what the spoken search heard, and from Hear's states.
///
/// A written domain decides by its sentences, and the network says whether the speech was meant for the device and what
/// kind of act it was. A learned domain is one without sentences whose labels the weights have, an adapted one has examples
/// from which `ting adapt` learned prompts; in both the network decides.
public final class Understander: Sendable {
    /// From this probability on a command counts as asked by its pitch.
    ///
    /// Of 861 told clips of people and voices held out 7 lie above it, of 2,083 asked ones (synthetic) 601; at 0.85 one told
    /// word of three syllables in thirteen would.
    private static let surelyAsked: Float = 0.93

    private let model: NetworkModel
    private let domain: Domain
    private let labels: NetworkVocabulary.Labels?
    private let condition: Int
    private let prompt: LearnedPrompt?

    /// Whether the network alone decides, because the domain was learned and has no sentences.
    public var isLearned: Bool { labels != nil }

    /// Whether Hear's states count: the attention into them learned with the learned domains, and the directed score and the
    /// prompts of the others were fitted without it.
    private var hasStates: Bool { labels != nil && prompt == nil }

    /// Understands a domain; the network is conditioned on the domain's name where it knows it.
    ///
    /// Throws when `think.safetensors` is missing or wrong.
    public init(models: ModelDirectory, domain: Domain, precision: Precision = .int8) throws(ThinkError) {
        let path = models.file("think.safetensors")
        let file: WeightFile
        do {
            file = try WeightFile(path: path)
        } catch {
            throw .model(path: path, expected: "a readable weight file", found: "\(error)")
        }
        model = try NetworkModel(file, precision: precision)
        self.domain = domain
        let vocabulary = model.vocabulary
        prompt =
            domain.isAdapted
            ? try PromptFile.read(PromptFile.path(forDomain: domain.path), for: file, width: model.shape.width) : nil
        labels = prompt?.labels ?? (domain.sentenceCount == 0 ? vocabulary.labels[domain.name] : nil)
        condition = vocabulary.domains.firstIndex(of: domain.name) ?? vocabulary.domains.firstIndex(of: "open") ?? 0
    }

    /// What was meant.
    ///
    /// - Parameters:
    ///   - text: What was typed, or the open search's text.
    ///   - hits: What the spoken search found, surest first; empty for typed text.
    ///   - states: Hear's states, [frames, 512], when it was spoken.
    ///   - dialect: The dialect spoken, when known.
    ///   - prosody: How it was spoken, for the emotion and the rise of a question; typed text is neutral.
    ///   - tones: The syllables of spoken Mandarin.
    ///   - context: The session so far; the caller records the answer in it.
    ///   - spoken: What else is known of an utterance that was heard; nil for typed text, which is meant as it is.
    ///   - senses: What a learned domain goes by. By sound alone there are no characters to find slots in.
    public func understand(
        text: String, hits: [(text: String, confidence: Double)] = [], states: Matrix? = nil, dialect: Dialect? = nil,
        prosody: Prosody? = nil, tones: [SpokenTone] = [], context: UnderstanderContext = UnderstanderContext(),
        spoken: SpokenEvidence? = nil, senses: Senses = .text
    ) -> Understanding {
        let isBlind = hasStates && senses == .sound && states != nil
        let scalars = isBlind ? [] : Array(text.unicodeScalars.prefix(NetworkShape.longestText))
        let output = run(scalars, states: senses == .text ? nil : states, context: context)
        let acts = model.vocabulary.acts
        var act = output.acts.indices.max { output.acts[$0] < output.acts[$1] }.map { acts[$0] } ?? "command"
        if act == "command", isAsked(prosody, tones) { act = "question" }
        let directed = Double(1 / (1 + expf(-output.directed)))
        var result = Understanding(
            text: text, confidence: 1 - directed, directed: directed, emotion: emotion(of: prosody), act: act)
        if let labels {
            guard !scalars.isEmpty || isBlind, let frame = NetworkDecoder(labels: labels).decode(output) else {
                return result
            }
            let intent = labels.intents[frame.intent].name
            result.confidence = frame.confidence
            if intent == labels.nothing { return result }
            result.intent = intent
            result.slots = frame.slots.map { slot in
                var value = String.UnicodeScalarView()
                value.append(contentsOf: scalars[slot.range])
                return (slot.name, .text(String(value)))
            }
        } else if let (match, sentence, sureness) = best(of: hits, text: text, dialect: dialect) {
            result.intent = match.intent
            result.slots = match.slots
            result.confidence = sureness
            guard let spoken else {
                result.directed = max(directed, sureness)
                return result
            }
            let evidence = DirectedEvidence(
                fit: hits.isEmpty ? 0.5 : sureness, words: directed, sentence: sentence, open: spoken.open,
                match: match)
            result.evidence = evidence
            result.directed = DirectedScore.shipped(evidence)
            // 再低一点 refers to something, and there is nothing yet.
            if !spoken.isConversing, domain.frames[match.intent]?.isDialogue == true { result.directed /= 2 }
        } else if let spoken, !spoken.isConversing {
            // Nobody is talking with the device, and these are no words that it knows.
            result.directed = directed / 2
        }
        return result
    }

    /// What of a session the meaning of a text depends on, for caching; nothing where the domain does without.
    public func remembered(_ context: UnderstanderContext) -> [String] {
        guard labels != nil, model.vocabulary.contextual.contains(domain.name) else { return [] }
        return [context.activeIntent ?? "", context.isEmpty ? "" : "begun"]
            + context.turns.flatMap { [$0.text, $0.intent ?? "", $0.hasSlots ? "slots" : ""] }
    }

    /// Whether the pitch alone says that something was asked.
    private func isAsked(_ prosody: Prosody?, _ tones: [SpokenTone]) -> Bool {
        guard let prosody, let evidence = AskedEvidence(prosody.track, tones: tones), let score = model.asked?(evidence)
        else { return false }
        return score >= Self.surelyAsked
    }

    private func emotion(of prosody: Prosody?) -> String {
        guard let prosody, let scores = model.emotion?(prosody) else { return NetworkEmotion.classes[0] }
        let best = scores.indices.max { scores[$0] < scores[$1] } ?? 0
        return NetworkEmotion.classes[best]
    }

    /// The logits for a text as the parity test compares them.
    func run(_ scalars: [Unicode.Scalar], states: Matrix?, context: UnderstanderContext) -> NetworkOutput {
        let vocabulary = model.vocabulary
        let normalised = scalars.map(NetworkVocabulary.normalise)
        if let prompt { return model(normalised, domain: condition, prompt: prompt) }
        let states = hasStates ? states : nil
        guard let labels, vocabulary.contextual.contains(domain.name) else {
            return model(normalised, domain: condition, turns: [], active: 0, states: states)
        }
        func index(_ intent: String?) -> Int? {
            let place = labels.intents.firstIndex { $0.name == intent ?? labels.nothing }
            return place.map { labels.firstIntent + $0 }
        }
        let turns = context.turns.map { turn in
            NetworkTurn(
                tokens: turn.text.unicodeScalars.prefix(NetworkShape.longestTurn)
                    .map { vocabulary.token(NetworkVocabulary.normalise($0)) },
                intent: index(turn.intent), hasSlots: turn.hasSlots)
        }
        let active = context.isEmpty ? 0 : context.activeIntent.flatMap { index($0) }.map { $0 + 2 } ?? 1
        return model(normalised, domain: condition, turns: turns, active: active, states: states)
    }

    /// The first of the hits, or the text, that the domain's sentences cover.
    private func best(
        of hits: [(text: String, confidence: Double)], text: String, dialect: Dialect?
    ) -> (match: DomainMatch, sentence: String, confidence: Double)? {
        for hit in hits {
            if let match = domain.match(hit.text, dialect: dialect).first { return (match, hit.text, hit.confidence) }
        }
        guard let match = domain.match(text, dialect: dialect).first else { return nil }
        // A text that an open slot swallowed says less than one that the sentence spells out.
        let open = Double(match.wildcardLength) / Double(max(1, text.unicodeScalars.count))
        return (match, text, 1 - 0.3 * open)
    }
}

/// What a learned domain goes by when it was spoken to.
public enum Senses: String, Sendable, CaseIterable {
    /// What was written down of it.
    case text
    /// Hear's states, without a word.
    case sound
    /// Both at once.
    case both
}

/// What is known of an utterance beside the sentences that the grammar found in it.
public struct SpokenEvidence: Sendable {
    /// What was written without a grammar.
    public var open: String
    /// Whether the device asked something or did something a moment ago.
    public var isConversing: Bool

    /// Evidence of given parts.
    public init(open: String, isConversing: Bool) {
        self.open = open
        self.isConversing = isConversing
    }
}
