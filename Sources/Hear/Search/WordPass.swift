/// What the open search may spend and how it weighs sound against language.
struct WordSettings: Sendable {
    var beam: Float = 11
    var maximumTokens = 400
    /// Weight of the language's log-probabilities against the sound's; of 0.4 to 0.7 the best on clean speech and four noises.
    var languageWeight: Float = 0.6
    /// Added for each word, above 0 for more and shorter words.
    var wordBonus: Float = -0.2
    /// A unit is tried when it lies within this of the best unit of the frame, in nats.
    var unitBeam: Float = 9
    /// Frames in which blank is at least this likely carry nothing else (natural logarithm).
    var silence: Float = -0.01
    /// Words that end in one frame and go on to the next word, at most.
    var maximumContexts = 120
}

/// A word found by the open search.
struct SpokenWord {
    var text: String
    var units: [Int]
    /// The frame after its last unit began.
    var frame: Int
}

/// The words of the best path with what sound and language make of it, in nats.
struct FoundWords {
    var words: [SpokenWord]
    var score: Float
}

/// One walk of the open search over the emissions of an utterance: words of a prefix tree, weighed by what usually
/// follows what.
struct WordPass<Language: Vocabulary> {
    private struct Trace {
        var previous: Int32
        var word: Int32
        var node: Int32
        var inOverlay: Bool
        var frame: Int32
    }

    private struct Token {
        var node: Int32
        var sounding: Bool
        var context: Int32
        var trace: Int32
        var score: Float
        var chain: Int32 = -1
    }

    /// A word end: a context reached, with the unit that still sounds (0 when a blank came between).
    private struct End {
        var context: Int32
        var unit: Int32
        var score: Float
        var token: Token
        var word: Int32
        /// Another end with the same context; −1 for none.
        var chain: Int32 = -1
    }

    private let vocabulary: Language
    private let trie: WordTrie
    private let overlay: WordTrie?
    private let settings: WordSettings
    private let values: [Float]
    private let emissions: Emissions
    private var contexts: [Language.Context]
    private var contextIndex: [Language.Context: Int32]
    private var wordScores = WordScores()
    private var ends: [End] = []
    /// For each context its last end in this frame; −1 for none.
    private var endHeads: [Int32] = [-1]
    private var traces: [Trace] = []
    private var tokens: [Token] = []
    private var next: [Token] = []
    private var heads: [Int32]
    private var best: Float = 0

    /// - Parameters:
    ///   - vocabulary: Scores and texts; its tree is the overlay when `trie` is another.
    ///   - trie: The language's own tree.
    ///   - values: The log-probabilities to search on, `emissions` or a softened copy.
    init(
        vocabulary: Language, trie: WordTrie, overlay: WordTrie?, emissions: Emissions, values: [Float],
        settings: WordSettings
    ) {
        self.vocabulary = vocabulary
        self.trie = trie
        self.overlay = overlay
        self.emissions = emissions
        self.values = values
        self.settings = settings
        contexts = [vocabulary.start]
        contextIndex = [vocabulary.start: 0]
        heads = [Int32](repeating: -1, count: 2 * (trie.count + (overlay?.count ?? 0)))
        tokens = [Token(node: 0, sounding: false, context: 0, trace: -1, score: 0)]
    }

    /// Walks over all frames and returns the words of the best path; nil when no path reached the end.
    mutating func run() -> FoundWords? {
        for frame in 0..<emissions.frameCount {
            if emissions[frame, 0] > settings.silence { pause(frame) } else { advance(frame) }
        }
        return finish()
    }

    /// A frame of silence: every path waits.
    private mutating func pause(_ frame: Int) {
        let blank = values[frame * emissions.unitCount]
        begin()
        for token in tokens {
            var waiting = token
            waiting.sounding = false
            waiting.score += blank
            add(waiting)
        }
        end()
    }

