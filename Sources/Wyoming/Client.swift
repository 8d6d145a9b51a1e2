import Glibc

/// A client for the Unix socket, for the command line: sends events and waits for answers on the calling thread.
public final class Client {
    /// Where the daemon listens unless told otherwise.
    public static let defaultPath = "/run/tingd/tingd.sock"

    private let path: String
    private let descriptor: Int32
    private var parser = EventParser()

    /// Connects.
    /// - Throws: `WyomingError.socket` when nobody listens there.
    public init(path: String = Client.defaultPath) throws(WyomingError) {
        self.path = path
        descriptor = try UnixSocket.connect(path: path)
    }

    deinit { close(descriptor) }

    /// Sends an event whole.
    public func send(_ event: Event) throws(WyomingError) {
        let bytes = event.bytes
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress?.advanced(by: sent), bytes.count - sent, Int32(MSG_NOSIGNAL))
            }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw .socket(path: path, reason: UnixSocket.reason(errno)) }
            sent += count
        }
    }

    /// The next event; nil when the daemon closed between two events.
    /// - Parameters:
    ///   - seconds: how long to wait for it; nil waits for ever.
    public func receive(within seconds: Double? = 10) throws(WyomingError) -> Event? {
        let deadline = seconds.map { now() + $0 }
        var block = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            if let event = try parser.next() { return event }
            var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            let rest = deadline.map { Int32(max(0, min(1e6, ($0 - now()) * 1000))) } ?? -1
            let ready = poll(&waiting, 1, rest)
            if ready < 0 && errno == EINTR { continue }
            guard ready > 0 else { throw .timedOut(seconds: seconds ?? 0) }
            let count = read(descriptor, &block, block.count)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw .socket(path: path, reason: UnixSocket.reason(errno)) }
            guard count > 0 else {
                guard parser.isBetweenEvents else { throw .closed }
                return nil
            }
            parser.feed(block[..<count])
        }
    }

    /// Sends an event and gives the first answer of one of the types; an `error` event is thrown.
    public func ask(
        _ event: Event, for types: Set<String>, within seconds: Double = 10
    ) throws(WyomingError) -> Event {
        try send(event)
        while let answer = try receive(within: seconds) {
            if types.contains(answer.type) { return answer }
            if answer.type == "error" {
                throw .socket(path: path, reason: answer.data["text"]?.string ?? "error without a text")
            }
        }
        throw .closed
    }

    private func now() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
