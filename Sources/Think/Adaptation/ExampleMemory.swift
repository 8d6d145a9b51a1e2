import Glibc

/// The sentences that a domain was learned from, to compare others with.
///
/// A few dozen sentences teach prompts what sets intents apart in general, and the very wording less well; the nearest
/// sentence knows the wording and nothing else. Both vote (as in kNN-LM, Khandelwal et al. 2020).
struct ExampleMemory: Sendable {
    /// What likeness 1 adds to the logit of the intent.
    ///
    /// Of 0, 2, 4, 8, 16 and 32 the best on one half of Home Assistant's sentences (`Models/training/think/adapt.py`).
    static let weight: Float = 32

    /// A learned sentence.
    struct Sentence: Sendable, Equatable {
        /// The place of its intent among the labels.
        var intent: Int
        /// Its words.
        var text: String
        /// Where the slots' words stand, in scalars: those may be any others.
        var slots: [Range<Int>]
    }

    let sentences: [Sentence]
    private let known: [(intent: Int, pairs: [UInt64: Float], length: Float)]

    /// Remembers sentences.
    init(_ sentences: [Sentence] = []) {
        self.sentences = sentences
        known = sentences.map { sentence in
            let scalars = sentence.text.unicodeScalars.map(NetworkVocabulary.normalise)
            let pairs = Self.pairs(scalars, without: sentence.slots)
            return (sentence.intent, pairs, Self.length(pairs))
        }
    }

    /// The sentences of examples whose intents are among the labels.
    init(_ examples: [Example], labels: NetworkVocabulary.Labels) {
        self.init(
            examples.compactMap { example in
                let name = example.intent ?? Example.nothing
                guard let intent = labels.intents.firstIndex(where: { $0.name == name }) else { return nil }
                return Sentence(intent: intent, text: example.text, slots: example.slots.map(\.range))
            })
    }

    /// Reads what `lines` wrote; what is no such line is left out.
    init(lines: String) {
        self.init(
            lines.split(separator: "\n").compactMap { line in
                let fields = line.split(separator: "\t", maxSplits: 2, omittingEmptySubsequences: false)
                guard fields.count == 3, let intent = Int(fields[0]), intent >= 0 else { return nil }
                let slots = fields[1].split(separator: " ").compactMap { span -> Range<Int>? in
                    let ends = span.split(separator: "-").compactMap { Int($0) }
                    return ends.count == 2 && ends[0] < ends[1] ? ends[0]..<ends[1] : nil
                }
                return Sentence(intent: intent, text: String(fields[2]), slots: slots)
            })
    }

    /// A sentence a line: place of the intent, slots as first-end, words; between them tabs.
    var lines: String {
        sentences.map { sentence in
            let slots = sentence.slots.map { "\($0.lowerBound)-\($0.upperBound)" }.joined(separator: " ")
            return "\(sentence.intent)\t\(slots)\t\(sentence.text)"
        }.joined(separator: "\n")
    }

    /// Adds to the logits of the intents how like the text is to the likest of their sentences.
    func vote(on text: [Unicode.Scalar], into logits: inout [Float]) {
        guard !known.isEmpty, !text.isEmpty else { return }
        let pairs = Self.pairs(text, without: [])
        let length = Self.length(pairs)
        var likeness = [Float](repeating: 0, count: logits.count)
        for sentence in known where sentence.length > 0 && sentence.intent < logits.count {
            let shared = sentence.pairs.reduce(Float(0)) { $0 + $1.value * (pairs[$1.key] ?? 0) }
            likeness[sentence.intent] = max(likeness[sentence.intent], shared / (length * sentence.length))
        }
        for intent in logits.indices { logits[intent] += Self.weight * likeness[intent] }
    }

    /// How often two scalars follow each other, the edges of the text counted as scalars.
    private static func pairs(_ text: [Unicode.Scalar], without slots: [Range<Int>]) -> [UInt64: Float] {
        let padded = [0] + text.map { UInt64($0.value) } + [0]
        var counts: [UInt64: Float] = [:]
        for place in 1..<padded.count {
            // Scalar `place - 1` of the text stands at `place`: the pair lies in a slot when one of its two does.
            let touches = slots.contains { $0.contains(place - 1) || $0.contains(place - 2) }
            if !touches { counts[padded[place - 1] << 32 | padded[place], default: 0] += 1 }
        }
        return counts
    }

    private static func length(_ pairs: [UInt64: Float]) -> Float {
        sqrtf(pairs.values.reduce(0) { $0 + $1 * $1 })
    }
}
