import Language

@testable import Hear

/// Emissions made by hand, for tests that need no model.
enum Synthetic {
    static let unitCount = PhoneInventory.units.count

    /// The index of a unit; the tests name only units that exist.
    static func unit(_ name: String) -> Int { PhoneInventory.index(of: name) ?? 0 }

    /// Each unit sounds for two frames with the given probability, followed by blanks.
    static func emissions(_ units: [String], certainty: Float = 0.9, blanks: Int = 3) -> Emissions {
        var rows: [Float] = []
        for _ in 0..<5 { rows += frame(likely: 0, certainty: certainty) }
        for name in units {
            for _ in 0..<2 { rows += frame(likely: unit(name), certainty: certainty) }
            for _ in 0..<blanks { rows += frame(likely: 0, certainty: certainty) }
        }
        return Emissions(unitCount: unitCount, logProbabilities: rows)
    }

    /// One frame: a likely unit, and the rest shared between all others.
    static func frame(likely: Int, certainty: Float) -> [Float] {
        var row = [Float](repeating: logarithm((1 - certainty) / Float(unitCount - 1)), count: unitCount)
        row[likely] = logarithm(certainty)
        return row
    }

    static func logarithm(_ x: Float) -> Float {
        // A test need not import a C library for one function: ln x by halving to near 1 and a series.
        var (value, exponent) = (Double(x), 0.0)
        while value > 1.5 { (value, exponent) = (value / 2, exponent + 1) }
        while value < 0.75 { (value, exponent) = (value * 2, exponent - 1) }
        let y = (value - 1) / (value + 1)
        var (sum, power) = (0.0, y)
        for k in 0..<12 {
            sum += power / Double(2 * k + 1)
            power *= y * y
        }
        return Float(2 * sum + exponent * 0.693147180559945)
    }

    /// Toneless toy spelling: each character's units.
    static let spelling: [Character: [String]] = [
        "打": ["d", "a3"], "开": ["k", "ai1"], "关": ["g", "uan1"], "闭": ["b", "i4"], "空": ["k", "ong1"],
        "调": ["t", "iao2"], "车": ["ch", "e1"], "窗": ["ch", "uang1"], "灯": ["d", "eng1"], "到": ["d", "ao4"],
        "播": ["b", "o1"], "放": ["f", "ang4"], "请": ["q", "ing3"], "吧": ["b", "a5"], "三": ["s", "an1"],
        "大": ["d", "a4"], "点": ["d", "ian3"],
    ]

    /// Every way to say a text in the toy spelling: one way, or none.
    static func pronounce(_ text: String) -> [[Int]] {
        var row: [Int] = []
        for character in text {
            guard let units = spelling[character] else { return [] }
            row += units.map(unit)
        }
        return [row]
    }

    /// The units of a text in the toy spelling.
    static func units(_ text: String) -> [String] { text.flatMap { spelling[$0] ?? [] } }
}
