import Glibc

/// Chooses the intent and the slots of a learned domain together.
///
/// Each of the likeliest intents is scored with the best path through those slots that it was ever seen with, so that
/// the frame as a whole is likely, not each of its parts alone.
struct NetworkDecoder: Sendable {
    /// A frame: the intent and where its slots stand, in characters.
    struct Frame: Sendable, Equatable {
        var intent: Int
        var slots: [(name: String, range: Range<Int>)]
        /// 0…1, against the other intents that were looked at.
        var confidence: Double

        static func == (left: Frame, right: Frame) -> Bool {
            left.intent == right.intent && left.slots.map(\.name) == right.slots.map(\.name)
                && left.slots.map(\.range) == right.slots.map(\.range)
        }
    }

    /// How many intents are looked at.
    static let candidates = 3
    /// What the slots' log-probability counts beside the intent's.
    static let slotWeight: Float = 0.5

    let labels: NetworkVocabulary.Labels

    /// The likeliest frame, its `intent` counted within the domain; nil when the domain has no intents.
    func decode(_ output: NetworkOutput) -> Frame? {
        let first = labels.firstIntent
        let intents = Self.logSoftmax(Array(output.intents[first..<first + labels.intents.count]))
        let order = intents.indices.sorted { intents[$0] > intents[$1] }.prefix(Self.candidates)
        let tags = (0..<output.tags.rows).map { row in
            Self.logSoftmax(
                Array(output.tags.row(row).dropFirst(labels.firstTag).prefix(labels.tags.count)))
        }
        var best: (total: Float, intent: Int, path: [Int])?
        var totals: [Float] = []
        for intent in order {
            let (path, score) = bestPath(tags, slots: labels.intents[intent].slots)
            let total = intents[intent] + Self.slotWeight * score
            totals.append(total)
            if best.map({ total > $0.total }) ?? true { best = (total, intent, path) }
        }
        guard let best else { return nil }
        let mass = totals.reduce(Float(0)) { $0 + expf($1 - best.total) }
        let seen = order.reduce(Float(0)) { $0 + expf(intents[$1]) }
        return Frame(intent: best.intent, slots: spans(best.path), confidence: Double(seen / mass))
    }

    /// Viterbi over BIO: inside may only follow begin or inside of the same slot.
    private func bestPath(_ scores: [[Float]], slots: Set<String>) -> ([Int], Float) {
        guard let start = scores.first else { return ([], 0) }
        let columns = labels.tags.indices.filter { $0 == 0 || slots.contains(String(labels.tags[$0].dropFirst(2))) }
        var total = columns.map { Self.isInside($0) ? -Float.infinity : start[$0] }
        var back: [[Int]] = []
        for row in scores.dropFirst() {
            let best = total.indices.max { total[$0] < total[$1] } ?? 0
            var next = total
            var sources = [Int](repeating: best, count: columns.count)
            for (place, column) in columns.enumerated() {
                if Self.isInside(column) { sources[place] = total[place] >= total[place - 1] ? place : place - 1 }
                next[place] = total[sources[place]] + row[column]
            }
            total = next
            back.append(sources)
        }
        var place = total.indices.max { total[$0] < total[$1] } ?? 0
        let score = total[place]
        var path = [columns[place]]
        for sources in back.reversed() {
            place = sources[place]
            path.append(columns[place])
        }
        return (path.reversed(), score)
    }

    /// Tags are `O`, then begin and inside of each slot in turn.
    private static func isInside(_ column: Int) -> Bool { column > 0 && column % 2 == 0 }

    private func spans(_ path: [Int]) -> [(name: String, range: Range<Int>)] {
        var result: [(name: String, range: Range<Int>)] = []
        for (place, tag) in path.enumerated() {
            if tag % 2 == 1 {
                result.append((String(labels.tags[tag].dropFirst(2)), place..<place + 1))
            } else if tag > 0, let last = result.indices.last {
                result[last].range = result[last].range.lowerBound..<place + 1
            }
        }
        return result
    }

    private static func logSoftmax(_ values: [Float]) -> [Float] {
        let top = values.max() ?? 0
        let sum = values.reduce(Float(0)) { $0 + expf($1 - top) }
        return values.map { $0 - top - logf(sum) }
    }
}
