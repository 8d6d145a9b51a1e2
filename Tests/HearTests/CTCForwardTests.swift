import Testing

@testable import Hear

@Suite struct CTCForwardTests {
    @Test func wordSaidIsLikelierThanAnother() {
        var forward = CTCForward(Synthetic.emissions(Synthetic.units("空调"), certainty: 0.6))
        let right = forward.logProbability(of: Synthetic.units("空调").map(Synthetic.unit))
        let wrong = forward.logProbability(of: Synthetic.units("车窗").map(Synthetic.unit))
        #expect(right > wrong)
    }

    @Test func allAlignmentsAreSummed() {
        // Two frames, one unit: the alignments are u u, u blank, blank u.
        let rows = Synthetic.frame(likely: 1, certainty: 0.5) + Synthetic.frame(likely: 1, certainty: 0.5)
        var forward = CTCForward(Emissions(unitCount: Synthetic.unitCount, logProbabilities: rows))
        let other = 0.5 / Double(Synthetic.unitCount - 1)
        let expected = Synthetic.logarithm(Float(0.25 + 2 * 0.5 * other))
        #expect(abs(forward.logProbability(of: [1]) - Double(expected)) < 1e-4)
    }

    @Test(arguments: [[3], [3, 3], [1, 2, 1], [4, 4, 2, 5, 5, 1]])
    func productsAndLogarithmsAgree(_ units: [Int]) {
        var numbers = Dice(state: UInt64(units.count) * 77)
        for frames in [1, 2, 7, 40, 400] {
            let rows = (0..<frames * 6).map { _ in Float.random(in: -30...0, using: &numbers) }
            let emissions = Emissions(unitCount: 6, logProbabilities: rows)
            var forward = CTCForward(emissions)
            let (product, sum) = (forward.logProbability(of: units), CTCForward.inLogarithms(units, emissions))
            #expect(product == sum || abs(product - sum) < 1e-8 * abs(sum), "\(frames) frames: \(product), \(sum)")
        }
    }

    @Test func whatIsTooUnlikelyForProductsIsStillOrdered() {
        // A hundred frames in which only blank is at all likely.
        let row: [Float] = [0, -20, -21]
        let emissions = Emissions(unitCount: 3, logProbabilities: Array(repeatElement(row, count: 100).joined()))
        var forward = CTCForward(emissions)
        let long = Array(repeating: [1, 2], count: 45).flatMap { $0 }
        #expect(forward.logProbability(of: long).isFinite)
        #expect(forward.logProbability(of: [1]) > forward.logProbability(of: [2]))
        #expect(forward.logProbability(of: [2]) > forward.logProbability(of: long))
    }

    @Test func framesTooFewForTheUnitsSayNothing() {
        var forward = CTCForward(Emissions(unitCount: 3, logProbabilities: [0, -1, -2]))
        #expect(forward.logProbability(of: [1, 2]) == -.infinity)
        #expect(forward.logProbability(of: []) == -.infinity)
    }
}

/// A generator that gives the same numbers everywhere (SplitMix64).
private struct Dice: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
