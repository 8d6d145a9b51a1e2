import Glibc
import Synchronization

/// Moves samples from a microphone into a ring buffer, and gets the device back when it goes away.
///
/// `run` belongs on a thread of its own. While the device runs, the loop neither allocates, locks nor logs; opening
/// happens only when there is no device. Everything else may be asked from any thread.
public final class CapturePump: @unchecked Sendable {
    // Unchecked: `recovery`, `microphone` and `buffer` are touched only by the thread in `run` or `step`.
    /// How a microphone is opened.
    public typealias Open = @Sendable () throws(SoundError) -> any Microphone

    /// What was heard, at `sampleRate`.
    public let ring: RingBuffer
    /// Raised when samples arrived or the state changed.
    public let wake: Wake
    private let open: Open
    private var recovery = DeviceRecovery()
    private var microphone: (any Microphone)?
    private var buffer = [Float](repeating: 0, count: 4096)
    private var lastArrival = 0.0
    private let rate = Atomic<Int>(16000)
    private let muted = Atomic<Bool>(false)
    private let stopping = Atomic<Bool>(false)
    private let xruns = Atomic<Int>(0)
    private let status = Atomic<Int>(0)

    /// A device that runs but delivers nothing for so long is taken for gone.
    public static let stallSeconds = 3.0

    /// A pump that opens its device when `run` starts.
    /// - Parameters:
    ///   - ringFrames: what the ring holds while the reader is busy.
    public init(ringFrames: Int = 1 << 17, wake: Wake = Wake(), open: @escaping Open) {
        ring = RingBuffer(minimumCapacity: ringFrames)
        self.wake = wake
        self.open = open
    }

    /// The rate of the samples in the ring.
    public var sampleRate: Int { rate.load(ordering: .acquiring) }
    /// Times the device ran over.
    public var xrunCount: Int { xruns.load(ordering: .relaxed) }
    /// Whether the device is held closed.
    public var isMuted: Bool { muted.load(ordering: .acquiring) }
    /// Whether samples come in.
    public var isRunning: Bool { status.load(ordering: .acquiring) == PumpStatus.running }
    /// One line for a person: `running`, `closed`, `waiting: busy: …`.
    public var summary: String { PumpStatus.text(status.load(ordering: .acquiring)) }

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
        microphone?.close()
        microphone = nil
        publish()
    }

    /// One move; returns how long to rest before the next, in seconds.
    func step(at now: Double) -> Double {
        if muted.load(ordering: .acquiring) {
            if recovery.state != .closed {
                close()
                recovery.close()
                publish()
            }
            return 0.05
        }
        recovery.reopen()
        guard let microphone else { return tryToOpen(at: now) }
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
        guard recovery.shouldOpen(at: now) else { return 0.05 }
        do {
            let opened = try open()
            rate.store(opened.sampleRate, ordering: .releasing)
            microphone = opened
            lastArrival = now
            recovery.opened(at: now)
        } catch {
            recovery.failed(code: error.deviceCode, at: now)
        }
        publish()
        return 0
    }

    private func lose(_ code: Int32, at now: Double) {
        close()
        recovery.failed(code: code, at: now)
        publish()
    }

    private func close() {
        microphone?.close()
        microphone = nil
    }

    private func publish() {
        status.store(PumpStatus.code(recovery.state), ordering: .releasing)
        wake.raise()
    }
}

/// A device state in one integer, so that it passes between threads without a lock.
enum PumpStatus {
    static let running = 2

    static func code(_ state: DeviceRecovery.State) -> Int {
        switch state {
        case .ready: 0
        case .closed: 1
        case .running: running
        case .waiting(_, .missing): 3
        case .waiting(_, .busy): 4
        case .waiting(_, .denied): 5
        case .waiting(_, .unplugged): 6
        case .waiting(_, .broken(let errno)): 1000 + Int(errno)
        }
    }

    static func text(_ code: Int) -> String {
        let faults: [DeviceRecovery.Fault] = [.missing, .busy, .denied, .unplugged]
        switch code {
        case 0: return "opening"
        case 1: return "closed"
        case running: return "running"
        case 3...6: return "waiting: \(faults[code - 3])"
        default: return "waiting: \(DeviceRecovery.Fault.broken(Int32(code - 1000)))"
        }
    }
}

extension SoundError {
    /// The errno behind a failed opening.
    var deviceCode: Int32 {
        switch self {
        case .device(_, _, let code): code
        case .file: ENOENT
        default: EINVAL
        }
    }
}
