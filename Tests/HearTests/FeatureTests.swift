import Testing

@testable import Hear

@Suite struct FeatureTests {
    @Test func featuresMatchTheTrainingRecipe() throws {
        let reference = try HearReference.load()
        var stream = try LogMelStream()
        let rows = stream.accept(Sounds.glidingVowel(HearReference.sampleCount)) + stream.finish()
        let width = LogMelStream.channelCount
        #expect(rows.count == reference.melFrames * width)
        for (name, expected) in reference.mel {
            let frame = Int(name) ?? 0
            let found = Array(rows[frame * width..<(frame + 1) * width])
            for (a, b) in zip(found, expected) { #expect(abs(a - b) < 2e-3, "frame \(frame)") }
        }
    }

    @Test(arguments: [1, 7, 160, 1_000, 20_000])
    func anyChunkingGivesTheSameBits(longest: Int) throws {
        let samples = Sounds.glidingVowel(12_345)
        var whole = try LogMelStream()
        let expected = whole.accept(samples) + whole.finish()
        var stream = try LogMelStream()
        var found: [Float] = []
        for piece in Sounds.pieces(of: samples, longest: longest, seed: longest) { found += stream.accept(piece) }
        found += stream.finish()
        let same = found == expected
        #expect(same)
    }

    @Test(arguments: [0, 1, 159, 160, 399, 401])
    func framesAreOneForEach160Samples(count: Int) throws {
        var stream = try LogMelStream()
        let rows = stream.accept([Float](repeating: 0.1, count: count)) + stream.finish()
        #expect(rows.count == count / 160 * LogMelStream.channelCount)
    }
}

@Suite struct FrontEndTests {
    private static func level(_ samples: ArraySlice<Float>) -> Float {
        (samples.reduce(0) { $0 + $1 * $1 } / Float(samples.count)).squareRoot()
    }

    @Test func constantOffsetIsRemoved() {
        var frontEnd = FrontEnd()
        let output = frontEnd.process([Float](repeating: 0.5, count: 32_000))
        #expect(abs(output.suffix(1_000).reduce(0, +) / 1_000) < 1e-3)
    }

    @Test func quietSpeechIsRaisedAndLoudSpeechLowered() {
        for gain in [Float(0.02), 6] {
            var frontEnd = FrontEnd()
            let samples = Sounds.glidingVowel(160_000).map { min(1, max(-1, $0 * gain)) }
            let output = frontEnd.process(samples)
            let before = abs(Self.level(samples.suffix(48_000)) - 0.08)
            let after = abs(Self.level(output.suffix(48_000)) - 0.08)
            #expect(after < before)
        }
    }

    @Test func anyChunkingGivesTheSameBits() {
        let samples = Sounds.glidingVowel(20_000)
        var whole = FrontEnd()
        let expected = whole.process(samples)
        var frontEnd = FrontEnd()
        var found: [Float] = []
        for piece in Sounds.pieces(of: samples, longest: 333, seed: 5) { found += frontEnd.process(piece) }
        let same = found == expected
        #expect(same)
    }

    @Test func clippingIsNoticed() {
        var frontEnd = FrontEnd()
        _ = frontEnd.process(Sounds.glidingVowel(16_000))
        #expect(!frontEnd.isClipping)
        _ = frontEnd.process(Sounds.glidingVowel(16_000).map { min(1, max(-1, $0 * 20)) })
        #expect(frontEnd.isClipping)
    }

    @Test func brokenSamplesDoNotSpread() {
        var frontEnd = FrontEnd()
        let output = frontEnd.process([0.1, .nan, .infinity, 0.1, 0.2])
        #expect(output.allSatisfy { $0.isFinite })
    }

    @Test func bestChannelIsTheOneThatHears() throws {
        var mixer = try ChannelMixer(channelCount: 2)
        let speech = Sounds.glidingVowel(16_000)
        var noise = 1
        var output: [Float] = []
        for start in stride(from: 0, to: 16_000, by: 160) {
            let block = (start..<start + 160).flatMap { index -> [Float] in
                noise = (noise * 1_103_515_245 + 12_345) % 2_147_483_648
                return [speech[index] + Float(noise) / 4_294_967_296 - 0.25, speech[index]]
            }
            output += mixer.process(block)
        }
        let isSecond = output.suffix(8_000) == speech.suffix(8_000)
        #expect(isSecond)
    }

    @Test func delayedChannelsAreAlignedBeforeTheyAreSummed() throws {
        var mixer = try ChannelMixer(channelCount: 2, method: .delayAndSum)
        let speech = Sounds.glidingVowel(16_000)
        var output: [Float] = []
        for start in stride(from: 0, to: 16_000, by: 160) {
            let block = (start..<start + 160).flatMap { [speech[$0], $0 < 5 ? 0 : speech[$0 - 5]] }
            output += mixer.process(block)
        }
        #expect(Self.level(output.suffix(8_000)) > 0.9 * Self.level(speech.suffix(8_000)))
    }
}
