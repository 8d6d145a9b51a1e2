import Glibc
import Synchronization

/// Moves samples from a ring buffer to a speaker, keeps a copy of exactly what was played for the echo canceller, and
/// gets the device back when it goes away.
///
/// Without a device, what is queued is let go, so that a turn still ends.
///
/// `run` belongs on a thread of its own; see `CapturePump` for the rules.
public final class PlaybackPump: @unchecked Sendable {
    // Unchecked: `recovery`, `speaker`, `buffer` and the positions are touched only by the thread in `run` or `step`.
    /// How a speaker is opened.
    public typealias Open = @Sendable () throws(SoundError) -> any Speaker

    /// What is to be played, at `sampleRate`.
    public let ring: RingBuffer
    /// What was played, at `sampleRate`, in step with the clock of the speaker.
    public let reference: RingBuffer
    private let wake = Wake()
    private let open: Open
    private var recovery = DeviceRecovery()
    private var speaker: (any Speaker)?
    private var buffer = [Float](repeating: 0, count: 480)
    private var start = 0
    private var end = 0
    private var emptySince: Double?
    private var isSettled = true
    private let rate = Atomic<Int>(24000)
    private let flushing = Atomic<Bool>(false)
    private let stopping = Atomic<Bool>(false)
    private let quiet = Atomic<Bool>(true)
    private let xruns = Atomic<Int>(0)
    private let played = Atomic<Int>(0)
    private let status = Atomic<Int>(0)

    /// So long without new samples ends the sound: shorter than the device's buffer, so that no gap is heard.
    static let settleSeconds = 0.06

    /// A pump that opens its device when `run` starts.
    public init(ringFrames: Int = 1 << 18, open: @escaping Open) {
        ring = RingBuffer(minimumCapacity: ringFrames)
        reference = RingBuffer(minimumCapacity: 1 << 16)
        self.open = open
    }

    /// The rate that the device runs at.
    public var sampleRate: Int { rate.load(ordering: .acquiring) }
    /// Times the device ran dry.
    public var xrunCount: Int { xruns.load(ordering: .relaxed) }
    /// Frames handed to the device since the start.
    public var playedCount: Int { played.load(ordering: .relaxed) }
    /// Whether the device is open.
    public var isRunning: Bool { status.load(ordering: .acquiring) == PumpStatus.running }
    /// One line for a person.
    public var summary: String { PumpStatus.text(status.load(ordering: .acquiring)) }
    /// Whether everything queued has been heard.
    public var isQuiet: Bool { ring.count == 0 && quiet.load(ordering: .acquiring) }

    /// Queues samples; returns how many fitted.
    ///
    /// One thread only.
    @discardableResult
    public func play(_ samples: [Float]) -> Int {
        let count = ring.write(samples, count: samples.count)
        if count > 0 {
            quiet.store(false, ordering: .releasing)
            wake.raise()
        }
        return count
    }

    /// Silences the speaker at once and forgets what is queued.
    public func flush() {
        flushing.store(true, ordering: .releasing)
        wake.raise()
    }

    /// Ends `run` within about 0.2 s.
    public func stop() {
        stopping.store(true, ordering: .releasing)
        wake.raise()
    }

    /// Runs until `stop`.
    public func run() {
        while !stopping.load(ordering: .acquiring) {
            let rest = step(at: monotonicSeconds())
            if rest > 0 { wake.wait(seconds: rest) }
        }
        speaker?.drop()
        speaker?.close()
        speaker = nil
    }

    /// One move; returns how long to wait for something new, in seconds.
    func step(at now: Double) -> Double {
        if flushing.exchange(false, ordering: .acquiringAndReleasing) {
            ring.discard()
            start = end
            speaker?.drop()
            isSettled = true
        }
        guard let speaker else { return withoutDevice(at: now) }
        if start == end {
            // Said before the ring is emptied, so that nobody takes the moment between for the end.
            if ring.count > 0 { quiet.store(false, ordering: .releasing) }
            start = 0
            end = ring.read(into: &buffer, count: buffer.count)
        }
        guard end > start else { return rest(speaker, at: now) }
        emptySince = nil
        isSettled = false
        switch speaker.write(buffer, from: start, to: end) {
        case .frames(let count):
            keep(count)
        case .xrun:
            xruns.add(1, ordering: .relaxed)
        case .idle:
            break
        case .failed(let code):
            speaker.close()
            self.speaker = nil
            recovery.failed(code: code, at: now)
            status.store(PumpStatus.code(recovery.state), ordering: .releasing)
        }
        return 0
    }

    private var copy = [Float](repeating: 0, count: 480)

    private func keep(_ count: Int) {
        for index in 0..<count { copy[index] = buffer[start + index] }
        reference.write(copy, count: count)
        start += count
        played.add(count, ordering: .relaxed)
    }

    /// Nothing to play: after a moment the device may stop, and when it is silent everybody may know.
    private func rest(_ speaker: any Speaker, at now: Double) -> Double {
        let since = emptySince ?? now
        emptySince = since
        if isSettled {
            if speaker.pendingFrames == 0 && ring.count == 0 { quiet.store(true, ordering: .releasing) }
            return quiet.load(ordering: .acquiring) ? 0.5 : 0.02
        }
        guard now - since >= Self.settleSeconds else { return 0.01 }
        speaker.settle()
        isSettled = true
        return 0.01
    }

    private func withoutDevice(at now: Double) -> Double {
        ring.discard()
        start = end
        if ring.count == 0 { quiet.store(true, ordering: .releasing) }
        guard recovery.shouldOpen(at: now) else { return 0.05 }
        do {
            let opened = try open()
            rate.store(opened.sampleRate, ordering: .releasing)
            speaker = opened
            isSettled = true
            recovery.opened(at: now)
        } catch {
            recovery.failed(code: error.deviceCode, at: now)
        }
        status.store(PumpStatus.code(recovery.state), ordering: .releasing)
        return 0
    }
}
