/// What a word after a context scored and led to, looked up some ten thousand times an utterance.
///
/// An open table with linear probing: the hashing of `Dictionary`, which guards against hostile keys, took a sixth of the
/// search.
struct WordScores {
    private struct Entry {
        /// Context and word in one number; `unused` where the place is free.
        var key: UInt64
        var score: Float
        var context: Int32
    }

    /// No context is numbered so high.
    private static let unused = UInt64.max

    private var entries = [Entry](repeating: Entry(key: unused, score: 0, context: 0), count: 1024)
    private var count = 0

    private static func key(_ context: Int32, _ word: Int32) -> UInt64 {
        UInt64(UInt32(bitPattern: context)) << 32 | UInt64(UInt32(bitPattern: word))
    }

    /// Where a key is, or the free place where it belongs (Fibonacci hashing; the number of places is a power of two).
    private func place(of key: UInt64) -> Int {
        let shift = UInt64(entries.count.leadingZeroBitCount + 1)
        var place = Int(truncatingIfNeeded: (key &* 0x9E37_79B9_7F4A_7C15) >> shift)
        while entries[place].key != key, entries[place].key != Self.unused { place = (place + 1) & (entries.count - 1) }
        return place
    }

    /// The score of a word after a context and the context after it; nil when it was not remembered.
    subscript(context: Int32, word: Int32) -> (score: Float, context: Int32)? {
        let key = Self.key(context, word)
        let entry = entries[place(of: key)]
        return entry.key == key ? (entry.score, entry.context) : nil
    }

    /// Adds what is not there yet.
    mutating func remember(_ following: (score: Float, context: Int32), _ context: Int32, _ word: Int32) {
        if count * 2 >= entries.count { grow() }
        let key = Self.key(context, word)
        entries[place(of: key)] = Entry(key: key, score: following.score, context: following.context)
        count += 1
    }

    private mutating func grow() {
        let old = entries
        entries = [Entry](repeating: Entry(key: Self.unused, score: 0, context: 0), count: 2 * old.count)
        for entry in old where entry.key != Self.unused { entries[place(of: entry.key)] = entry }
    }
}
