import Glibc
import Sound
import Testing

@testable import tingd

@Suite struct EchoPathTests {
    private func sine(_ frequency: Double, rate: Int, seconds: Double) -> [Float] {
        (0..<Int(seconds * Double(rate))).map {
            Float(0.3 * sin(2 * Double.pi * frequency * Double($0) / Double(rate)))
        }
    }

    @Test func everyRateBecomesSixteenKilohertz() {
        for rate in [8000, 16000, 44100, 48000] {
            var path = EchoPath(cancels: true)
            var output: [Float] = []
            let input = sine(440, rate: rate, seconds: 1)
            for start in stride(from: 0, to: input.count, by: 777) {
                let end = min(input.count, start + 777)
                output += path.process(heard: Array(input[start..<end]), heardRate: rate, played: [], playedRate: 24000)
            }
            #expect(abs(output.count - 16000) < 500)
            #expect(abs(Level(Array(output.dropFirst(4000).dropLast(1000))).rms - 0.212) < 0.01)
        }
    }

    @Test func theOwnReplyIsTakenOutAtDifferentRates() {
        var path = EchoPath(cancels: true)
        var state: UInt64 = 3
        let reply: [Float] = (0..<24000 * 6).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Float(Int32(truncatingIfNeeded: state >> 32)) / 2_147_483_648 * 0.2
        }
        let room = PCM(samples: reply, sampleRate: 24000).resampled(to: 16000).samples.map { $0 * 0.5 }
        var before: Float = 0
        var after: Float = 0
        for block in 0..<290 {
            let heard = Array(room[max(0, block * 320 - 400)..<max(0, block * 320 - 400) + 320])
            let played = Array(reply[block * 480..<block * 480 + 480])
            let clean = path.process(heard: heard, heardRate: 16000, played: played, playedRate: 24000)
            guard block > 200 else { continue }
            before += heard.reduce(0) { $0 + $1 * $1 }
            after += clean.reduce(0) { $0 + $1 * $1 }
        }
        #expect(after < before / 30)
    }

    @Test func aWorkerGivesEveryJobItsTurn() throws {
        let worker = Worker()
        let log = Order()
        for job in 0..<3 {
            let left = Count(3)
            #expect(
                worker.submit(for: job) {
                    log.add(job); return left.lower() > 0
                } == nil)
        }
        for client in 0..<Worker.limit - 3 { #expect(worker.submit(for: 3 + client) { false } == nil) }
        #expect(worker.submit(for: 0) { false } == "too many requests: at most 256 wait", "the queue is full")
        let thread = NamedThread.start(name: "worker") { worker.run() }
        while worker.count > 0 { usleep(1000) }
        usleep(20_000)
        worker.stop()
        thread?.join()
        #expect(log.all == [0, 1, 2, 0, 1, 2, 0, 1, 2])
    }
}

private final class Order: @unchecked Sendable {
    var all: [Int] = []
    func add(_ value: Int) { all.append(value) }
}

private final class Count: @unchecked Sendable {
    var value: Int
    init(_ value: Int) { self.value = value }
    func lower() -> Int {
        value -= 1
        return value
    }
}
