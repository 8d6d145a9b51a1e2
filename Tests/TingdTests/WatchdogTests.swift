import Testing

@testable import tingd

struct WatchdogTests {
    typealias Progress = Watchdog.Progress

    @Test func whatMovesIsNotHung() {
        var watchdog = Watchdog(limit: 3)
        for second in 0..<60 {
            let progress = Progress(captured: second * 16_000, played: second * 24_000, rounds: second, steps: second)
            #expect(watchdog.hung(progress, at: Double(second)).isEmpty)
        }
    }

    @Test func aHungDecoderIsFoundAfterTheLimitAndNotBefore() {
        var watchdog = Watchdog(limit: 3)
        for tick in 0...12 {
            let progress = Progress(captured: tick, played: nil, rounds: 7, steps: nil)
            let found = watchdog.hung(progress, at: Double(tick) / 2)
            #expect(found == (tick > 6 ? [.pipeline] : []), "at \(Double(tick) / 2) s")
        }
        #expect(watchdog.hung(Progress(captured: 13, rounds: 8), at: 6.5).isEmpty, "it moved again")
    }

    @Test(arguments: [Watchdog.Part.capture, .playback, .worker])
    func aDriverOrAWorkerThatNeverReturnsIsHung(part: Watchdog.Part) {
        var watchdog = Watchdog(limit: 3)
        var found: [Watchdog.Part] = []
        for second in 0..<6 {
            let progress = Progress(
                captured: part == .capture ? 5 : second, played: part == .playback ? 5 : second, rounds: second,
                steps: part == .worker ? 5 : second)
            found = watchdog.hung(progress, at: Double(second))
        }
        #expect(found == [part])
    }

    @Test func aMissingDeviceIsNoFault() {
        var watchdog = Watchdog(limit: 3)
        for second in 0..<600 {
            #expect(watchdog.hung(Progress(captured: nil, played: nil, rounds: second), at: Double(second)).isEmpty)
        }
        // It comes, is unplugged for an hour, and comes again with the count where it was.
        #expect(watchdog.hung(Progress(captured: 9, rounds: 600), at: 600).isEmpty)
        #expect(watchdog.hung(Progress(captured: nil, rounds: 601), at: 601).isEmpty)
        #expect(watchdog.hung(Progress(captured: 9, rounds: 602), at: 4200).isEmpty)
    }

    @Test func anIdleWorkerIsNotExpectedToMove() {
        var watchdog = Watchdog(limit: 3)
        for second in 0..<60 {
            let isAsked = second % 10 == 0
            let progress = Progress(rounds: second, steps: isAsked ? second : nil)
            #expect(watchdog.hung(progress, at: Double(second)).isEmpty)
        }
    }

    @Test func systemdKeepsHalfOfItsPatience() {
        #expect(Watchdog.limit(watchdogSeconds: 30) == 15)
        #expect(Watchdog.limit(watchdogSeconds: 600) == 20)
        #expect(Watchdog.limit(watchdogSeconds: nil) == 20)
    }
}