    private mutating func advance(_ frame: Int) {
        let row = frame * emissions.unitCount
        let blank = values[row]
        let least = values[row + emissions.bestUnits[frame]] - settings.unitBeam
        begin()
        for token in tokens {
            var waiting = token
            waiting.sounding = false
            waiting.score += blank
            add(waiting)
            let unit = self.unit(of: token.node)
            if token.sounding {
                var sounding = token
                sounding.score += values[row + unit]
                add(sounding)
            }
            enterChildren(of: token, after: token.sounding ? unit : 0, row: row, least: least)
            if hasWords(token.node) { collectEnds(of: token, unit: token.sounding ? unit : 0) }
        }
        startWords(frame: frame, row: row, least: least)
        end()
    }

    private func isOverlay(_ node: Int32) -> Bool { Int(node) >= trie.count }

    private func unit(of node: Int32) -> Int {
        if Int(node) < trie.count { return Int(trie.units[Int(node)]) }
        return Int(overlay?.units[Int(node) - trie.count] ?? 0)
    }

    private func hasWords(_ node: Int32) -> Bool {
        Int(node) < trie.count ? trie.hasWords(node) : overlay?.hasWords(node - Int32(trie.count)) ?? false
    }

    private func lookAhead(_ node: Int32) -> Float {
        if Int(node) < trie.count { return trie.lookAhead[Int(node)] }
        return overlay?.lookAhead[Int(node) - trie.count] ?? 0
    }

    private mutating func enterChildren(of token: Token, after last: Int, row: Int, least: Float) {
        if Int(token.node) < trie.count {
            enter(trie, 0, token.node, token, after: last, row: row, least: least)
            if token.node == 0, let overlay {
                enter(overlay, Int32(trie.count), 0, token, after: last, row: row, least: least)
            }
        } else if let overlay {
            let offset = Int32(trie.count)
            enter(overlay, offset, token.node - offset, token, after: last, row: row, least: least)
        }
    }

    private mutating func enter(
        _ trie: WordTrie, _ offset: Int32, _ node: Int32, _ token: Token, after last: Int, row: Int, least: Float
    ) {
        // A node's score holds what the likeliest word under it would cost, so that long words are not favoured.
        let base = node == 0 ? 0 : trie.lookAhead[Int(node)]
        for child in trie.children(of: node) {
            let unit = Int(trie.units[Int(child)])
            let heard = values[row + unit]
            guard heard >= least, unit != last else { continue }
            let score = token.score + heard + settings.languageWeight * (trie.lookAhead[Int(child)] - base)
            guard score > best - settings.beam else { continue }
            add(
                Token(
                    node: child + offset, sounding: true, context: token.context, trace: token.trace, score: score))
        }
    }

    private mutating func collectEnds(of token: Token, unit: Int) {
        let offset = isOverlay(token.node) ? Int32(trie.count) : 0
        let words = offset == 0 ? trie.words(of: token.node) : overlay?.words(of: token.node - offset) ?? []
        let base = token.score - settings.languageWeight * lookAhead(token.node) + settings.wordBonus
        guard base > best - settings.beam - 12 else { return }
        for word in words {
            let following = follow(token.context, with: word)
            let score = base + settings.languageWeight * following.score
            guard score > best - settings.beam else { continue }
            note(End(context: following.context, unit: Int32(unit), score: score, token: token, word: word))
        }
    }

    /// Keeps an end unless a better one has the same context and unit.
    private mutating func note(_ end: End) {
        let head = endHeads[Int(end.context)]
        var index = head
        while index >= 0 {
            let known = ends[Int(index)]
            if known.unit == end.unit {
                if known.score < end.score {
                    ends[Int(index)] = end
                    ends[Int(index)].chain = known.chain
                }
                return
            }
            index = known.chain
        }
        endHeads[Int(end.context)] = Int32(ends.count)
        ends.append(end)
        ends[ends.count - 1].chain = head
    }

