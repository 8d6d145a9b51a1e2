/// Remembers answers to frequent requests: bounded, keyed by all they depend on, emptied when the domain changes.
public struct AnswerCache<Answer: Sendable>: Sendable {
    private struct Entry: Sendable {
        var answer: Answer
        var stamp: UInt64
    }

    /// How many answers are kept at most.
    public let capacity: Int
    /// Answers found.
    public private(set) var hits = 0
    /// Answers that had to be made.
    public private(set) var misses = 0
    private var entries: [String: Entry] = [:]
    private var clock: UInt64 = 0

    /// An empty cache.
    public init(capacity: Int = 256) { self.capacity = max(1, capacity) }

    /// How many answers are kept.
    public var count: Int { entries.count }

    /// The part of requests that were found, 0 before the first.
    public var hitRate: Double { hits + misses == 0 ? 0 : Double(hits) / Double(hits + misses) }

    /// The answer to a request, made when it is not known; `key` names everything the answer depends on.
    public mutating func answer(to key: [String], make: () throws -> Answer) rethrows -> Answer {
        // Parts are joined with a scalar that no text holds, so that ["a b"] and ["a", "b"] differ.
        let joined = key.joined(separator: "\u{0}")
        clock += 1
        if let entry = entries[joined] {
            hits += 1
            entries[joined]?.stamp = clock
            return entry.answer
        }
        misses += 1
        let answer = try make()
        if entries.count >= capacity { evict() }
        entries[joined] = Entry(answer: answer, stamp: clock)
        return answer
    }

    /// Forgets every answer, as after a reload; the counts stay.
    public mutating func invalidate() { entries.removeAll(keepingCapacity: true) }

    /// Drops the quarter that was used longest ago, so that evicting is rare.
    private mutating func evict() {
        let stamps = entries.values.map(\.stamp).sorted()
        let limit = stamps[stamps.count / 4]
        entries = entries.filter { $0.value.stamp > limit }
    }
}
