import Language
import Tensors
import Testing

@testable import Speak

struct StreamTests {
    private let text = "好的，空调已经调到二十四度。还需要别的吗？"

    @Test(arguments: [Precision.int8, .float32])
    func anyChunkingGivesTheSameSamples(precision: Precision) throws {
        let synthesiser = try Support.tiny(precision)
        var whole = try synthesiser.stream(text, chunking: .whole)
        let reference = whole.rest()
        #expect(reference.count > 24_000)
        for chunking in [SpeechStream.Chunking.growing, .fixed(1), .fixed(7), .fixed(64)] {
            var stream = try synthesiser.stream(text, chunking: chunking)
            let samples = stream.rest()
            #expect(samples.count == reference.count)
            let worst = zip(samples, reference).map { abs($0 - $1) }.max() ?? 1
            #expect(worst < 1e-4, "\(chunking)")
        }
    }

    @Test func theFirstChunkIsShort() throws {
        var stream = try Support.tiny().stream(text)
        let first = stream.next()?.count ?? 0
        #expect(first > 0 && first <= 16 * 256)
        let rest = stream.rest().count
        #expect(rest > first)
    }

    @Test func badChunksAreRenderedAgainInFloats() throws {
        let synthesiser = try Support.tiny()
        var plain = try synthesiser.stream(text)
        let expected = plain.rest()
        for (index, bad) in [Float.nan, .infinity, 7].enumerated() {
            var stream = try synthesiser.stream(text)
            stream.tamper = { samples, precision in
                guard precision == .int8, samples.count > 6000 else { return }
                for place in samples.indices where bad != bad || place % 4 == 0 { samples[place] = bad }
            }
            let samples = stream.rest()
            #expect(samples.count == expected.count)
            #expect(samples.allSatisfy { $0.isFinite && abs($0) <= 1 })
            #expect(synthesiser.statistics.retries > index)
        }
        #expect(synthesiser.statistics.droppedSentences == 0)
    }

    @Test func aSentenceThatStaysBadIsLeftOutAndCounted() throws {
        let synthesiser = try Support.tiny()
        var stream = try synthesiser.stream(text)
        stream.tamper = { samples, _ in samples = samples.map { _ in .nan } }
        #expect(stream.rest().allSatisfy { $0.isFinite })
        #expect(synthesiser.statistics.droppedSentences == 2)
    }

    @Test func silenceAndRunawayAreFaults() {
        var quiet = OutputGuard(sounds: 4)
        #expect(quiet.inspect([Float](repeating: 0, count: 9000), isLast: true) == .empty)
        var long = OutputGuard(sounds: 1)
        #expect(long.inspect([Float](repeating: 0.1, count: 24_000 * 6), isLast: false) == .runaway)
        var pinned = OutputGuard(sounds: 4)
        #expect(pinned.inspect([Float](repeating: 1.2, count: 100), isLast: false) == .pinned)
    }

    @Test func theLimiterNeverReachesFullScaleAndLeavesQuietSoundAlone() {
        var samples: [Float] = [0, 0.5, -0.79, 0.9, -3, 40]
        Limiter.apply(&samples)
        #expect(samples[..<3] == [0, 0.5, -0.79])
        #expect(samples[3...].allSatisfy { abs($0) < 1 && abs($0) > 0.8 })
    }

    @Test func aLongTextIsSpokenSentenceBySentence() throws {
        let synthesiser = try Support.tiny()
        let paragraph = String(repeating: "今天天气很好，我们去公园走一走。", count: 30)
        var stream = try synthesiser.stream(paragraph)
        var chunks = 0
        var longest = 0
        while let chunk = stream.next(), chunks < 40 {
            chunks += 1
            longest = max(longest, chunk.count)
        }
        #expect(chunks == 40)
        #expect(longest < 24_000 * 3)
    }
}
