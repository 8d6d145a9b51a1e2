import Glibc
import Language
import Tensors

@testable import Speak

/// Where things lie, and small helpers of the tests.
enum Support {
    static let root: String = {
        var parts = #filePath.split(separator: "/").map(String.init)
        parts.removeLast(3)
        return "/" + parts.joined(separator: "/")
    }()

    static let fixtures = root + "/Tests/SpeakTests/Fixtures"
    static let models = ModelDirectoryPath(path: root + "/Models")

    struct ModelDirectoryPath: Sendable { var path: String }

    static func frontEnd() throws -> TextFrontEnd { try TextFrontEnd(directory: root + "/Models/lexicon") }

    /// The shipped models.
    static func synthesiser(_ precision: Precision = .int8) throws -> Synthesiser {
        try Synthesiser(
            models: try ModelDirectory.locate(root + "/Models"), frontEnd: try frontEnd(), precision: precision)
    }

    /// The tiny random models of the fixtures.
    static func tiny(_ precision: Precision = .int8) throws -> Synthesiser {
        try Synthesiser(models: try ModelDirectory.locate(fixtures), frontEnd: try frontEnd(), precision: precision)
    }

    /// A cloned voice that differs from its base in nothing but the mark.
    static func cloned(_ base: Voice, width: Int, model: String) -> ClonedVoice {
        ClonedVoice(
            name: "copy", base: base.name, sex: base.sex, consent: "test", seconds: 60, likeness: 1, hertz: base.hertz,
            spread: 1, pace: base.pace, energy: 0, head: TimbreHead(width: width),
            embedding: [Float](repeating: 1 / 16, count: 256), model: model)
    }

    /// F0 of the louder voiced stretches by autocorrelation, in hertz, one every 10 ms; 0 where none is found.
    static func pitch(_ samples: [Float]) -> [Double] {
        let window = 960
        return stride(from: 0, to: max(0, samples.count - 2 * window), by: 240).map { start in
            var energy: Float = 0
            for index in start..<start + window { energy += samples[index] * samples[index] }
            guard energy > 0.3 else { return 0 }
            var best: (lag: Int, value: Float) = (0, 0)
            var values: [Float] = []
            for lag in 48...400 {
                var cross: Float = 0
                var other: Float = 0
                for index in start..<start + window {
                    cross += samples[index] * samples[index + lag]
                    other += samples[index + lag] * samples[index + lag]
                }
                let value = cross / (energy * other + 1e-9).squareRoot()
                values.append(value)
                if value > best.value { best = (lag, value) }
            }
            guard best.value > 0.6 else { return 0 }
            // the shortest lag that is nearly as good, so that no octave is lost
            for (offset, value) in values.enumerated() where value > 0.93 * best.value {
                let isPeak =
                    offset > 0 && offset + 1 < values.count && values[offset - 1] <= value
                    && values[offset + 1] <= value
                if isPeak { return 24_000 / Double(48 + offset) }
            }
            return 24_000 / Double(best.lag)
        }
    }

    static func median(_ values: [Double]) -> Double {
        let sorted = values.filter { $0 > 0 }.sorted()
        return sorted.isEmpty ? 0 : sorted[sorted.count / 2]
    }
}
