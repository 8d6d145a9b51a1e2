import Language

/// Turns a graph over text into a network over units, with shared beginnings.
struct GrammarCompiler {
    /// What an exit's label stands for.
    enum Output: Sendable, Hashable {
        case text(String)
        case wildcard(String)
    }

    /// Small words before and after a command that carry no meaning.
    private static let leading: [Dialect: [String]] = [
        .mandarin: ["嗯", "呃", "那个", "请", "麻烦", "帮我", "给我", "请帮我", "麻烦帮我", "喂", "你好", "我要", "我想"],
        .sichuanese: ["嗯", "呃", "那个", "请", "麻烦", "帮我", "给我", "我要", "我想"],
        .cantonese: ["唔該", "同我", "幫我", "嗯", "我要", "我想"],
        .english: ["please", "um", "uh", "hey"],
    ]
    private static let trailing: [Dialect: [String]] = [
        .mandarin: ["吧", "啊", "呀", "啦", "谢谢", "好吗", "一下"],
        .sichuanese: ["嘛", "哈", "吧", "啊", "谢谢"],
        .cantonese: ["啦", "呀", "唔該", "吖"],
        .english: ["please", "thanks"],
    ]
    private static let fillerPenalty: Float = 1.5
    /// More text states than this are left as the domain file wrote them instead of being merged further.
    private static let mergeLimit = 60_000

    private let dialect: Dialect
    /// The unit rows that a fragment may be heard as.
    private let pronounce: (String) -> [[Int]]
    private var pronunciationCache: [String: [[Int]]] = [:]
    private var labelIndex: [Output: Int32] = [:]

    private(set) var network = UnitNetwork()
    private(set) var outputs: [Output] = []
    private(set) var unpronounceable: [String] = []
    private(set) var start: Int32 = 0

    init(dialect: Dialect, pronounce: @escaping (String) -> [[Int]]) {
        self.dialect = dialect
        self.pronounce = pronounce
    }

    /// Compiles the graph; `network`, `outputs` and `start` hold the result.
    mutating func compile(_ graph: SentenceGraph) throws(HearError) {
        try check(graph)
        start = network.addRoot(isFinal: false)
        let end = network.addRoot(isFinal: true)
        addFillers(Self.leading[dialect] ?? [], loopingAt: start)
        addFillers(Self.trailing[dialect] ?? [], loopingAt: end)

        var roots: [[Int]: Int32] = [:]
        var queue: [[Int]] = []
        func root(_ states: [Int], in network: inout UnitNetwork) -> Int32 {
            if let known = roots[states] { return known }
            let final = states.contains { graph.finals.contains($0) }
            let node = network.addRoot(isFinal: final)
            if final { network.addExit(at: node, UnitNetwork.Exit(label: -1, target: end, penalty: 0)) }
            roots[states] = node
            queue.append(states)
            return node
        }
        let first = root(Self.closure([0], in: graph), in: &network)
        network.addExit(at: start, UnitNetwork.Exit(label: -1, target: first, penalty: 0))
        var next = 0
        while next < queue.count {
            let states = queue[next]
            next += 1
            guard let source = roots[states] else { continue }
            for (label, targets) in Self.step(states, in: graph) {
                let groups = queue.count < Self.mergeLimit ? [targets] : targets.map { [$0] }
                for group in groups {
                    let target = root(Self.closure(group, in: graph), in: &network)
                    add(label, from: source, to: target)
                }
            }
        }
        network.seal()
        labelIndex = [:]
        pronunciationCache = [:]
    }

    private func check(_ graph: SentenceGraph) throws(HearError) {
        guard !graph.arcs.isEmpty else { throw .badGrammar(reason: "expected a start state, found no state") }
        for (state, arcs) in graph.arcs.enumerated() {
            for arc in arcs where !graph.arcs.indices.contains(arc.target) {
                throw .badGrammar(
                    reason: "expected targets under \(graph.arcs.count), found \(arc.target) from state \(state)")
            }
        }
        for state in graph.finals where !graph.arcs.indices.contains(state) {
            throw .badGrammar(reason: "expected final states under \(graph.arcs.count), found \(state)")
        }
    }

    private mutating func addFillers(_ words: [String], loopingAt root: Int32) {
        for word in words {
            for path in pronunciations(of: word) where !path.isEmpty {
                let node = network.addPath(path, from: root)
                network.addExit(at: node, UnitNetwork.Exit(label: -1, target: root, penalty: Self.fillerPenalty))
            }
        }
    }

    private mutating func add(_ label: SentenceGraph.Label, from source: Int32, to target: Int32) {
        switch label {
        case .epsilon: break
        case .wildcard(let name):
            let node = network.addWildcard(under: source)
            network.addExit(
                at: node, UnitNetwork.Exit(label: index(of: .wildcard(name)), target: target, penalty: 0))
        case .text(let text):
            let label = index(of: .text(text))
            let paths = pronunciations(of: text)
            if paths.isEmpty { unpronounceable.append(text) }
            for path in paths {
                // A fragment that is not heard (a comma) is written all the same.
                let node = path.isEmpty ? source : network.addPath(path, from: source)
                network.addExit(at: node, UnitNetwork.Exit(label: label, target: target, penalty: 0))
            }
        }
    }

    private mutating func index(of output: Output) -> Int32 {
        if let known = labelIndex[output] { return known }
        outputs.append(output)
        let index = Int32(outputs.count - 1)
        labelIndex[output] = index
        return index
    }

    private mutating func pronunciations(of text: String) -> [[Int]] {
        if let known = pronunciationCache[text] { return known }
        let found = pronounce(text)
        pronunciationCache[text] = found
        return found
    }

    private static func closure(_ states: [Int], in graph: SentenceGraph) -> [Int] {
        var seen = Set(states)
        var stack = states
        while let state = stack.popLast() {
            for arc in graph.arcs[state] where arc.label == .epsilon && !seen.contains(arc.target) {
                seen.insert(arc.target)
                stack.append(arc.target)
            }
        }
        return seen.sorted()
    }

    private static func step(_ states: [Int], in graph: SentenceGraph) -> [(SentenceGraph.Label, [Int])] {
        var order: [SentenceGraph.Label] = []
        var targets: [SentenceGraph.Label: Set<Int>] = [:]
        for state in states {
            for arc in graph.arcs[state] where arc.label != .epsilon {
                if targets[arc.label] == nil { order.append(arc.label) }
                targets[arc.label, default: []].insert(arc.target)
            }
        }
        return order.map { ($0, targets[$0, default: []].sorted()) }
    }
}
