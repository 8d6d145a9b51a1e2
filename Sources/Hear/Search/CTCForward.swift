import Glibc

/// The forward sum of CTC over blanks and repeats, for any number of unit sequences over the same frames (Graves 2006).
///
/// Probabilities relative to the likeliest unit of a frame are multiplied and rescaled, which takes no logarithm in the
/// loop: a name book's trial of fifty sentences costs a few milliseconds. What is too unlikely for that is summed anew in
/// logarithms.
struct CTCForward {
    private let emissions: Emissions
    private let bestScore: Double
    /// By unit the probability in each frame, relative to the frame's best; empty until the unit is wanted.
    private var columns: [[Double]]

    // The forward values are lifted long before Double's smallest normal number, 1e-308, is near.
    private static let smallest = 1e-100

    init(_ emissions: Emissions) {
        self.emissions = emissions
        bestScore = emissions.bestScore()
        columns = Array(repeating: [], count: emissions.unitCount)
    }

    /// Natural logarithm of the probability that the frames say the units and nothing else; −∞ where they cannot.
    mutating func logProbability(of units: [Int]) -> Double {
        guard !units.isEmpty, emissions.frameCount > 0 else { return -.infinity }
        let blank = column(of: 0)
        let rows = units.map { column(of: $0) }
        var alpha = [Double](repeating: 0, count: 2 * units.count + 1)
        alpha[0] = 1
        var lifted = 0.0
        for frame in 0..<emissions.frameCount {
            var largest = 0.0
            // From the last state down, so that each still finds what the states before it were.
            for position in stride(from: units.count - 1, through: 0, by: -1) {
                let (state, skips) = (2 * position + 1, position > 0 && units[position] != units[position - 1])
                alpha[state + 1] = (alpha[state + 1] + alpha[state]) * blank[frame]
                let earlier = alpha[state - 1] + (skips ? alpha[state - 2] : 0)
                alpha[state] = (alpha[state] + earlier) * rows[position][frame]
                largest = max(largest, alpha[state], alpha[state + 1])
            }
            alpha[0] *= blank[frame]
            largest = max(largest, alpha[0])
            guard largest > 0 else { break }
            if largest < Self.smallest {
                lifted += log(largest)
                for state in alpha.indices { alpha[state] /= largest }
            }
        }
        let sum = alpha[alpha.count - 1] + alpha[alpha.count - 2]
        // A sum of hardly normal numbers has lost digits, and none at all may only be too small to hold.
        guard sum > Self.smallest * Self.smallest else { return Self.inLogarithms(units, emissions) }
        return bestScore + lifted + log(sum)
    }

    private mutating func column(of unit: Int) -> [Double] {
        if columns[unit].isEmpty {
            columns[unit] = emissions.bestUnits.indices.map { frame in
                exp(Double(emissions[frame, unit]) - Double(emissions[frame, emissions.bestUnits[frame]]))
            }
        }
        return columns[unit]
    }

    /// The same sum by logarithms, whatever its size.
    static func inLogarithms(_ units: [Int], _ emissions: Emissions) -> Double {
        let states = 2 * units.count + 1
        var alpha = [Double](repeating: -.infinity, count: states)
        alpha[0] = 0
        for frame in 0..<emissions.frameCount {
            var next = [Double](repeating: -.infinity, count: states)
            for state in 0..<states {
                let unit = state % 2 == 0 ? 0 : units[state / 2]
                var sum = alpha[state]
                if state > 0 { sum = logAdd(sum, alpha[state - 1]) }
                if state > 1, unit != 0, unit != units[state / 2 - 1] { sum = logAdd(sum, alpha[state - 2]) }
                next[state] = sum + Double(emissions[frame, unit])
            }
            alpha = next
        }
        return logAdd(alpha[states - 1], alpha[states - 2])
    }

    private static func logAdd(_ a: Double, _ b: Double) -> Double {
        let (large, small) = a > b ? (a, b) : (b, a)
        return small == -.infinity ? large : large + log1p(exp(small - large))
    }
}
