import Glibc
import Synchronization
import Testing

@testable import Sound

/// Opens devices from a list, then fails as missing.
private final class Opener<Product>: @unchecked Sendable {
    private var results: [Result<Product, SoundError>]
    init(_ results: [Result<Product, SoundError>]) { self.results = results.reversed() }
    func next() throws(SoundError) -> Product {
        guard let result = results.popLast() else { throw .device(name: "x", action: "open", code: ENODEV) }
        return try result.get()
    }
}

@Suite struct DeviceRecoveryTests {
    @Test func waitsTwiceAsLongAfterEachFailureUpToALimit() {
        var recovery = DeviceRecovery()
        var now = 0.0
        var waits: [Double] = []
        for _ in 0..<8 {
            #expect(recovery.shouldOpen(at: now))
            recovery.failed(code: EBUSY, at: now)
            guard case .waiting(let until, .busy) = recovery.state else { return #expect(Bool(false)) }
            waits.append(until - now)
            #expect(!recovery.shouldOpen(at: until - 0.001))
            now = until
        }
        #expect(waits == [0.5, 1, 2, 4, 8, 10, 10, 10])
    }

    @Test func aDeviceThatRanLongIsTriedAgainSoon() {
        var recovery = DeviceRecovery()
        for time in 0..<5 { recovery.failed(code: ENOENT, at: Double(time)) }
        #expect(recovery.summary == "waiting: no such device")
        recovery.opened(at: 100)
        recovery.failed(code: ENODEV, at: 200)
        #expect(recovery.state == .waiting(until: 200.5, .unplugged))
    }

    @Test func mutedStaysClosedUntilWanted() {
        var recovery = DeviceRecovery()
        recovery.opened(at: 0)
        recovery.close()
        #expect(!recovery.shouldOpen(at: 1000))
        recovery.reopen()
        #expect(recovery.shouldOpen(at: 1000))
    }

    @Test func everyFaultIsNamedForAPerson() {
        let cases: [(Int32, String)] = [
            (ENOENT, "no such device"), (EBUSY, "busy"), (EACCES, "group audio"), (EINVAL, "Invalid argument"),
        ]
        for (code, words) in cases {
            var recovery = DeviceRecovery()
            recovery.failed(code: code, at: 0)
            #expect(recovery.summary.contains(words))
            #expect(PumpStatus.text(PumpStatus.code(recovery.state)) == recovery.summary)
        }
    }
}

@Suite struct PumpTests {
    @Test func aMissingBusyAndUnpluggedMicrophoneComesBack() {
        let opener = Opener<any Microphone>([
            .failure(.device(name: "x", action: "open", code: ENOENT)),
            .failure(.device(name: "x", action: "open", code: EBUSY)),
            .success(FaultyMicrophone([.frames(320), .xrun, .idle, .frames(320), .failed(ENODEV)])),
            .success(FaultyMicrophone([.frames(160)], sampleRate: 48000)),
        ])
        let pump = CapturePump { () throws(SoundError) in try opener.next() }
        var seen: [String] = []
        var now = 0.0
        while now < 10 && pump.ring.total < 800 {
            _ = pump.step(at: now)
            if seen.last != pump.summary { seen.append(pump.summary) }
            now += 0.1
        }
        #expect(
            seen == [
                "waiting: no such device", "waiting: busy: another program uses it", "running", "waiting: unplugged",
                "running",
            ])
        #expect(pump.ring.total == 800)
        #expect(pump.xrunCount == 1)
        #expect(pump.sampleRate == 48000)
    }

    @Test func muteClosesTheDevice() {
        let microphone = FaultyMicrophone([Transfer](repeating: .frames(10), count: 1000))
        let opener = Opener<any Microphone>([.success(microphone)])
        let pump = CapturePump { () throws(SoundError) in try opener.next() }
        _ = pump.step(at: 0)
        _ = pump.step(at: 0.1)
        #expect(pump.ring.total == 10)
        pump.setMuted(true)
        _ = pump.step(at: 0.2)
        #expect(pump.summary == "closed")
        var buffer = [Float](repeating: 0, count: 10)
        #expect(microphone.read(into: &buffer) == .failed(ENODEV))
    }

    @Test func aDeviceThatFallsSilentForLongIsTakenForGone() {
        let opener = Opener<any Microphone>([.success(FaultyMicrophone([Transfer](repeating: .idle, count: 1000)))])
        let pump = CapturePump { () throws(SoundError) in try opener.next() }
        for tick in 0..<40 { _ = pump.step(at: Double(tick) * 0.1) }
        #expect(pump.summary.hasPrefix("waiting"))
    }

