import Language

/// Builds the acceptor that the spoken search follows, backwards from the end, so that equal endings are shared.
struct GraphBuilder {
    /// A state is what leaves it; equal states are one state.
    private struct State: Hashable {
        var arcs: [SentenceGraph.Arc]
        var isFinal: Bool
    }

    private struct Job: Hashable {
        var node: Int
        var next: Int
    }

    private let grammar: Grammar
    private var states: [State] = []
    private var numbers: [State: Int] = [:]
    private var built: [Job: Int?] = [:]
    private var unions: [Set<Int>: Int] = [:]

    /// A branch with more arcs than this is reached by an empty arc instead of being copied.
    private static let copyLimit = 24
    /// Ranges with more numbers than this accept any spoken number.
    private static let rangeLimit = 1200

    init(_ grammar: Grammar) { self.grammar = grammar }

    /// The graph over the sentences for which the answer is true; skip words may stand before and after.
    static func graph(of grammar: Grammar, including isWanted: (Grammar.Sentence) -> Bool = { _ in true })
        -> SentenceGraph
    {
        var builder = GraphBuilder(grammar)
        let end = builder.endState()
        let roots = grammar.sentences.filter(isWanted).compactMap { builder.build($0.root, end) }
        return builder.finish(roots: roots)
    }

    /// The graph of bare values of some lists, as answers to a question.
    static func graph(of grammar: Grammar, lists: [Int], slot: String) -> SentenceGraph {
        var builder = GraphBuilder(grammar)
        let end = builder.endState()
        let roots = lists.compactMap { builder.build(list: $0, slot: slot, end) }
        return builder.finish(roots: roots)
    }

    private mutating func intern(_ state: State) -> Int {
        if let known = numbers[state] { return known }
        states.append(state)
        numbers[state] = states.count - 1
        return states.count - 1
    }

    private func fillers(_ words: [[UInt32]]) -> [[SentenceGraph.Label]] {
        words.map { word in
            var view = String.UnicodeScalarView()
            view.append(contentsOf: word.compactMap(Unicode.Scalar.init))
            return labels(of: String(view)) ?? []
        }.filter { !$0.isEmpty }
    }

    private mutating func endState() -> Int {
        let final = intern(State(arcs: [], isFinal: true))
        var starts = [final]
        for labels in fillers(grammar.particles + grammar.skipWords) { starts.append(chain(labels, to: final)) }
        return union(starts)
    }

    private mutating func finish(roots: [Int]) -> SentenceGraph {
        guard !roots.isEmpty else { return SentenceGraph() }
        let core = union(roots)
        let skips = fillers(grammar.skipWords)
        var root = core
        if !skips.isEmpty {
            let once = union([core] + skips.map { chain($0, to: core) })
            root = union([core] + skips.map { chain($0, to: once) })
        }
        return renumbered(from: root)
    }

    /// Only what the start reaches, the start first.
    private func renumbered(from root: Int) -> SentenceGraph {
        var order = [root: 0]
        var queue = [root]
        var graph = SentenceGraph(arcs: [], finals: [])
        var next = 0
        while next < queue.count {
            let state = states[queue[next]]
            if state.isFinal { graph.finals.insert(next) }
            var arcs: [SentenceGraph.Arc] = []
            for arc in state.arcs {
                if order[arc.target] == nil {
                    order[arc.target] = queue.count
                    queue.append(arc.target)
                }
                arcs.append(SentenceGraph.Arc(target: order[arc.target] ?? 0, label: arc.label))
            }
            graph.arcs.append(arcs)
            next += 1
        }
        return graph
    }

    private mutating func chain(_ labels: [SentenceGraph.Label], to next: Int) -> Int {
        labels.reversed().reduce(next) { target, label in
            intern(State(arcs: [SentenceGraph.Arc(target: target, label: label)], isFinal: false))
        }
    }

    private mutating func union(_ members: [Int]) -> Int {
        let set = Set(members)
        if set.count == 1, let only = set.first { return only }
        if let known = unions[set] { return known }
        var arcs: [SentenceGraph.Arc] = []
        var seen = Set<SentenceGraph.Arc>()
        var isFinal = false
        for member in members {
            let state = states[member]
            if state.isFinal { isFinal = true }
            let entries =
                state.arcs.count > Self.copyLimit && set.count < state.arcs.count
                ? [SentenceGraph.Arc(target: member, label: .epsilon)] : state.arcs
            for arc in entries where seen.insert(arc).inserted { arcs.append(arc) }
        }
        let result = intern(State(arcs: arcs, isFinal: isFinal))
        unions[set] = result
        return result
    }

