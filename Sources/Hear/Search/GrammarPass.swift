import Glibc

/// 1 / (1 + e⁻ˣ).
func logistic(_ x: Double) -> Double { 1 / (1 + exp(-x)) }

/// One walk of a network over the emissions of an utterance.
struct GrammarPass {
    /// A completed text, with the frames of an open slot.
    struct Label: Hashable {
        var output: Int32
        var frames: Range<Int>
    }

    private struct History {
        var parent: Int32
        var label: Label
    }

    private struct HistoryKey: Hashable {
        var parent: Int32
        var output: Int32
        var frame: Int
    }

    private let network: UnitNetwork
    private let emissions: Emissions
    private let values: [Float]
    private let configuration: GrammarSearch.Configuration
    private var beam: TokenBeam
    private var tokens: [BeamToken]
    private var histories: [History] = []
    private var historyIndex: [HistoryKey: Int32] = [:]
    /// Greedy units begun before each frame.
    private var unitsBefore: [Int] = [0]
    /// Score of any sound at each frame.
    private var openScores: [Float] = []

    init(
        network: UnitNetwork, start: Int32, emissions: Emissions, values: [Float],
        configuration: GrammarSearch.Configuration, perState: Int
    ) {
        self.network = network
        self.emissions = emissions
        self.values = values
        self.configuration = configuration
        beam = TokenBeam(nodeCount: network.count, perState: perState, beam: configuration.beam)
        tokens = [BeamToken(node: start, sounding: false, history: -1, score: 0)]
        var last = 0
        for (frame, unit) in emissions.bestUnits.enumerated() {
            let begins = unit != 0 && unit != last
            unitsBefore.append((unitsBefore.last ?? 0) + (begins ? 1 : 0))
            openScores.append(emissions[frame, unit] - (begins ? configuration.wildcardUnitPenalty : 0))
            last = unit
        }
    }

    /// Units heard without any grammar.
    var unitCount: Int { unitsBefore.last ?? 0 }
    /// Score of the best path, whether a sentence ends there or not.
    private(set) var bestScore: Float = 0

    /// Walks over all frames.
    mutating func run() {
        for frame in 0..<emissions.frameCount {
            for token in tokens where !beam.prunes(token.score) { advance(token, frame: frame) }
            bestScore = beam.best
            tokens = beam.drain(limit: configuration.maximumTokens)
        }
    }

    /// The sentences that may end after the last frame, best first, each with the node it ends in.
    mutating func finals() -> [(score: Float, history: Int32, node: Int32)] {
        var found: [(score: Float, history: Int32, node: Int32)] = []
        let frame = emissions.frameCount
        for token in tokens {
            var reached: [(node: Int32, history: Int32, penalty: Float)] = []
            if network.isFinal[Int(token.node)] { reached.append((token.node, token.history, 0)) }
            walkExits(of: token, node: token.node, history: token.history, penalty: 0, frame: frame, depth: 0) {
                pass, node, history, penalty in
                if pass.network.isFinal[Int(node)] { reached.append((node, history, penalty)) }
            }
            for end in reached { found.append((token.score - end.penalty, end.history, end.node)) }
        }
        return found.sorted { $0.score > $1.score }
    }

    /// What a history says, in order.
    func labels(of history: Int32) -> [Label] {
        var labels: [Label] = []
        var index = history
        while index >= 0 {
            labels.append(histories[Int(index)].label)
            index = histories[Int(index)].parent
        }
        return labels.reversed()
    }

    private mutating func advance(_ token: BeamToken, frame: Int) {
        let row = frame * emissions.unitCount
        let unit = network.units[Int(token.node)]
        if unit == UnitNetwork.Taken.anything {
            beam.add(
                BeamToken(
                    node: token.node, sounding: true, history: token.history,
                    score: token.score + openScores[frame]), keep: 1)
        } else {
            beam.add(
                BeamToken(
                    node: token.node, sounding: false, history: token.history, score: token.score + values[row]))
            if token.sounding {
                beam.add(
                    BeamToken(
                        node: token.node, sounding: true, history: token.history,
                        score: token.score + values[row + Int(unit)]))
            }
        }
        var last: Int32 = -1
        if token.sounding { last = unit }
        if unit == UnitNetwork.Taken.anything, frame > 0 { last = Int32(emissions.bestUnits[frame - 1]) }
        enter(from: token.node, token.score, token.history, after: last, frame: frame)
        walkExits(of: token, node: token.node, history: token.history, penalty: 0, frame: frame, depth: 0) {
            pass, node, history, penalty in
            pass.enter(from: node, token.score - penalty, history, after: last, frame: frame)
        }
    }

    private mutating func enter(
        from node: Int32, _ score: Float, _ history: Int32, after last: Int32, frame: Int
    ) {
        let row = frame * emissions.unitCount
        for child in network.children(of: node) {
            let unit = network.units[Int(child)]
            if unit == UnitNetwork.Taken.anything {
                // A slot begins with a sound, not in the silence before it.
                guard unitsBefore[frame + 1] > unitsBefore[frame] else { continue }
                let opened = score + openScores[frame]
                guard !beam.prunes(opened) else { continue }
                let opening = Label(output: -1, frames: frame..<frame)
                beam.add(
                    BeamToken(node: child, sounding: true, history: append(opening, to: history), score: opened),
                    keep: 1)
            } else if unit != last {
                beam.add(
                    BeamToken(
                        node: child, sounding: true, history: history, score: score + values[row + Int(unit)]))
            }
        }
    }

    /// Visits the nodes that a token reaches by completing texts, with the history that this gives.
    private mutating func walkExits(
        of token: BeamToken, node: Int32, history: Int32, penalty: Float, frame: Int, depth: Int,
        visit: (inout GrammarPass, Int32, Int32, Float) -> Void
    ) {
        guard depth < 6 else { return }
        for exit in network.exits(of: node) {
            let penalty = penalty + exit.penalty
            var next = history
            if network.units[Int(node)] == UnitNetwork.Taken.anything {
                guard history >= 0 else { continue }
                let opening = histories[Int(history)]
                let first = opening.label.frames.lowerBound
                guard unitsBefore[frame] - unitsBefore[first] >= configuration.wildcardMinimumUnits else { continue }
                next = append(Label(output: exit.label, frames: first..<frame), to: opening.parent)
            } else if exit.label >= 0 {
                next = append(Label(output: exit.label, frames: frame..<frame), to: history)
            }
            visit(&self, exit.target, next, penalty)
            walkExits(
                of: token, node: exit.target, history: next, penalty: penalty, frame: frame, depth: depth + 1,
                visit: visit)
        }
    }

    /// The history that adds a label; texts written alike share one whenever they ended, open slots do not.
    private mutating func append(_ label: Label, to parent: Int32) -> Int32 {
        let isSlot = label.output < 0 || !label.frames.isEmpty
        let frame = isSlot ? label.frames.lowerBound << 20 | label.frames.upperBound : 0
        let key = HistoryKey(parent: parent, output: label.output, frame: frame)
        if let known = historyIndex[key] { return known }
        histories.append(History(parent: parent, label: label))
        let index = Int32(histories.count - 1)
        historyIndex[key] = index
        return index
    }
}
