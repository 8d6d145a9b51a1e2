import Glibc
import Synchronization

/// Signals as bytes in a pipe that the main thread reads.
///
/// Handlers rather than a blocked mask: the sound libraries make threads of their own, and one of them that takes the
/// signal must not end the process.
enum Signals {
    enum Event { case reload, stop, timeout }

    private static let reading = Atomic<Int32>(-1)
    private static let writing = Atomic<Int32>(-1)

    /// Installs the handlers; to be called once, before other threads are made.
    static func install() throws(DaemonError) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw .noThread("signals") }
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        reading.store(ends[0], ordering: .releasing)
        writing.store(ends[1], ordering: .releasing)
        for number in [SIGHUP, SIGTERM, SIGINT] {
            var action = sigaction()
            action.sa_flags = SA_RESTART
            action.__sigaction_handler.sa_handler = { number in
                let before = errno
                var byte = UInt8(truncatingIfNeeded: number)
                _ = write(Signals.writing.load(ordering: .acquiring), &byte, 1)
                errno = before
            }
            sigaction(number, &action, nil)
        }
        signal(SIGPIPE, SIG_IGN)
    }

    /// The next signal, or a timeout.
    static func wait(seconds: Double) -> Event {
        let descriptor = reading.load(ordering: .acquiring)
        var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&waiting, 1, Int32(max(0, seconds) * 1000)) > 0 else { return .timeout }
        var byte: UInt8 = 0
        guard read(descriptor, &byte, 1) == 1 else { return .timeout }
        return Int32(byte) == SIGHUP ? .reload : .stop
    }
}
