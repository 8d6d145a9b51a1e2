import Hear
import Language
import Think

/// What an utterance is taken to say: the grammar's sentences, the open search's text, and a bare answer, in one order.
struct SpokenReading {
    /// The likeliest text.
    var text: String
    /// The grammar's sentences, surest first.
    var hits: [(text: String, confidence: Double)]
    /// How sure the answer to a question is, where it is the likeliest of all.
    var answerConfidence: Double?

    init(transcript: Transcript, hits found: [GrammarHit], answer: GrammarHit?, domain: Domain) {
        // Both searches read the same frames, so that their scores compare; a whole command may hold the answer too.
        if let answer, answer.score > found.first?.score ?? -.infinity {
            text = answer.text
            hits = []
            answerConfidence = answer.confidence
            return
        }
        hits = Self.preferring(transcript, to: found, domain: domain)
        text = hits.first?.text ?? transcript.text
    }

    /// The hits with the open search's text before them where it says the same with an open slot.
    ///
    /// A name is spelled better with the words around it than cut out of them; but where the two take different sounds into
    /// the slot, the grammar's cut is the better one: it knows that 一下 behind a name is no part of it.
    private static func preferring(
        _ transcript: Transcript, to hits: [GrammarHit], domain: Domain
    ) -> [(text: String, confidence: Double)] {
        let plain = hits.map { ($0.text, $0.confidence) }
        guard let first = hits.first, !first.wildcards.isEmpty,
            let spelled = domain.match(first.text, dialect: transcript.dialect).first,
            let open = domain.match(transcript.text, dialect: transcript.dialect).first, open.intent == spelled.intent,
            open.slots.map(\.name) == spelled.slots.map(\.name),
            zip(open.slots, spelled.slots).allSatisfy({ $0.value.scalarCount == $1.value.scalarCount })
        else { return plain }
        return [(transcript.text, first.confidence)] + plain
    }
}

extension SlotValue {
    /// How many Unicode scalars an open slot's words have; 0 for a typed value.
    fileprivate var scalarCount: Int {
        if case .text(let text) = self { return text.unicodeScalars.count }
        return 0
    }
}
