import Glibc

/// Decides when a device is opened again after it was missing, busy or pulled out.
///
/// A pure value: the clock is passed in.
public struct DeviceRecovery: Sendable, Equatable {
    /// Why there is no device.
    public enum Fault: Sendable, Equatable, CustomStringConvertible {
        /// No such device.
        case missing
        /// Another program holds it.
        case busy
        /// This user may not use it.
        case denied
        /// It was there and is gone.
        case unplugged
        /// Anything else: the errno.
        case broken(Int32)

        /// For a person, with what to do where that is known.
        public var description: String {
            switch self {
            case .missing: "no such device"
            case .busy: "busy: another program uses it"
            case .denied: "permission denied: add the user to the group audio"
            case .unplugged: "unplugged"
            case .broken(let code): "broken: \(systemMessage(code))"
            }
        }
    }

    /// What the device does now.
    public enum State: Sendable, Equatable {
        /// Deliberately closed (muted).
        case closed
        /// To be opened as soon as somebody asks.
        case ready
        /// Open and moving samples.
        case running
        /// Waits until a time before the next try.
        case waiting(until: Double, Fault)
    }

    /// What the device does now.
    public private(set) var state = State.ready
    /// Tries in a row that failed.
    public private(set) var failures = 0
    private var openedAt = 0.0

    /// First wait after a failure, in seconds; each further one is twice as long.
    public static let firstDelay = 0.5
    /// Longest wait between tries.
    public static let longestDelay = 10.0
    /// A device that ran so long has proved itself, and its next failure counts as the first.
    public static let provenSeconds = 20.0

    /// A device that nobody tried yet.
    public init() {}

    /// Whether it should be opened now.
    public func shouldOpen(at now: Double) -> Bool {
        switch state {
        case .ready: true
        case .waiting(let until, _): now >= until
        case .closed, .running: false
        }
    }

    /// It opened.
    public mutating func opened(at now: Double) {
        state = .running
        openedAt = now
    }

    /// Opening or moving samples failed with a positive errno.
    public mutating func failed(code: Int32, at now: Double) {
        let wasRunning = state == .running
        if wasRunning && now - openedAt >= Self.provenSeconds { failures = 0 }
        failures += 1
        let delay = min(Self.longestDelay, Self.firstDelay * Double(1 << min(failures - 1, 10)))
        state = .waiting(until: now + delay, Self.fault(code, wasRunning: wasRunning))
    }

    /// Closed on purpose.
    public mutating func close() {
        state = .closed
        failures = 0
    }

    /// Wanted again.
    public mutating func reopen() {
        if state == .closed { state = .ready }
    }

    /// For a status line.
    public var summary: String {
        switch state {
        case .closed: "closed"
        case .ready: "opening"
        case .running: "running"
        case .waiting(_, let fault): "waiting: \(fault)"
        }
    }

    private static func fault(_ code: Int32, wasRunning: Bool) -> Fault {
        switch code {
        // A sound server that is not there refuses the connection.
        case ENOENT, ENODEV, ENXIO, ECONNREFUSED: wasRunning ? .unplugged : .missing
        case EIO, EBADF, ESHUTDOWN: wasRunning ? .unplugged : .broken(code)
        case EBUSY, EAGAIN: .busy
        case EACCES, EPERM: .denied
        default: .broken(code)
        }
    }
}
