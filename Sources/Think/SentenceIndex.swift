/// Finds the few sentences that a text could match among many.
///
/// Each sentence is filed under the rarest set of literal fragments of which its texts must contain one; a fragment
/// is looked up by its rarest two neighbouring scalars. A sentence without such a set is always tried.
struct SentenceIndex: Sendable {
    private var byKey: [UInt64: [Int]] = [:]
    private var always: [Int] = []
    private let sentenceCount: Int

    /// Clauses of one sentence: from every clause at least one fragment must occur.
    typealias Clauses = [[[UInt32]]]

    init(clauses: [Clauses]) {
        sentenceCount = clauses.count
        var frequency: [UInt64: Int] = [:]
        for sentence in clauses {
            for clause in sentence {
                for key in Set(clause.flatMap(Self.keys)) { frequency[key, default: 0] += 1 }
            }
        }
        for (number, sentence) in clauses.enumerated() {
            var best: (cost: Int, keys: Set<UInt64>)?
            for clause in sentence {
                // Of each fragment the rarest pair of scalars stands for it.
                let keys = Set(
                    clause.compactMap { fragment in
                        Self.keys(fragment).min { (frequency[$0] ?? 0, $0) < (frequency[$1] ?? 0, $1) }
                    })
                let cost = keys.reduce(0) { $0 + (frequency[$1] ?? 0) }
                if let found = best, found.cost <= cost { continue }
                best = (cost, keys)
            }
            guard let best else {
                always.append(number)
                continue
            }
            for key in best.keys { byKey[key, default: []].append(number) }
        }
    }

    /// Every pair of neighbours, or the only scalar.
    private static func keys(_ fragment: [UInt32]) -> [UInt64] {
        guard fragment.count > 1 else { return fragment.first.map { [UInt64($0) << 32] } ?? [] }
        return fragment.indices.dropLast().map { UInt64(fragment[$0]) << 32 | UInt64(fragment[$0 + 1]) }
    }

    /// The sentences that may match any of the texts, in order.
    func candidates(for texts: [[UInt32]]) -> [Int] {
        var found = Set(always)
        var seen = Set<UInt64>()
        for text in texts {
            for position in text.indices {
                let single = UInt64(text[position]) << 32
                if seen.insert(single).inserted, let numbers = byKey[single] { found.formUnion(numbers) }
                guard position + 1 < text.count else { continue }
                let pair = single | UInt64(text[position + 1])
                if seen.insert(pair).inserted, let numbers = byKey[pair] { found.formUnion(numbers) }
            }
        }
        return found.sorted()
    }
}