    @Test func everythingPlayedIsTheReference() {
        let speaker = FaultySpeaker([.frames(100), .idle, .xrun, .frames(480), .frames(480)])
        let opener = Opener<any Speaker>([.success(speaker)])
        let pump = PlaybackPump { () throws(SoundError) in try opener.next() }
        _ = pump.step(at: 0)
        let sound = noise(700)
        #expect(pump.play(sound) == 700)
        #expect(!pump.isQuiet)
        for tick in 0..<20 { _ = pump.step(at: Double(tick) * 0.05) }
        #expect(speaker.played == sound)
        var reference = [Float](repeating: 0, count: 1000)
        #expect(pump.reference.read(into: &reference, count: 1000) == 700)
        #expect(Array(reference[..<700]) == sound)
        #expect(pump.isQuiet)
    }

    @Test func flushSilencesAtOnce() {
        let speaker = FaultySpeaker([.frames(100), .frames(480)])
        let opener = Opener<any Speaker>([.success(speaker)])
        let pump = PlaybackPump { () throws(SoundError) in try opener.next() }
        _ = pump.step(at: 0)
        pump.play(noise(10000))
        _ = pump.step(at: 0.01)
        pump.flush()
        for tick in 2..<20 { _ = pump.step(at: Double(tick) * 0.05) }
        #expect(speaker.played.count == 100)
        #expect(speaker.dropCount == 1)
        #expect(pump.isQuiet)
    }

    @Test func withoutASpeakerATurnStillEnds() {
        let pump = PlaybackPump { () throws(SoundError) in throw .device(name: "x", action: "open", code: ENODEV) }
        _ = pump.step(at: 0)
        pump.play(noise(1000))
        #expect(!pump.isQuiet)
        _ = pump.step(at: PlaybackPump.graceSeconds)
        #expect(pump.isQuiet)
        #expect(pump.summary == "waiting: no such device")
    }

    @Test func aReplySurvivesASpeakerThatIsGoneForAMoment() {
        let second = FaultySpeaker([Transfer](repeating: .frames(480), count: 10))
        let opener = Opener<any Speaker>([
            .success(FaultySpeaker([.failed(ENODEV)])), .failure(.device(name: "x", action: "open", code: EBUSY)),
            .success(second),
        ])
        let pump = PlaybackPump { () throws(SoundError) in try opener.next() }
        _ = pump.step(at: 0)
        let sound = noise(2000)
        pump.play(sound)
        var now = 0.0
        while now < 4 {
            _ = pump.step(at: now)
            now += 0.05
        }
        #expect(second.played == sound)
        #expect(pump.isQuiet)
    }

    @Test func aSilentSpeakerThatIsPulledOutIsNoticed() {
        let speaker = FaultySpeaker([.frames(480)])
        let opener = Opener<any Speaker>([.success(speaker)])
        let pump = PlaybackPump { () throws(SoundError) in try opener.next() }
        _ = pump.step(at: 0)
        pump.play(noise(480))
        for tick in 0..<20 { _ = pump.step(at: Double(tick) * 0.1) }
        #expect(pump.isRunning)
        speaker.isPresent = false
        for tick in 20..<60 { _ = pump.step(at: Double(tick) * 0.1) }
        #expect(!pump.isRunning)
    }

    @Test func aMissingCardIsAClearError() {
        #expect {
            try Device.microphone("hw:77,0")
        } throws: {
            "\($0)".hasPrefix("sound device hw:77,0: cannot open for recording: ")
        }
        #expect(throws: SoundError.self) { try Device.speaker("no-such-pcm") }
    }

    @Test func filesStandInForDevices() throws {
        let scratch = Scratch()
        try WAV.write(sine(440, rate: 16000, seconds: 0.2), sampleRate: 16000, to: "\(scratch.path)/in.wav")
        let microphone = try Device.microphone("file:\(scratch.path)/in.wav")
        let speaker = try Device.speaker("file:\(scratch.path)/out.wav", sampleRate: 16000)
        var buffer = [Float](repeating: 0, count: 320)
        for _ in 0..<12 {
            guard case .frames(let count) = microphone.read(into: &buffer) else { break }
            #expect(speaker.write(buffer, from: 0, to: count) == .frames(count))
        }
        speaker.close()
        let copy = try WAV.read(path: "\(scratch.path)/out.wav")
        #expect(copy.samples.count == 12 * 320)
        #expect(Level(Array(copy.samples[..<3200])).rms > 0.3)
        #expect(Level(Array(copy.samples[3200...])).peak == 0)
    }
}
