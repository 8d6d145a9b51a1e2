/// One path through a unit network up to the present frame.
struct BeamToken: Sendable {
    /// The node.
    var node: Int32
    /// True while the node's unit sounds, false in the blank after it (and at a root).
    var sounding: Bool
    /// What was completed on the way, an index into the histories.
    var history: Int32
    var score: Float
    fileprivate var chain: Int32 = -1

    init(node: Int32, sounding: Bool, history: Int32, score: Float) {
        self.node = node
        self.sounding = sounding
        self.history = history
        self.score = score
    }
}

/// The paths of one frame: for each node and phase the best few with different histories.
struct TokenBeam: Sendable {
    private(set) var tokens: [BeamToken] = []
    private(set) var best = -Float.infinity
    private var heads: [Int32]
    private let perState: Int
    private let beam: Float

    init(nodeCount: Int, perState: Int, beam: Float) {
        heads = [Int32](repeating: -1, count: 2 * nodeCount)
        self.perState = max(1, perState)
        self.beam = beam
    }

    /// True if a path of this score would be dropped at once.
    func prunes(_ score: Float) -> Bool { score < best - beam }

    /// Adds a path, or raises the one with the same history at the same place.
    mutating func add(_ token: BeamToken, keep: Int? = nil) {
        guard token.score >= best - beam else { return }
        best = max(best, token.score)
        let slot = 2 * Int(token.node) + (token.sounding ? 1 : 0)
        var index = heads[slot]
        var count = 0
        var worst: Int32 = -1
        while index >= 0 {
            let known = tokens[Int(index)]
            if known.history == token.history {
                if known.score < token.score { tokens[Int(index)].score = token.score }
                return
            }
            if worst < 0 || known.score < tokens[Int(worst)].score { worst = index }
            count += 1
            index = known.chain
        }
        if count < keep ?? perState {
            var added = token
            added.chain = heads[slot]
            heads[slot] = Int32(tokens.count)
            tokens.append(added)
        } else if tokens[Int(worst)].score < token.score {
            tokens[Int(worst)].score = token.score
            tokens[Int(worst)].history = token.history
        }
    }

    /// Takes the tokens out for the next frame: those within the beam, at most `limit`, and leaves the beam empty.
    mutating func drain(limit: Int) -> [BeamToken] {
        for token in tokens { heads[2 * Int(token.node) + (token.sounding ? 1 : 0)] = -1 }
        var threshold = best - beam
        var kept = tokens.filter { $0.score >= threshold }
        if kept.count > limit {
            // A histogram finds the score that keeps about `limit` tokens without sorting.
            let bins = 64
            var counts = [Int](repeating: 0, count: bins)
            let scale = Float(bins) / beam
            for token in kept { counts[min(bins - 1, Int((best - token.score) * scale))] += 1 }
            var total = 0
            var bin = 0
            while bin < bins, total + counts[bin] <= limit {
                total += counts[bin]
                bin += 1
            }
            threshold = best - Float(max(1, bin)) / scale
            kept = kept.filter { $0.score >= threshold }
        }
        tokens.removeAll(keepingCapacity: true)
        best = -.infinity
        return kept
    }
}
