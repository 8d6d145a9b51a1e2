import Glibc

/// A thread of its own: for audio, which must not wait behind anything else.
public struct NamedThread: @unchecked Sendable {
    // Unchecked: a pthread_t may be joined from any thread.
    private let thread: pthread_t

    /// Starts `body`.
    /// - Parameters:
    ///   - name: at most 15 bytes, as `top -H` shows it.
    ///   - stackBytes: enough for what the body calls.
    /// - Returns: nil when the system gives no thread.
    public static func start(
        name: String, stackBytes: Int = 256 << 10, _ body: @escaping @Sendable () -> Void
    ) -> NamedThread? {
        final class Box {
            let name: String
            let body: @Sendable () -> Void
            init(_ name: String, _ body: @escaping @Sendable () -> Void) {
                self.name = name
                self.body = body
            }
        }
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setstacksize(&attributes, stackBytes)
        let box = Unmanaged.passRetained(Box(name, body))
        var thread = pthread_t()
        let code = pthread_create(
            &thread, &attributes,
            { raw in
                guard let raw else { return nil }
                let box = Unmanaged<Box>.fromOpaque(raw).takeRetainedValue()
                nameThread(box.name)
                box.body()
                return nil
            }, box.toOpaque())
        guard code == 0 else {
            box.release()
            return nil
        }
        return NamedThread(thread: thread)
    }

    /// Waits until the body has returned.
    public func join() { pthread_join(thread, nil) }

    /// Asks for round-robin real-time scheduling of the calling thread; false where the system does not allow it.
    @discardableResult
    public static func becomeRealTime(priority: Int32 = 10) -> Bool {
        var parameters = sched_param()
        parameters.sched_priority = priority
        return pthread_setschedparam(pthread_self(), SCHED_RR, &parameters) == 0
    }
}

/// Names the calling thread.
private func nameThread(_ text: String) {
    let descriptor = open("/proc/thread-self/comm", O_WRONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    let bytes = Array(text.utf8.prefix(15))
    _ = write(descriptor, bytes, bytes.count)
    close(descriptor)
}

/// Wakes a thread from another one without a lock: a pipe that is never full for long.
public final class Wake: Sendable {
    private let reading: Int32
    private let writing: Int32

    /// A fresh signal, not raised.
    public init() {
        var ends: [Int32] = [-1, -1]
        if pipe(&ends) == 0 {
            for end in ends {
                _ = fcntl(end, F_SETFD, FD_CLOEXEC)
                _ = fcntl(end, F_SETFL, O_NONBLOCK)
            }
        }
        reading = ends[0]
        writing = ends[1]
    }

    deinit {
        close(reading)
        close(writing)
    }

    /// Wakes the waiting thread, or its next wait.
    ///
    /// A full pipe means that it is awake already.
    public func raise() {
        var one: UInt8 = 1
        _ = write(writing, &one, 1)
    }

    /// Waits until raised or until the time is over; true when raised.
    @discardableResult
    public func wait(seconds: Double) -> Bool {
        var waiting = pollfd(fd: reading, events: Int16(POLLIN), revents: 0)
        guard poll(&waiting, 1, Int32(max(0, seconds) * 1000)) > 0 else { return false }
        var bytes: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        return withUnsafeMutableBytes(of: &bytes) { read(reading, $0.baseAddress, $0.count) } > 0
    }
}
