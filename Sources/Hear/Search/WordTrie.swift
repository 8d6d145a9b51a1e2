/// Words over units as a prefix tree in flat arrays; node 0 is the root, children of a node stand together.
struct WordTrie: Sendable {
    /// The unit that leads to each node; 0 at the root.
    let units: [UInt16]
    /// The node that each node hangs under.
    let parents: [Int32]
    private let firstChild: [Int32]
    private let firstWord: [Int32]
    private let words: [Int32]
    /// For each node the largest log-probability of a word under it, alone and without context.
    let lookAhead: [Float]

    var count: Int { units.count }

    /// A tree given in the order of its rows.
    ///
    /// - Parameters:
    ///   - firstChild: One more than there are nodes; children of node n are `firstChild[n] ..< firstChild[n + 1]`.
    ///   - firstWord: One more than there are nodes; words of node n are `words[firstWord[n] ..< firstWord[n + 1]]`.
    ///   - score: Log-probability of a word on its own.
    init(
        units: [UInt16], firstChild: [Int32], firstWord: [Int32], words: [Int32], score: (Int32) -> Float
    ) {
        self.units = units
        self.firstChild = firstChild
        self.firstWord = firstWord
        self.words = words
        var parents = [Int32](repeating: 0, count: units.count)
        var best = [Float](repeating: -.infinity, count: units.count)
        for node in units.indices.reversed() {
            for index in Int(firstWord[node])..<Int(firstWord[node + 1]) {
                best[node] = max(best[node], score(words[index]))
            }
            // Children stand behind their parents, so theirs are known.
            for child in Int(firstChild[node])..<Int(firstChild[node + 1]) {
                parents[child] = Int32(node)
                best[node] = max(best[node], best[child])
            }
        }
        self.parents = parents
        lookAhead = best
    }

    /// A tree of given words, each with its units.
    init(entries: [(units: [Int], word: Int32)], score: (Int32) -> Float) {
        let sorted = entries.sorted { left, right in
            if left.units == right.units { return left.word < right.word }
            return left.units.lexicographicallyPrecedes(right.units)
        }
        // A node is a range of entries that begin alike; laid out breadth first, siblings stand together.
        var nodes: [(range: Range<Int>, depth: Int, unit: Int)] = [(0..<sorted.count, 0, 0)]
        var firstChild: [Int32] = []
        var firstWord: [Int32] = []
        var words: [Int32] = []
        var position = 0
        while position < nodes.count {
            let (range, depth, _) = nodes[position]
            firstChild.append(Int32(nodes.count))
            firstWord.append(Int32(words.count))
            var start = range.lowerBound
            while start < range.upperBound, sorted[start].units.count == depth {
                if start == range.lowerBound || sorted[start].word != sorted[start - 1].word {
                    words.append(sorted[start].word)
                }
                start += 1
            }
            while start < range.upperBound {
                let unit = sorted[start].units[depth]
                var end = start + 1
                while end < range.upperBound, sorted[end].units[depth] == unit { end += 1 }
                nodes.append((start..<end, depth + 1, unit))
                start = end
            }
            position += 1
        }
        firstChild.append(Int32(nodes.count))
        firstWord.append(Int32(words.count))
        self.init(
            units: nodes.map { UInt16($0.unit) }, firstChild: firstChild, firstWord: firstWord, words: words,
            score: score)
    }

    func children(of node: Int32) -> Range<Int32> { firstChild[Int(node)]..<firstChild[Int(node) + 1] }

    func words(of node: Int32) -> ArraySlice<Int32> {
        words[Int(firstWord[Int(node)])..<Int(firstWord[Int(node) + 1])]
    }

    func hasWords(_ node: Int32) -> Bool { firstWord[Int(node)] < firstWord[Int(node) + 1] }

    /// The units from the root to a node.
    func path(to node: Int32) -> [Int] {
        var path: [Int] = []
        var node = node
        while node > 0 {
            path.append(Int(units[Int(node)]))
            node = parents[Int(node)]
        }
        return path.reversed()
    }
}
