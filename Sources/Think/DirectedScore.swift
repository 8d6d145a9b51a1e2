import Glibc

/// What speaks for and against an utterance being meant for the device.
public struct DirectedEvidence: Sendable, Equatable {
    /// How well the grammar's sentence explains the sound, 0…1; 0 where none was found.
    public var fit: Double
    /// How likely the network takes the words to be meant for a device, 0…1.
    public var words: Double
    /// How much of the sentence open slots took with words that are no listed names, 0…1.
    public var openShare: Double
    /// How far the grammar's sentence is from what was heard without it, 0 same … 1 nothing alike.
    public var disagreement: Double
    /// Syllables that the sentence itself or a list of names spells out, at most 8.
    public var spelledCount: Double

    /// Evidence of given parts.
    public init(fit: Double, words: Double, openShare: Double, disagreement: Double, spelledCount: Double) {
        self.fit = fit
        self.words = words
        self.openShare = openShare
        self.disagreement = disagreement
        self.spelledCount = spelledCount
    }

    /// Gathers the evidence about one sentence that the grammar found.
    ///
    /// - Parameters:
    ///   - sentence: What the grammar takes the utterance to say.
    ///   - open: What was written without a grammar.
    public init(fit: Double, words: Double, sentence: String, open: String, match: DomainMatch) {
        let said = Scalars.fold(sentence).filter { Scalars.isWord($0) || Scalars.isHan($0) }
        let heard = Scalars.fold(open).filter { Scalars.isWord($0) || Scalars.isHan($0) }
        let length = max(1, max(said.count, heard.count))
        // What an open slot swallows could be anything, but not by chance a name that the domain lists, unless the words
        // around the name are the grammar's own invention: 上海 is not 去上海.
        let unlisted = match.wildcardLength - (said == heard ? match.listedLength : 0)
        self.init(
            fit: fit, words: words, openShare: min(1, Double(unlisted) / Double(max(1, said.count))),
            disagreement: Double(NearestName.distance(said, heard)) / Double(length),
            spelledCount: Double(min(8, max(0, said.count - unlisted))))
    }

    /// The figures in the order of the weights.
    ///
    /// Words and spelled syllables stand twice, since a sentence with an open slot is told from talk by what its words mean,
    /// and one without by how much of it was said as written. How clearly a sound was heard is not among them: what is at
    /// hand to fit on differs in it for another reason (commands of synthetic voices, talk of people).
    public var figures: [Double] {
        func logit(_ share: Double) -> Double {
            let inside = min(max(share, 1e-3), 1 - 1e-3)
            return log(inside / (1 - inside))
        }
        let isOpen = openShare > 0
        return [
            logit(fit), logit(words), openShare, disagreement, spelledCount / 8, isOpen ? logit(words) : 0,
            isOpen ? 0 : spelledCount / 8,
        ]
    }
}

/// A directed-at-device score: a logistic regression over the evidence.
///
/// `Models/training/think/directed.py` fits the weights and measures what each threshold lets through.
public struct DirectedScore: Sendable {
    /// What the shipped weights are.
    public static let shipped = DirectedScore(
        bias: -7.69, weights: [1.18, 0.41, 0.82, -0.47, 8.19, 0.22, 0.46])

    private let bias: Double
    private let weights: [Double]

    /// A score of given weights, in the order of `DirectedEvidence.figures`.
    public init(bias: Double, weights: [Double]) {
        self.bias = bias
        self.weights = weights
    }

    /// 0…1.
    public func callAsFunction(_ evidence: DirectedEvidence) -> Double {
        let sum = zip(weights, evidence.figures).reduce(bias) { $0 + $1.0 * $1.1 }
        return 1 / (1 + exp(-sum))
    }
}

/// How many false actions an hour of other people's speech costs at each threshold of the directed score, as measured.
public struct DirectedTable: Sendable, Equatable {
    /// So many false actions an hour are allowed where nobody says otherwise.
    public static let usualLimit = 0.2

    /// A threshold with what it lets through.
    public struct Row: Sendable, Equatable {
        /// Scores from here on act.
        public var threshold: Double
        /// False actions an hour of speech that was not meant for the device.
        public var falseActions: Double
        /// The share of commands that still act.
        public var kept: Double
    }

    /// From the lowest threshold to the highest.
    public let rows: [Row]

    /// Reads `directed.tsv`: threshold, false actions an hour, share of commands kept; `#` begins a remark.
    public init(path: String) throws(ThinkError) {
        var rows: [Row] = []
        for (place, line) in try TextFile.read(path: path).split(separator: "\n", omittingEmptySubsequences: false)
            .enumerated()
        where !line.isEmpty && !line.hasPrefix("#") {
            let fields = line.split(separator: "\t").compactMap { Double($0) }
            guard fields.count == 3 else {
                throw .malformed(
                    path: path, line: place + 1, expected: "threshold, false actions, share kept", found: String(line))
            }
            rows.append(Row(threshold: fields[0], falseActions: fields[1], kept: fields[2]))
        }
        guard !rows.isEmpty else { throw .malformed(path: path, line: 0, expected: "a row", found: "none") }
        self.rows = rows.sorted { $0.threshold < $1.threshold }
    }

    /// The lowest measured threshold that stays within a number of false actions an hour; the highest where none does.
    public func threshold(falseActionsPerHour limit: Double) -> Double {
        // A higher threshold never lets more through: what was measured is taken from the end.
        var chosen = rows.last?.threshold ?? 1
        for row in rows.reversed() {
            guard row.falseActions <= limit else { break }
            chosen = row.threshold
        }
        return chosen
    }
}
