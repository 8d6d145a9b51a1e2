import Glibc
import Synchronization

/// Moves samples from a microphone into a ring buffer, and gets the device back when it goes away.
///
/// `run` belongs on a thread of its own. While the device runs, the loop neither allocates, locks nor logs; opening
/// happens only when there is no device. Everything else may be asked from any thread.
public final class CapturePump: @unchecked Sendable {
    // Unchecked: `buffer` and `lastArrival` are touched only by the thread in `run` or `step`.
    /// How a microphone is opened.
    public typealias Open = @Sendable () throws(SoundError) -> any Microphone

    /// What was heard, at `sampleRate`.
    public let ring: RingBuffer
    /// Raised when samples arrived or the state changed.
    public let wake: Wake
    private let slot: DeviceSlot<any Microphone>
    private var buffer = [Float](repeating: 0, count: 4096)
    private var lastArrival = 0.0
    private let muted = Atomic<Bool>(false)
    private let stopping = Atomic<Bool>(false)
    private let xruns = Atomic<Int>(0)

    /// A device that runs but delivers nothing for so long is taken for gone.
    public static let stallSeconds = 3.0

    /// A pump that opens its device when `run` starts.
    /// - Parameters:
    ///   - ringFrames: what the ring holds while the reader is busy.
    public init(ringFrames: Int = 1 << 17, wake: Wake = Wake(), open: @escaping Open) {
        ring = RingBuffer(minimumCapacity: ringFrames)
        self.wake = wake
        slot = DeviceSlot(sampleRate: 16_000, open: open, rateOf: { $0.sampleRate }, closing: { $0.close() })
    }

    /// The rate of the samples in the ring.
    public var sampleRate: Int { slot.sampleRate }
    /// Times the device ran over.
    public var xrunCount: Int { xruns.load(ordering: .relaxed) }
    /// Whether the device is held closed.
    public var isMuted: Bool { muted.load(ordering: .acquiring) }
    /// Whether samples come in.
    public var isRunning: Bool { slot.isRunning }
    /// One line for a person: `running`, `closed`, `waiting: busy: …`.
    public var summary: String { slot.summary }

    /// Closes the device, or opens it again.
    public func setMuted(_ value: Bool) { muted.store(value, ordering: .releasing) }

    /// Ends `run` within about 0.2 s.
    public func stop() { stopping.store(true, ordering: .releasing) }

    /// Runs until `stop`.
    public func run() {
        while !stopping.load(ordering: .acquiring) {
            let rest = step(at: monotonicSeconds())
            if rest > 0 { pause(seconds: rest) }
        }
        slot.close()
        wake.raise()
    }

    /// One move; returns how long to rest before the next, in seconds.
    func step(at now: Double) -> Double {
        if muted.load(ordering: .acquiring) {
            if !slot.isShut {
                slot.shut()
                wake.raise()
            }
            return 0.05
        }
        slot.reopen()
        guard let microphone = slot.device else { return tryToOpen(at: now) }
        switch microphone.read(into: &buffer) {
        case .frames(let count):
            lastArrival = now
            ring.write(buffer, count: count)
            wake.raise()
        case .xrun:
            lastArrival = now
            xruns.add(1, ordering: .relaxed)
        case .idle:
            if now - lastArrival > Self.stallSeconds { lose(EIO, at: now) }
        case .failed(let code):
            lose(code, at: now)
        }
        return 0
    }

    private func tryToOpen(at now: Double) -> Double {
        if let rest = slot.tryToOpen(at: now) { return rest }
        lastArrival = now
        wake.raise()
        return 0
    }

    private func lose(_ code: Int32, at now: Double) {
        slot.lose(code, at: now)
        wake.raise()
    }
}
