import Glibc

/// A Wyoming service that handles intents: it gets the frame as an `intent` event and answers `handled` with a text.
///
/// Reached over TCP (`wyoming://HOST:PORT`) or a Unix socket (`unix:/PATH`).
public struct HandleService: Sendable, Hashable {
    /// Where the service listens.
    enum Address: Sendable, Hashable {
        case tcp(host: String, port: String)
        case unix(path: String)
    }

    let address: Address
    /// The address as written.
    public let name: String
    /// Seconds it may take.
    public var timeLimit = 3.0

    /// A service by its address; nil when the text is no such address.
    public init?(_ text: String) {
        name = text
        if text.hasPrefix("unix:/") {
            let path = String(text.dropFirst(5)).drop { $0 == "/" }
            guard !path.isEmpty, path.utf8.count < 100 else { return nil }
            address = .unix(path: "/" + path)
        } else if text.hasPrefix("wyoming://") {
            let rest = text.dropFirst("wyoming://".count)
            guard let colon = rest.lastIndex(of: ":"), let port = UInt16(rest[rest.index(after: colon)...]),
                colon > rest.startIndex
            else { return nil }
            address = .tcp(host: rest[..<colon].filter { $0 != "[" && $0 != "]" }, port: "\(port)")
        } else {
            return nil
        }
    }

    /// Sends the frame and waits for what to say.
    public func answer(to frame: Frame, text: String) throws(ThinkError) -> String {
        let entities = frame.slots.map { "{\"name\":\(JSONText.quote($0.name)),\"value\":\($0.value.jsonValue)}" }
        let event =
            "{\"type\":\"intent\",\"data\":{\"name\":\(JSONText.quote(frame.intent)),"
            + "\"entities\":[\(entities.joined(separator: ","))],\"text\":\(JSONText.quote(text))}}\n"
        let deadline = Skill.now() + timeLimit
        var link = try ServiceLink(address, name: name, deadline: deadline)
        defer { link.end() }
        try link.send(Array(event.utf8))
        // Other events may come first; a service that only talks is cut off by the deadline.
        while true {
            let header = try link.line()
            guard let tree = try? YAMLTree.parse(header, path: name), let type = tree["type"]?.text else {
                throw .skill(name: name, reason: "expected a Wyoming event, found '\(header.prefix(60))'")
            }
            var said = tree["data"]?["text"]?.text
            if let length = tree["data_length"]?.number {
                let data = String(decoding: try link.bytes(Int(min(length, 1_048_576))), as: UTF8.self)
                said = said ?? (try? YAMLTree.parse(data, path: name))?["text"]?.text
            }
            if let length = tree["payload_length"]?.number { _ = try link.bytes(Int(min(length, 1_048_576))) }
            switch type {
            case "handled", "not-handled":
                guard let said, !said.isEmpty else {
                    throw .skill(name: name, reason: "'\(type)' came without a text")
                }
                return said
            case "error": throw .skill(name: name, reason: said ?? "answered with an error")
            default: continue
            }
        }
    }
}

/// A connection that never waits past its deadline.
private struct ServiceLink {
    private var socket: Int32 = -1
    private let name: String
    private let deadline: Double
    private var received: [UInt8] = []

    init(_ address: HandleService.Address, name: String, deadline: Double) throws(ThinkError) {
        self.name = name
        self.deadline = deadline
        switch address {
        case .unix(let path): try connectUnix(path)
        case .tcp(let host, let port): try connectTCP(host, port)
        }
    }

    mutating func end() {
        if socket >= 0 { close(socket) }
        socket = -1
    }

    private func failure(_ what: String) -> ThinkError {
        .skill(name: name, reason: "\(what): \(String(cString: strerror(errno)))")
    }

    private mutating func open(_ family: Int32) throws(ThinkError) {
        socket = Glibc.socket(
            family, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
        if socket < 0 { throw failure("cannot make a socket") }
    }

    private mutating func connectUnix(_ path: String) throws(ThinkError) {
        try open(AF_UNIX)
        var place = sockaddr_un()
        place.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &place.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
        let code = withUnsafePointer(to: &place) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(socket, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        try finishConnecting(code)
    }

    private mutating func connectTCP(_ host: String, _ port: String) throws(ThinkError) {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, port, &hints, &found) == 0, let first = found else {
            throw .skill(name: name, reason: "no such host")
        }
        defer { freeaddrinfo(found) }
        try open(first.pointee.ai_family)
        try finishConnecting(connect(socket, first.pointee.ai_addr, first.pointee.ai_addrlen))
    }

    private mutating func finishConnecting(_ code: Int32) throws(ThinkError) {
        guard code != 0 else { return }
        let reason = errno
        guard reason == EINPROGRESS || reason == EAGAIN else {
            defer { end() }
            throw .skill(name: name, reason: "cannot connect: \(String(cString: strerror(reason)))")
        }
        try wait(for: Int16(POLLOUT))
        var problem: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(socket, SOL_SOCKET, SO_ERROR, &problem, &size)
        if problem != 0 {
            end()
            throw .skill(name: name, reason: "cannot connect: \(String(cString: strerror(problem)))")
        }
    }

    private func wait(for events: Int16) throws(ThinkError) {
        while true {
            let left = deadline - Skill.now()
            guard left > 0 else { throw .skill(name: name, reason: "no answer in time") }
            var event = pollfd(fd: socket, events: events, revents: 0)
            if poll(&event, 1, Int32((min(left, 1) * 1000).rounded(.up))) > 0 { return }
        }
    }

    mutating func send(_ bytes: [UInt8]) throws(ThinkError) {
        var rest = bytes
        while !rest.isEmpty {
            try wait(for: Int16(POLLOUT))
            let sent = Glibc.send(socket, rest, rest.count, Int32(MSG_NOSIGNAL))
            if sent > 0 {
                rest.removeFirst(sent)
            } else if errno != EAGAIN, errno != EINTR {
                throw failure("cannot send")
            }
        }
    }

    private mutating func receive() throws(ThinkError) {
        try wait(for: Int16(POLLIN))
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = recv(socket, &buffer, buffer.count, 0)
        if count > 0 {
            received += buffer[..<count]
            guard received.count <= 2 << 20 else { throw .skill(name: name, reason: "answers more than 2 MiB") }
        } else if count == 0 {
            throw .skill(name: name, reason: "closed the connection without an answer")
        } else if errno != EAGAIN, errno != EINTR {
            throw failure("cannot receive")
        }
    }

    /// The next line, without its end.
    mutating func line() throws(ThinkError) -> String {
        while true {
            if let end = received.firstIndex(of: UInt8(ascii: "\n")) {
                let line = String(decoding: received[..<end], as: UTF8.self)
                received.removeFirst(end + 1)
                return line
            }
            try receive()
        }
    }

    mutating func bytes(_ count: Int) throws(ThinkError) -> [UInt8] {
        while received.count < count { try receive() }
        defer { received.removeFirst(max(0, count)) }
        return Array(received.prefix(max(0, count)))
    }
}
