import Tensors
import Testing

@testable import Hear

@Suite(.enabled(if: Sounds.hasModel)) struct RecognitionStreamTests {
    private static func close(_ found: Float, _ expected: Float, _ tolerance: Float) -> Bool {
        abs(found - expected) <= tolerance * max(1, abs(expected))
    }

    @Test(.enabled(if: HearReference.fitsTheModel, "hear_reference.py was run with other weights"))
    func answersAreThoseOfTheTrainingRecipe() throws {
        // The recipe evaluates the whole sound at once, so this also says that the caches hold what they should.
        let reference = try HearReference.load()
        let stream = try RecognitionStream.recognise(
            Sounds.glidingVowel(HearReference.sampleCount), with: Sounds.recogniser(.float32))
        #expect(stream.emissions.frameCount == reference.frames)
        for (frame, units) in reference.units.enumerated() {
            for (unit, score) in zip(units, reference.scores[frame]) {
                #expect(Self.close(stream.emissions[frame, unit], score, 0.02), "frame \(frame)")
            }
        }
        for (name, expected) in reference.states {
            let frame = Int(name) ?? 0
            for (place, value) in expected.enumerated() {
                #expect(Self.close(stream.states.values[frame * 512 + place * 64], value, 0.02), "state \(frame)")
            }
        }
    }

    @Test func int8AnswersNearlyLikeFloats() throws {
        let samples = Sounds.glidingVowel(HearReference.sampleCount)
        let floats = try RecognitionStream.recognise(samples, with: Sounds.recogniser(.float32)).emissions
        let integers = try RecognitionStream.recognise(samples, with: Sounds.recogniser(.int8)).emissions
        #expect(floats.frameCount == integers.frameCount)
        var difference: Float = 0
        for frame in 0..<floats.frameCount {
            let unit = floats.bestUnits[frame]
            difference += abs(floats[frame, unit] - integers[frame, unit])
        }
        #expect(difference / Float(floats.frameCount) < 0.15)
    }

    @Test(arguments: [Precision.int8, .float32], [1, 1_600, 100_000])
    func anyChunkingGivesTheSameBits(precision: Precision, longest: Int) throws {
        let samples = Array(Sounds.glidingVowel(17_001))
        let recogniser = try Sounds.recogniser(precision)
        let expected = try RecognitionStream.recognise(samples, with: recogniser)
        var stream = try recogniser.makeStream()
        for piece in Sounds.pieces(of: samples, longest: longest, seed: 3) { try stream.accept(piece) }
        stream.finish()
        #expect((stream.emissions == expected.emissions) == true)
        #expect((stream.states.values == expected.states.values) == true)
        #expect(stream.dialectPosterior == expected.dialectPosterior)
    }

    @Test(arguments: ["window.wav", "command.wav"], [11, 23, 37])
    func aRecordingInPiecesOfAnyLengthGivesTheSameBits(name: String, seed: Int) throws {
        let samples = try Sounds.recording(name)
        let recogniser = try Sounds.recogniser()
        let expected = try RecognitionStream.recognise(samples, with: recogniser)
        for longest in [97, 700, 5_000, 40_000] {
            var stream = try recogniser.makeStream()
            for piece in Sounds.pieces(of: samples, longest: longest, seed: seed) { try stream.accept(piece) }
            stream.finish()
            #expect((stream.emissions == expected.emissions) == true, "pieces up to \(longest)")
            #expect((stream.states.values == expected.states.values) == true)
        }
        #expect(expected.partialUnits().count >= 10)
    }

    @Test func unitsComeWhileSomebodySpeaksAndNoLaterThanPromised() throws {
        let samples = try Sounds.recording("command.wav")
        let recogniser = try Sounds.recogniser()
        var stream = try recogniser.makeStream()
        var counts: Set<Int> = []
        for end in stride(from: 320, through: samples.count, by: 320) {
            try stream.accept(Array(samples[end - 320..<end]))
            counts.insert(stream.partialUnits().count)
            // What is heard lags by at most a chunk and half of one, and the last window's half.
            let lag = Double(end) / 16_000 - Double(stream.emissions.frameCount) * Emissions.frameSeconds
            #expect(lag <= 0.6 + 0.0125 + 0.02 + 1e-9)
        }
        let sofar = stream.emissions
        stream.finish()
        #expect(counts.count >= 5, "partial results grow while the recording goes by")
        #expect((stream.emissions.slice(0..<sofar.frameCount) == sofar) == true, "what was said is not taken back")
    }

    @Test func previewIsWhatFinishingWouldGiveAndLeavesNoTrace() throws {
        let samples = Sounds.glidingVowel(30_000)
        let recogniser = try Sounds.recogniser()
        var stream = try recogniser.makeStream()
        for end in stride(from: 0, to: 30_000, by: 2_000) {
            try stream.accept(Array(samples[end..<end + 2_000]))
            var ended = stream
            ended.finish()
            let preview = stream.preview()
            #expect((preview == ended.emissions) == true)
        }
        stream.finish()
        let whole = try RecognitionStream.recognise(samples, with: recogniser)
        #expect((stream.emissions == whole.emissions) == true)
    }

    @Test(arguments: [0, 10, 319, 6_399, 6_400, 6_600, 6_601, 12_800])
    func everyLengthEnds(count: Int) throws {
        let stream = try RecognitionStream.recognise(Sounds.glidingVowel(count), with: Sounds.recogniser())
        #expect(stream.emissions.frameCount == (count / 160 + 1) / 2)
        #expect(stream.states.rows == stream.emissions.frameCount)
    }

    @Test func samplesAfterTheEndAreAnError() throws {
        var stream = try Sounds.recogniser().makeStream()
        stream.finish()
        #expect(throws: HearError.streamFinished) { try stream.accept([0]) }
    }

    @Test func silenceAndNoiseDoNotBreakAnything() throws {
        for samples in [[Float](repeating: 0, count: 16_000), [Float](repeating: 1, count: 16_000)] {
            let stream = try RecognitionStream.recognise(samples, with: Sounds.recogniser())
            #expect(stream.emissions.logProbabilities.allSatisfy { $0.isFinite })
        }
    }
}

@Suite struct MissingModelTests {
    @Test func missingFileIsOneLine() {
        do {
            _ = try Recogniser(path: "/nonexistent/hear.safetensors")
            Issue.record("expected an error")
        } catch {
            #expect("\(error)".hasPrefix("model hear: "))
            #expect(!"\(error)".contains("\n"))
        }
    }
}
