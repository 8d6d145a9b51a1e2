import Glibc
import Synchronization

/// Moves samples from a ring buffer to a speaker, keeps a copy of exactly what was played for the echo canceller, and
/// gets the device back when it goes away.
///
/// Without a device, what is queued waits a moment for it and is then let go, so that a turn still ends.
///
/// `run` belongs on a thread of its own; see `CapturePump` for the rules.
public final class PlaybackPump: @unchecked Sendable {
    // Unchecked: `buffer`, `copy` and the positions are touched only by the thread in `run` or `step`.
    /// How a speaker is opened.
    public typealias Open = @Sendable () throws(SoundError) -> any Speaker

    /// What is to be played, at `sampleRate`.
    public let ring: RingBuffer
    /// What was played, at `sampleRate`, in step with the clock of the speaker.
    public let reference: RingBuffer
    private let wake = Wake()
    private let slot: DeviceSlot<any Speaker>
    private var buffer = [Float](repeating: 0, count: 480)
    private var copy = [Float](repeating: 0, count: 480)
    private var start = 0
    private var end = 0
    private var emptySince: Double?
    private var checkedAt = 0.0
    private var aloneSince: Double?
    private var isSettled = true
    private let flushing = Atomic<Bool>(false)
    private let stopping = Atomic<Bool>(false)
    private let quiet = Atomic<Bool>(true)
    private let xruns = Atomic<Int>(0)
    private let played = Atomic<Int>(0)

    /// So long without new samples ends the sound: shorter than the device's buffer, so that no gap is heard.
    static let settleSeconds = 0.06
    /// So long what is queued waits for a device that went away: two of `DeviceRecovery`'s tries, so that a reply
    /// survives a sound server that was started again while nobody spoke.
    static let graceSeconds = 2.0
    /// How often a silent device is asked whether it is still there.
    static let checkSeconds = 2.0

    /// A pump that opens its device when `run` starts.
    public init(ringFrames: Int = 1 << 18, open: @escaping Open) {
        ring = RingBuffer(minimumCapacity: ringFrames)
        reference = RingBuffer(minimumCapacity: 1 << 16)
        slot = DeviceSlot(sampleRate: 24_000, open: open, rateOf: { $0.sampleRate }, closing: { $0.close() })
    }

    /// The rate that the device runs at.
    public var sampleRate: Int { slot.sampleRate }
    /// Times the device ran dry.
    public var xrunCount: Int { xruns.load(ordering: .relaxed) }
    /// Frames handed to the device since the start.
    public var playedCount: Int { played.load(ordering: .relaxed) }
    /// Whether the device is open.
    public var isRunning: Bool { slot.isRunning }
    /// One line for a person.
    public var summary: String { slot.summary }
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
        slot.device?.drop()
        slot.close()
    }

    /// One move; returns how long to wait for something new, in seconds.
    func step(at now: Double) -> Double {
        if flushing.exchange(false, ordering: .acquiringAndReleasing) {
            ring.discard()
            start = end
            slot.device?.drop()
            isSettled = true
        }
        guard let speaker = slot.device else { return withoutDevice(at: now) }
        if start == end {
            // Said before the ring is emptied, so that nobody takes the moment between for the end.
            if ring.count > 0 { quiet.store(false, ordering: .releasing) }
            start = 0
            end = ring.read(into: &buffer, count: buffer.count)
        }
        guard end > start else { return rest(speaker, at: now) }
        emptySince = nil
        aloneSince = nil
        isSettled = false
        switch speaker.write(buffer, from: start, to: end) {
        case .frames(let count):
            keep(count)
        case .xrun:
            xruns.add(1, ordering: .relaxed)
        case .idle:
            break
        case .failed(let code):
            slot.lose(code, at: now)
        }
        return 0
    }

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
            if now - checkedAt >= Self.checkSeconds {
                checkedAt = now
                if !speaker.isPresent { slot.lose(ENODEV, at: now) }
            }
            return quiet.load(ordering: .acquiring) ? 0.5 : 0.02
        }
        guard now - since >= Self.settleSeconds else { return 0.01 }
        speaker.settle()
        isSettled = true
        return 0.01
    }

    private func withoutDevice(at now: Double) -> Double {
        let since = aloneSince ?? now
        aloneSince = since
        if now - since >= Self.graceSeconds {
            ring.discard()
            start = end
        }
        if ring.count == 0 && start == end { quiet.store(true, ordering: .releasing) }
        if let rest = slot.tryToOpen(at: now) { return rest }
        isSettled = true
        return 0
    }
}
