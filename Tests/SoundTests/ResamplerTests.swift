import Glibc
import Testing

@testable import Sound

@Suite struct ResamplerTests {
    @Test(arguments: [8000, 11025, 22050, 44100, 48000, 96000])
    func aToneKeepsItsPlaceAndLevel(rate: Int) {
        let output = PCM(samples: sine(440, rate: rate, seconds: 0.5), sampleRate: rate).resampled(to: 16000)
        #expect(abs(output.samples.count - 8000) <= 1)
        let ideal = sine(440, rate: 16000, seconds: 0.5)
        let error = zip(output.samples, ideal).dropFirst(400).dropLast(400).map { abs($0 - $1) }.max() ?? 1
        #expect(error < 0.002)
    }

    @Test func whatTheNewRateCannotHoldIsTakenOut() {
        let output = PCM(samples: sine(11000, rate: 48000, seconds: 0.5), sampleRate: 48000).resampled(to: 16000)
        #expect(Level(Array(output.samples.dropFirst(400).dropLast(400))).rms < 1e-4)
    }

    @Test func anyChunkingGivesTheSameSamples() throws {
        let input = noise(20000)
        let whole = PCM(samples: input, sampleRate: 44100).resampled(to: 16000).samples
        for size in [1, 7, 160, 4096] {
            let resampler = try StreamingResampler(from: 44100, to: 16000)
            var output: [Float] = []
            var at = 0
            while at < input.count {
                output += resampler.process(Array(input[at..<min(input.count, at + size)]))
                at += size
            }
            output += resampler.finish()
            #expect(output == whole)
        }
    }

    @Test func shortAndEmptyInputKeepTheirLength() {
        #expect(PCM(samples: [], sampleRate: 8000).resampled(to: 16000).samples.isEmpty)
        #expect(PCM(samples: [0.5], sampleRate: 8000).resampled(to: 16000).samples.count == 2)
        #expect(PCM(samples: [0.5], sampleRate: 768_000).resampled(to: 1000).samples.isEmpty)
    }

    @Test func aSillyRateIsAnError() {
        #expect(throws: SoundError.sampleRate(0)) { try StreamingResampler(from: 0, to: 16000) }
        #expect(throws: SoundError.sampleRate(1_000_000)) { try StreamingResampler(from: 16000, to: 1_000_000) }
    }

    @Test func levelSeesOffsetAndClipping() {
        let clipped = sine(200, rate: 16000, seconds: 0.5, amplitude: 2).map { max(-0.9, min(0.9, $0)) }
        #expect(Level(clipped).isClipped)
        #expect(!Level(sine(200, rate: 16000, seconds: 0.5, amplitude: 0.9)).isClipped)
        #expect(!Level([Float](repeating: 0, count: 100)).isClipped)
        let offset = PCM(samples: sine(200, rate: 16000, seconds: 0.5).map { $0 + 0.1 }, sampleRate: 16000)
        #expect(abs(offset.level.offset - 0.1) < 1e-4)
        #expect(abs(offset.removingOffset().level.offset) < 1e-6)
        var streamed = offset.samples
        var filter = OffsetRemover(sampleRate: 16000)
        filter.process(&streamed, count: streamed.count)
        #expect(abs(Level(Array(streamed.dropFirst(4000))).offset) < 0.003)
    }
}
