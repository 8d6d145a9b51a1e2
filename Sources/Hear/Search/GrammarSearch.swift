import Language

/// A stretch of sound that an open slot took.
public struct WildcardSpan: Sendable, Equatable {
    /// Name of the slot.
    public var name: String
    /// What was heard there; the Han text when an open search was given, else the syllables.
    public var text: String
    /// The frames of the stretch.
    public var frames: Range<Int>

    /// A span of given parts.
    public init(name: String, text: String, frames: Range<Int>) {
        self.name = name
        self.text = text
        self.frames = frames
    }
}

/// One sentence of the grammar that fits what was heard.
public struct GrammarHit: Sendable, Equatable {
    /// The sentence, with open slots filled.
    public var text: String
    /// Natural logarithm of the path's probability.
    public var score: Double
    /// 0…1: how well the sentence explains the sound against anything at all being said.
    public var confidence: Double
    /// The open slots, in order.
    public var wildcards: [WildcardSpan]

    /// A hit of given parts.
    public init(text: String, score: Double, confidence: Double, wildcards: [WildcardSpan] = []) {
        self.text = text
        self.score = score
        self.confidence = confidence
        self.wildcards = wildcards
    }
}

/// Finds the sentences of a grammar in emissions: token passing with CTC's blanks and repeats.
///
/// A sentence that is not in the grammar gives hits of low confidence or none: rejecting is a normal answer.
public final class GrammarSearch: Sendable {
    /// What the search may spend and how it judges.
    public struct Configuration: Sendable {
        /// Paths worse than the best by more than this are dropped, in nats.
        public var beam: Float = 16
        /// Most paths kept a frame.
        public var maximumTokens = 3_000
        /// Price of a unit in an open slot, in nats.
        public var wildcardUnitPenalty: Float = 0.7
        /// Shortest filling of an open slot, in units.
        public var wildcardMinimumUnits = 2
        /// Mean cost a unit against the open path at which the confidence is one half, in nats.
        public var confidenceMidpoint = 1.1
        /// How fast the confidence falls with the cost.
        public var confidenceSlope = 4.0

        /// The defaults.
        public init() {}
    }

    /// Fragments of the graph that cannot be pronounced; sentences with them are never found.
    public let unpronounceable: [String]
    /// Nodes of the unit network.
    public var nodeCount: Int { network.count }

    private let network: UnitNetwork
    private let outputs: [GrammarCompiler.Output]
    private let start: Int32
    private let clauseEnds: Set<Int32>
    private let configuration: Configuration
    private let confusions = UnitConfusions()
    /// Of each unit whether the language of the grammar has it; all of English may stand in a Chinese sentence.
    private let isSpoken: [Bool]

    /// Compiles a sentence graph for a dialect.
    ///
    /// - Throws: `HearError.badGrammar` when the graph points outside itself.
    public convenience init(
        graph: SentenceGraph, frontEnd: TextFrontEnd, dialect: Dialect, configuration: Configuration = Configuration()
    ) throws(HearError) {
        let pronunciations = Pronunciations(frontEnd: frontEnd, dialect: dialect)
        try self.init(graph: graph, dialect: dialect, configuration: configuration) { pronunciations.variants(of: $0) }
    }

    /// Compiles a sentence graph with any way of pronouncing.
    init(
        graph: SentenceGraph, dialect: Dialect, configuration: Configuration = Configuration(),
        pronounce: @escaping (String) -> [[Int]]
    ) throws(HearError) {
        var compiler = GrammarCompiler(dialect: dialect, pronounce: pronounce)
        try compiler.compile(graph)
        network = compiler.network
        outputs = compiler.outputs
        start = compiler.start
        clauseEnds = compiler.clauseEnds
        unpronounceable = compiler.unpronounceable
        self.configuration = configuration
        isSpoken = UnitFamily.all.map { family in
            switch dialect {
            case .mandarin, .sichuanese: family != .cantonese
            case .cantonese: family != .mandarin
            case .english: true
            }
        }
    }

    /// The best sentences, best first; none when no sentence lies within the beam.
    ///
    /// - Parameters:
    ///   - emissions: A whole utterance.
    ///   - best: How many different sentences to return at most.
    ///   - fill: Writes down what was heard in an open slot; by default its syllables.
    public func search(
        _ emissions: Emissions, best: Int = 5, fill: ((Emissions) -> String)? = nil
    ) -> [GrammarHit] {
        guard best > 0, emissions.frameCount > 0 else { return [] }
        var pass = GrammarPass(
            network: network, start: start, emissions: emissions, values: confusions.apply(to: emissions),
            configuration: configuration, perState: best)
        pass.run()
        let open = openScore(emissions)
        var written: [Range<Int>: String] = [:]
        var hits: [GrammarHit] = []
        for (score, history, _) in pass.finals() {
            let (text, spans) = spell(
                pass.labels(of: history), emissions: emissions, written: &written, fill: fill)
            guard !text.isEmpty, !hits.contains(where: { $0.text == text }) else { continue }
            let units = max(1, pass.unitCount)
            let cost = (open - Double(score)) / Double(units)
            let confidence = logistic(configuration.confidenceSlope * (configuration.confidenceMidpoint - cost))
            hits.append(GrammarHit(text: text, score: Double(score), confidence: confidence, wildcards: spans))
            if hits.count == best { break }
        }
        return hits
    }

    /// Whether what was heard so far is already a whole sentence, a clause before others, must go on, or fits nothing.
    public func hint(_ emissions: Emissions) -> Endpointer.Hint {
        guard emissions.frameCount > 0 else { return .unknown }
        var pass = GrammarPass(
            network: network, start: start, emissions: emissions, values: confusions.apply(to: emissions),
            configuration: configuration, perState: 1)
        pass.run()
        let cost = (openScore(emissions) - Double(pass.bestScore)) / Double(max(1, pass.unitCount))
        guard pass.unitCount > 1, cost < configuration.confidenceMidpoint else { return .unknown }
        let finals = pass.finals()
        guard let best = finals.first, best.score >= pass.bestScore - 2 else { return .incomplete }
        let isClause = finals.contains { $0.score == best.score && clauseEnds.contains($0.node) }
        return isClause ? .clause : .complete
    }

    /// The score of anything at all being said in the language of the grammar.
    ///
    /// A short word of an unknown voice is now and then surer as a sound of Canton (開 as hai6) than as what it is; that says
    /// nothing against a Mandarin sentence once the utterance is taken for Mandarin.
    private func openScore(_ emissions: Emissions) -> Double {
        guard emissions.unitCount == isSpoken.count else { return emissions.bestScore() }
        return emissions.bestScore(among: isSpoken)
    }

    /// - Parameter written: What open slots over the same frames held before, since sentences often differ elsewhere.
    private func spell(
        _ labels: [GrammarPass.Label], emissions: Emissions, written: inout [Range<Int>: String],
        fill: ((Emissions) -> String)?
    ) -> (String, [WildcardSpan]) {
        var text = ""
        var spans: [WildcardSpan] = []
        for label in labels {
            switch outputs[Int(label.output)] {
            case .text(let fragment): text += fragment
            case .wildcard(let name):
                let heard = written[label.frames] ?? Self.written(emissions.slice(label.frames), fill)
                written[label.frames] = heard
                spans.append(WildcardSpan(name: name, text: heard, frames: label.frames))
                text += heard
            }
        }
        return (text, spans)
    }

    private static func written(_ part: Emissions, _ fill: ((Emissions) -> String)?) -> String {
        fill?(part) ?? Syllables.spelled(part.greedyUnits().map(\.unit)).joined(separator: " ")
    }
}
