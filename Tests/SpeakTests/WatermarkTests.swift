import Language
import Sound
import Tensors
import Testing

@testable import Speak

/// The mark of cloned speech: found after what happens to recordings, never found where it is not.
struct WatermarkTests {
    private static let text = "今天天气很好，我们一起去公园走一走。请把空调调到二十四度，然后播放音乐。"

    private func speech(_ voice: Voice, _ synthesiser: Synthesiser, text: String = Self.text) throws -> [Float] {
        var stream = try synthesiser.stream(text, voice: voice, options: SpeechOptions())
        return stream.rest()
    }

    /// A shipped voice marked as a cloned one is, and nothing else changed.
    private func marked(_ base: Voice, _ synthesiser: Synthesiser) throws -> Voice {
        let width = try #require(synthesiser.models(.int8)).acoustic.width
        return Voice(Support.cloned(base, width: width, model: synthesiser.modelName), base: base)
    }

    @Test func itIsFoundInEveryVoice() throws {
        let synthesiser = try Support.synthesiser()
        for base in synthesiser.voices where base.own == nil {
            let voice = try marked(base, synthesiser)
            let finding = Watermark.find(in: try speech(voice, synthesiser))
            #expect(finding.isMarked, "\(base.name): \(finding.score)")
            let plain = Watermark.find(in: try speech(base, synthesiser))
            #expect(plain.score < 5, "\(base.name) unmarked: \(plain.score)")
        }
    }

    @Test func itSurvivesCuttingLevelNoiseAndTelephoneRates() throws {
        let synthesiser = try Support.synthesiser()
        let samples = try speech(try marked(synthesiser.voices[0], synthesiser), synthesiser)
        let cut = Array(samples[12_345...])
        #expect(Watermark.find(in: cut).isMarked)
        #expect(Watermark.find(in: cut.map { $0 * 0.1 }).isMarked)
        var state: UInt64 = 9
        let noisy = cut.map { sample -> Float in
            state = state &* 6_364_136_223_846_793_005 &+ 1
            return sample + (Float(state >> 40) / 8_388_608 - 1) * 0.01
        }
        #expect(Watermark.find(in: noisy).isMarked)
        let narrow = PCM(samples: cut, sampleRate: 24_000).resampled(to: 16_000).resampled(to: 24_000)
        #expect(Watermark.find(in: narrow.samples).isMarked)
    }

    @Test func recordedSpeechSilenceAndNoiseAreNotMarked() throws {
        for name in ["command", "window"] {
            let sound = try WAV.read(path: Support.root + "/Tests/Recordings/\(name).wav").resampled(to: 24_000)
            #expect(Watermark.find(in: sound.samples).score < 5)
        }
        #expect(Watermark.find(in: [Float](repeating: 0, count: 48_000)).score == 0)
        #expect(Watermark.find(in: []).score == 0)
    }

    @Test func itIsTooSmallToHear() throws {
        let synthesiser = try Support.synthesiser()
        let base = synthesiser.voices[0]
        let (plain, marked) = (try speech(base, synthesiser), try speech(try marked(base, synthesiser), synthesiser))
        #expect(plain.count == marked.count)
        func power(_ x: [Float]) -> Float { x.reduce(0) { $0 + $1 * $1 } }
        let difference = power(zip(plain, marked).map { $0 - $1 }) / power(plain)
        // 1.2 dB up or down in every band is −16 dB: about what a good lossy codec leaves
        #expect(difference < 0.03 && difference > 0.001, "\(difference)")
    }

    @Test func streamedEqualsWhole() throws {
        let synthesiser = try Support.synthesiser()
        let voice = try marked(synthesiser.voices[0], synthesiser)
        var whole = try synthesiser.stream(Self.text, voice: voice, options: SpeechOptions(), chunking: .whole)
        var pieces = try synthesiser.stream(Self.text, voice: voice, options: SpeechOptions(), chunking: .fixed(5))
        let worst = zip(whole.rest(), pieces.rest()).map { abs($0 - $1) }.max() ?? 1
        #expect(worst < 1e-4)
    }
}
