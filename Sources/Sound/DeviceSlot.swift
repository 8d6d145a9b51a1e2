import Glibc
import Synchronization

/// A device that a pump holds, loses and gets back.
///
/// `sampleRate`, `summary` and `isRunning` may be asked from any thread; all else belongs to the pump's thread.
final class DeviceSlot<Device>: @unchecked Sendable {
    // Unchecked: `recovery` and `device` are touched only by the pump's thread.
    typealias Open = @Sendable () throws(SoundError) -> Device

    /// The open device, if there is one.
    private(set) var device: Device?
    private var recovery = DeviceRecovery()
    private let open: Open
    private let rateOf: @Sendable (Device) -> Int
    private let closing: @Sendable (Device) -> Void
    private let rate: Atomic<Int>
    private let status = Atomic<Int>(0)

    /// How often a pump without a device looks whether it is time for the next try, in seconds.
    static var restSeconds: Double { 0.05 }

    /// - Parameters:
    ///   - sampleRate: what is told before the device says its own rate.
    init(
        sampleRate: Int, open: @escaping Open, rateOf: @escaping @Sendable (Device) -> Int,
        closing: @escaping @Sendable (Device) -> Void
    ) {
        self.open = open
        self.rateOf = rateOf
        self.closing = closing
        rate = Atomic(sampleRate)
    }

    /// The rate of the device, or of the last one.
    var sampleRate: Int { rate.load(ordering: .acquiring) }
    /// Whether samples move.
    var isRunning: Bool { status.load(ordering: .acquiring) == PumpStatus.running }
    /// One line for a person: `running`, `closed`, `waiting: busy: …`.
    var summary: String { PumpStatus.text(status.load(ordering: .acquiring)) }
    /// Whether it was closed on purpose.
    var isShut: Bool { recovery.state == .closed }

    /// Opens the device if its time has come; returns how long to rest, in seconds, nil when something changed.
    func tryToOpen(at now: Double) -> Double? {
        guard recovery.shouldOpen(at: now) else { return Self.restSeconds }
        do {
            let opened = try open()
            rate.store(rateOf(opened), ordering: .releasing)
            device = opened
            recovery.opened(at: now)
        } catch {
            recovery.failed(code: error.deviceCode, at: now)
        }
        publish()
        return nil
    }

    /// The device failed with an errno; it is tried again later.
    func lose(_ code: Int32, at now: Double) {
        close()
        recovery.failed(code: code, at: now)
        publish()
    }

    /// Closes it on purpose, until `reopen`.
    func shut() {
        close()
        recovery.close()
        publish()
    }

    /// Wants the device again after `shut`.
    func reopen() { recovery.reopen() }

    /// Lets go of the device without a word about the future.
    func close() {
        if let device { closing(device) }
        device = nil
    }

    private func publish() { status.store(PumpStatus.code(recovery.state), ordering: .releasing) }
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
