import Glibc
import Language

/// Scores a list of words against what was heard, to say which one it was (menus, tests).
public struct ClosedSet: Sendable {
    /// The words, in the order of the scores.
    public let words: [String]
    private let readings: [[[Int]]]

    /// Words that a front end can say; a word that it cannot say scores −∞.
    public init(words: [String], frontEnd: TextFrontEnd, dialects: [Dialect] = [.mandarin, .english]) {
        self.words = words
        readings = words.map { word in
            let isLatin = word.unicodeScalars.allSatisfy(\.isASCII)
            let dialect = isLatin ? Dialect.english : dialects.first { $0 != .english } ?? .mandarin
            return Pronunciations.variants(of: word, frontEnd: frontEnd, dialect: dialect)
        }
    }

    /// Natural logarithm of the probability that the frames say each word and nothing else: all alignments summed, the
    /// best reading taken.
    public func scores(_ emissions: Emissions) -> [Double] {
        var forward = CTCForward(emissions)
        return readings.map { rows in rows.map { forward.logProbability(of: $0) }.max() ?? -.infinity }
    }

    /// The same after each unit was lent what its neighbours have (other tones, accents), as the grammar's search does:
    /// a name that is listed may be said carelessly.
    /// - Parameter floor: No unit is less likely than this, in natural logarithms.
    public func forgivingScores(_ emissions: Emissions, floor: Float) -> [Double] {
        var confusions = UnitConfusions()
        confusions.floor = floor
        return scores(Emissions(unitCount: emissions.unitCount, logProbabilities: confusions.apply(to: emissions)))
    }

    /// The likeliest word and its share among the words.
    public func best(_ emissions: Emissions) -> (word: String, share: Double)? {
        let scores = scores(emissions)
        guard let best = scores.indices.max(by: { scores[$0] < scores[$1] }), scores[best].isFinite else { return nil }
        let total = scores.reduce(0) { $0 + exp($1 - scores[best]) }
        return (words[best], 1 / total)
    }
}