    /// The state from which a node's texts lead to `next`; `nil` where nothing of it can be said.
    private mutating func build(_ node: Int, _ next: Int) -> Int? {
        if node == 0 { return next }
        let job = Job(node: node, next: next)
        if let known = built[job] { return known }
        let result = compute(node, next)
        built[job] = .some(result)
        return result
    }

    private mutating func compute(_ node: Int, _ next: Int) -> Int? {
        switch grammar.nodes[node] {
        case .empty: return next
        case .text(let chunk):
            guard let labels = labels(of: chunk.written) else { return nil }
            return chain(labels, to: next)
        case .sequence(let items):
            var state = next
            for item in items.reversed() {
                guard let before = build(item, state) else { return nil }
                state = before
            }
            return state
        case .alternative(let items):
            let branches = items.compactMap { build($0, next) }
            return branches.isEmpty ? nil : union(branches)
        case .permutation(let items): return buildAnyOrder(items, next)
        case .list(let use): return build(list: use.list, slot: use.slot, next)
        }
    }

    private mutating func buildAnyOrder(_ items: [Int], _ next: Int) -> Int? {
        if items.count == 1 { return build(items[0], next) }
        var branches: [Int] = []
        for index in items.indices {
            var rest = items
            let first = rest.remove(at: index)
            if let after = buildAnyOrder(rest, next), let branch = build(first, after) { branches.append(branch) }
        }
        return branches.isEmpty ? nil : union(branches)
    }

    private mutating func build(list: Int, slot: String, _ next: Int) -> Int? {
        switch grammar.lists[list].kind {
        case .wildcard:
            return intern(
                State(arcs: [SentenceGraph.Arc(target: next, label: .wildcard(slot))], isFinal: false))
        case .values(let values):
            let branches = values.items.compactMap { build($0.node, next) }
            return branches.isEmpty ? nil : union(branches)
        case .range(let range): return build(range, next)
        case .builtin(_, let node): return build(node, next)
        }
    }

    private mutating func build(_ range: RangeSource, _ next: Int) -> Int? {
        guard range.allowsWords else { return nil }
        let language = range.wordsLanguage ?? grammar.language
        let count = (range.to - range.from) / range.step + 1
        guard count <= Self.rangeLimit else { return anyNumber(next) }
        let words = range.numbers.prefix(Self.rangeLimit * 10).flatMap { NumberWords.spoken($0, language: language) }
        return words.isEmpty ? nil : trie(words.map { $0[...] }, next)
    }

    /// The words of many numbers as one acceptor.
    private mutating func trie(_ words: [ArraySlice<String>], _ next: Int) -> Int {
        var groups: [(label: String, rest: [ArraySlice<String>])] = []
        var places: [String: Int] = [:]
        var endsHere = false
        for word in words {
            guard let first = word.first else {
                endsHere = true
                continue
            }
            if let place = places[first] {
                groups[place].rest.append(word.dropFirst())
            } else {
                places[first] = groups.count
                groups.append((first, [word.dropFirst()]))
            }
        }
        let arcs = groups.map { SentenceGraph.Arc(target: trie($0.rest, next), label: .text($0.label)) }
        if arcs.isEmpty { return next }
        let state = intern(State(arcs: arcs, isFinal: false))
        return endsHere ? union([state, next]) : state
    }

    /// Any run of number words: a loop, so its state is made by hand.
    private mutating func anyNumber(_ next: Int) -> Int {
        let loop = states.count
        let labels = "零一二两三四五六七八九十百千万点".map { SentenceGraph.Label.text(String($0)) }
        let arcs = labels.flatMap {
            [SentenceGraph.Arc(target: loop, label: $0), SentenceGraph.Arc(target: next, label: $0)]
        }
        states.append(State(arcs: arcs, isFinal: false))
        return loop
    }

    /// The spoken fragments of literal text; `nil` where a sign in it cannot be said.
    private func labels(of text: String) -> [SentenceGraph.Label]? {
        var result: [SentenceGraph.Label] = []
        var run = String.UnicodeScalarView()
        var runKind = 0
        func flush() {
            if runKind == 3, let value = Double(String(run)) {
                let words = NumberWords.spoken(value, language: grammar.language).first ?? []
                result += words.map { .text($0) }
            } else if !run.isEmpty {
                result.append(.text(String(run)))
            }
            run.removeAll()
        }
        for scalar in text.unicodeScalars {
            let value = scalar.value
            if scalar.properties.isWhitespace || Scalars.isPunctuation(value) {
                flush()
                runKind = 0
                continue
            }
            let kind =
                Scalars.isHan(value)
                ? 1
                : Scalars.isDigit(value) ? 3 : Scalars.isWord(value) || value == 0x27 || value == Scalars.hyphen ? 2 : 0
            if kind == 0 { return nil }
            if kind != runKind { flush() }
            run.append(scalar)
            runKind = kind
        }
        flush()
        return result
    }
}
