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

    /// An arc whose label is a number, so that the determinisation hashes no text; negative for the empty label.
    private struct NumberedArc {
        var target: Int
        var label: Int
    }

    /// What is known of a label once it was met.
    private struct Known {
        var output: Int32
        var paths: [[Int]]
    }

    private let dialect: Dialect
    /// The unit rows that a fragment may be heard as.
    private let pronounce: (String) -> [[Int]]
    private var labels: [SentenceGraph.Label] = []
    private var arcs: [[NumberedArc]] = []
    private var known: [Known?] = []

    private(set) var network = UnitNetwork()
    private(set) var outputs: [Output] = []
    private(set) var unpronounceable: [String] = []
    private(set) var start: Int32 = 0
    /// Roots in which a sentence may end, and after which most of what may follow could begin a sentence as well: the
    /// places where a speaker pauses as at a comma.
    private(set) var clauseEnds: Set<Int32> = []

    init(dialect: Dialect, pronounce: @escaping (String) -> [[Int]]) {
        self.dialect = dialect
        self.pronounce = pronounce
    }

    /// Compiles the graph; `network`, `outputs` and `start` hold the result.
    mutating func compile(_ graph: SentenceGraph) throws(HearError) {
        try check(graph)
        number(graph)
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
        let first = root(closure([0]), in: &network)
        network.addExit(at: start, UnitNetwork.Exit(label: -1, target: first, penalty: 0))
        var beginnings: Set<Int> = []
        var next = 0
        while next < queue.count {
            let states = queue[next]
            next += 1
            guard let source = roots[states] else { continue }
            let steps = step(states)
            if source == first { beginnings = Set(steps.map(\.label)) }
            if network.isFinal[Int(source)], source != first {
                let clauses = steps.count { beginnings.contains($0.label) }
                if clauses > 1, 2 * clauses > steps.count { clauseEnds.insert(source) }
            }
            for (label, targets) in steps {
                let groups = queue.count < Self.mergeLimit ? [targets] : targets.map { [$0] }
                for group in groups {
                    let target = root(closure(group), in: &network)
                    add(label, from: source, to: target)
                }
            }
        }
        network.seal()
        labels = []
        arcs = []
        known = []
    }

    private mutating func number(_ graph: SentenceGraph) {
        var numbers: [SentenceGraph.Label: Int] = [:]
        arcs = graph.arcs.map { row in
            row.map { arc in
                guard arc.label != .epsilon else { return NumberedArc(target: arc.target, label: -1) }
                if let number = numbers[arc.label] { return NumberedArc(target: arc.target, label: number) }
                numbers[arc.label] = labels.count
                labels.append(arc.label)
                return NumberedArc(target: arc.target, label: labels.count - 1)
            }
        }
        known = [Known?](repeating: nil, count: labels.count)
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
            for path in pronounce(word) where !path.isEmpty {
                let node = network.addPath(path, from: root)
                network.addExit(at: node, UnitNetwork.Exit(label: -1, target: root, penalty: Self.fillerPenalty))
            }
        }
    }

    private mutating func add(_ label: Int, from source: Int32, to target: Int32) {
        switch labels[label] {
        case .epsilon: break
        case .wildcard(let name):
            let node = network.addWildcard(under: source)
            let output = meet(label, as: .wildcard(name)).output
            network.addExit(at: node, UnitNetwork.Exit(label: output, target: target, penalty: 0))
        case .text(let text):
            let found = meet(label, as: .text(text))
            if found.paths.isEmpty { unpronounceable.append(text) }
            for path in found.paths {
                // A fragment that is not heard (a comma) is written all the same.
                let node = path.isEmpty ? source : network.addPath(path, from: source)
                network.addExit(at: node, UnitNetwork.Exit(label: found.output, target: target, penalty: 0))
            }
        }
    }

    private mutating func meet(_ label: Int, as output: Output) -> Known {
        if let before = known[label] { return before }
        outputs.append(output)
        var made = Known(output: Int32(outputs.count - 1), paths: [])
        if case .text(let text) = output { made.paths = pronounce(text) }
        known[label] = made
        return made
    }

    private func closure(_ states: [Int]) -> [Int] {
        guard states.contains(where: { arcs[$0].contains { $0.label < 0 } }) else { return states }
        var seen = Set(states)
        var stack = states
        while let state = stack.popLast() {
            for arc in arcs[state] where arc.label < 0 && !seen.contains(arc.target) {
                seen.insert(arc.target)
                stack.append(arc.target)
            }
        }
        return seen.sorted()
    }

    /// The labels that leave some states, in the order in which they are met, each with its sorted targets.
    private func step(_ states: [Int]) -> [(label: Int, targets: [Int])] {
        var steps: [(label: Int, targets: [Int])] = []
        var places: [Int: Int] = [:]
        for state in states {
            for arc in arcs[state] where arc.label >= 0 {
                if let place = places[arc.label] {
                    steps[place].targets.append(arc.target)
                } else {
                    places[arc.label] = steps.count
                    steps.append((arc.label, [arc.target]))
                }
            }
        }
        for place in steps.indices where steps[place].targets.count > 1 {
            steps[place].targets = Set(steps[place].targets).sorted()
        }
        return steps
    }
}