    private mutating func startWords(frame: Int, row: Int, least: Float) {
        for end in ends { endHeads[Int(end.context)] = -1 }
        // Ties are broken by context and unit, so that the same emissions give the same words.
        ends.sort { ($1.score, $0.context, $0.unit) < ($0.score, $1.context, $1.unit) }
        for end in ends.prefix(settings.maximumContexts) {
            traces.append(
                Trace(
                    previous: end.token.trace, word: end.word, node: end.token.node,
                    inOverlay: isOverlay(end.token.node), frame: Int32(frame)))
            let root = Token(
                node: 0, sounding: false, context: end.context, trace: Int32(traces.count - 1), score: end.score)
            enterChildren(of: root, after: Int(end.unit), row: row, least: least)
        }
        ends.removeAll(keepingCapacity: true)
    }

    private mutating func index(of context: Language.Context) -> Int32 {
        if let known = contextIndex[context] { return known }
        contexts.append(context)
        endHeads.append(-1)
        let index = Int32(contexts.count - 1)
        contextIndex[context] = index
        return index
    }

    private mutating func follow(_ context: Int32, with word: Int32) -> (score: Float, context: Int32) {
        if let known = wordScores[context, word] { return known }
        let scored = vocabulary.score(word, after: contexts[Int(context)])
        let following = (scored.score, index(of: scored.context))
        wordScores.remember(following, context, word)
        return following
    }

    private mutating func begin() {
        next.removeAll(keepingCapacity: true)
        best = -.infinity
    }

    private mutating func add(_ token: Token) {
        guard token.score > best - settings.beam else { return }
        best = max(best, token.score)
        let slot = 2 * Int(token.node) + (token.sounding ? 1 : 0)
        var index = heads[slot]
        while index >= 0 {
            if next[Int(index)].context == token.context {
                if next[Int(index)].score < token.score {
                    next[Int(index)].score = token.score
                    next[Int(index)].trace = token.trace
                }
                return
            }
            index = next[Int(index)].chain
        }
        var added = token
        added.chain = heads[slot]
        heads[slot] = Int32(next.count)
        next.append(added)
    }

    private mutating func end() {
        for token in next { heads[2 * Int(token.node) + (token.sounding ? 1 : 0)] = -1 }
        let least = best - settings.beam
        var kept = next.filter { $0.score > least }
        if kept.count > settings.maximumTokens {
            kept.sort { $0.score > $1.score }
            kept.removeLast(kept.count - settings.maximumTokens)
        }
        swap(&tokens, &kept)
    }

    private mutating func finish() -> FoundWords? {
        var winner: (score: Float, trace: Int32)?
        func consider(_ score: Float, _ trace: Int32) {
            if score > winner?.score ?? -.infinity { winner = (score, trace) }
        }
        for token in tokens {
            if token.node == 0 { consider(token.score, token.trace) }
            guard hasWords(token.node) else { continue }
            let offset = isOverlay(token.node) ? Int32(trie.count) : 0
            let words = offset == 0 ? trie.words(of: token.node) : overlay?.words(of: token.node - offset) ?? []
            let base = token.score - settings.languageWeight * lookAhead(token.node) + settings.wordBonus
            for word in words {
                let following = follow(token.context, with: word)
                let language = following.score + vocabulary.endScore(after: contexts[Int(following.context)])
                let score = base + settings.languageWeight * language
                guard score > winner?.score ?? -.infinity else { continue }
                traces.append(
                    Trace(
                        previous: token.trace, word: word, node: token.node, inOverlay: isOverlay(token.node),
                        frame: Int32(emissions.frameCount)))
                consider(score, Int32(traces.count - 1))
            }
        }
        guard let winner else { return nil }
        var words: [SpokenWord] = []
        var index = winner.trace
        while index >= 0 {
            let trace = traces[Int(index)]
            let units =
                trace.inOverlay ? overlay?.path(to: trace.node - Int32(trie.count)) ?? [] : trie.path(to: trace.node)
            words.append(SpokenWord(text: vocabulary.text(of: trace.word), units: units, frame: Int(trace.frame)))
            index = trace.previous
        }
        return FoundWords(words: words.reversed(), score: winner.score)
    }
}
