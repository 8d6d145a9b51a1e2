/// Remembers answers to frequent requests: bounded, keyed by all they depend on, emptied when the domain changes.
public struct AnswerCache<Answer: Sendable>: Sendable {
    private struct Entry: Sendable {
        var answer: Answer
        var stamp: UInt64
        var size: Int
    }

    /// The sum of sizes that is kept at most; an answer's size is 1 unless the cache was told otherwise.
    public let capacity: Int
    /// Answers found.
    public private(set) var hits = 0
    /// Answers that had to be made.
    public private(set) var misses = 0
    private let size: @Sendable (Answer) -> Int
    private var entries: [String: Entry] = [:]
    private var total = 0
    private var clock: UInt64 = 0

    /// An empty cache; `size` says how much of the capacity an answer takes.
    public init(capacity: Int = 256, size: @escaping @Sendable (Answer) -> Int = { _ in 1 }) {
        self.capacity = max(1, capacity)
        self.size = size
    }

    /// How many answers are kept.
    public var count: Int { entries.count }

    /// The part of requests that were found, 0 before the first.
    public var hitRate: Double { hits + misses == 0 ? 0 : Double(hits) / Double(hits + misses) }

    /// The answer to a request, made when it is not known; `key` names everything the answer depends on.
    public mutating func answer(to key: [String], make: () throws -> Answer) rethrows -> Answer {
        if let known = find(key) { return known }
        let answer = try make()
        keep(answer, for: key)
        return answer
    }

    /// The answer to a request that was made before.
    public mutating func find(_ key: [String]) -> Answer? {
        let joined = Self.joined(key)
        clock += 1
        guard let entry = entries[joined] else {
            misses += 1
            return nil
        }
        hits += 1
        entries[joined]?.stamp = clock
        return entry.answer
    }

    /// Remembers an answer; one that is larger than the whole cache is not kept.
    public mutating func keep(_ answer: Answer, for key: [String]) {
        let joined = Self.joined(key)
        let cost = max(1, size(answer))
        total -= entries.removeValue(forKey: joined)?.size ?? 0
        guard cost <= capacity else { return }
        if total + cost > capacity { evict(leaving: capacity - cost) }
        clock += 1
        entries[joined] = Entry(answer: answer, stamp: clock, size: cost)
        total += cost
    }

    /// Forgets every answer, as after a reload; the counts stay.
    public mutating func invalidate() {
        entries.removeAll(keepingCapacity: true)
        total = 0
    }

    /// Parts are joined with a scalar that no text holds, so that ["a b"] and ["a", "b"] differ.
    private static func joined(_ key: [String]) -> String { key.joined(separator: "\u{0}") }

    /// Drops what was used longest ago, down to three quarters so that evicting is rare, and as far as is needed.
    private mutating func evict(leaving room: Int) {
        let limit = min(room, capacity / 4 * 3)
        for (key, entry) in entries.sorted(by: { $0.value.stamp < $1.value.stamp }) where total > limit {
            entries.removeValue(forKey: key)
            total -= entry.size
        }
    }
}
