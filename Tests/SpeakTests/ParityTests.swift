import Language
import Tensors
import Testing

@testable import Speak

/// The Swift synthesis against the PyTorch reference, on tiny random models (`Models/training/speak/fixture.py`).
struct ParityTests {
    private static let units = ["d", "a3", "k", "ai1", "k", "ong1", "t", "iao2"]

    private func renderer(_ precision: Precision) throws -> SentenceRenderer {
        let synthesiser = try Support.tiny(precision)
        let models = try #require(synthesiser.models(precision))
        let word = SpokenToken(text: "打开空调", syllables: [], units: Self.units, pause: .major)
        let score = try #require(ScoreWriter(bases: models.acoustic.bases).scores([word]).first)
        let voice = try synthesiser.voice(named: "kai")
        return try #require(
            SentenceRenderer(
                score, acoustic: models.acoustic, vocoder: models.vocoder, voice: voice, options: SpeechOptions()))
    }

    private func expected(_ name: String) throws -> [Float] {
        let file = try WeightFile(path: Support.fixtures + "/expected.safetensors")
        return try file.vector(name, count: try #require(file.shape(of: name)?.first))
    }

    @Test func durationsPitchAndVoicingMatchTheReference() throws {
        let renderer = try renderer(.float32)
        #expect(renderer.durations.map(Float.init) == (try expected("durations")))
        for (mine, theirs) in zip(renderer.pitch, try expected("pitch")) { #expect(abs(mine - theirs) < 0.05) }
        #expect(renderer.voiced == (try expected("voiced")))
    }

    @Test func samplesMatchTheReference() throws {
        var renderer = try renderer(.float32)
        var mine: [Float] = []
        while var chunk = renderer.next(20) {
            Limiter.apply(&chunk)
            mine += chunk
        }
        let theirs = try expected("samples")
        #expect(mine.count == theirs.count)
        let worst = zip(mine, theirs).map { abs($0 - $1) }.max() ?? 1
        #expect(worst < 5e-3)
    }

    @Test func integersStayCloseToFloats() throws {
        var integer = try renderer(.int8)
        let theirs = try expected("samples")
        var mine: [Float] = []
        while let chunk = integer.next(500) { mine += chunk }
        func level(_ samples: [Float]) -> Float { samples.reduce(0) { $0 + $1 * $1 } / Float(max(1, samples.count)) }
        #expect(abs(level(mine) / level(theirs) - 1) < 0.2)
    }
}
