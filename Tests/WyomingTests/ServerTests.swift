import Glibc
import Synchronization
import Testing

@testable import Wyoming

/// Answers ping with pong and counts clients.
private final class Echo: Service {
    let closedCount = Atomic<Int>(0)
    func opened(_ connection: Connection) {}
    func received(_ event: Event, from connection: Connection) {
        connection.send(
            event.type == "ping" ? Event("pong", event.data, payload: event.payload) : .error("no", code: "no"))
    }
    func closed(_ connection: Connection) { closedCount.add(1, ordering: .relaxed) }
}

/// Answers, and does not read on after `hold`.
private final class Holder: Service {
    let held = Mutex<Connection?>(nil)
    func opened(_ connection: Connection) {}
    func received(_ event: Event, from connection: Connection) {
        if event.type == "hold" {
            connection.hold()
            held.withLock { $0 = connection }
        }
        connection.send(Event("pong", event.data))
    }
    func closed(_ connection: Connection) {}
}

@Suite(.serialized) struct ServerTests {
    private let service = Echo()

    private func options(_ name: String = #function) -> Server.Options {
        var options = Server.Options()
        options.socketPath = "/tmp/ting-\(getpid())-\(name.prefix(20).filter(\.isLetter)).sock"
        return options
    }

    private func running(_ options: Server.Options, _ body: (String) throws -> Void) throws {
        let server = Server(options: options, service: service)
        try server.start()
        defer { server.stop() }
        try body(options.socketPath ?? "")
    }

    private func isServed(_ path: String) throws -> Bool {
        let client = try Client(path: path)
        return try client.ask(Event("ping"), for: ["pong"]).type == "pong"
    }

    private func raw(_ path: String, _ bytes: [UInt8]) throws -> Int32 {
        let descriptor = try UnixSocket.connect(path: path)
        var sent = 0
        while sent < bytes.count {
            let count = send(descriptor, Array(bytes[sent...]), bytes.count - sent, Int32(MSG_NOSIGNAL))
            if count <= 0 { break }
            sent += count
        }
        return descriptor
    }

    @Test func eventsGoThereAndBack() throws {
        try running(options()) { path in
            let client = try Client(path: path)
            let payload = [UInt8](repeating: 7, count: 200_000)
            try client.send(Event("ping", ["text": "你好"], payload: payload))
            #expect(try client.receive() == Event("pong", ["text": "你好"], payload: payload))
            #expect(throws: WyomingError.socket(path: path, reason: "no")) {
                try client.ask(Event("what"), for: ["pong"])
            }
            #expect(throws: WyomingError.timedOut(seconds: 0.1)) { try client.receive(within: 0.1) }
        }
    }

    @Test func theSocketIsForItsGroupOnly() throws {
        try running(options()) { path in
            var status = stat()
            #expect(stat(path, &status) == 0)
            #expect(status.st_mode & 0o777 == 0o660)
        }
        #expect(access(options().socketPath ?? "", F_OK) != 0)
    }

    @Test func strangersAreToldFromOwners() {
        let me = PeerCredentials(process: 1, user: 1000, group: 1000)
        #expect(me.isAllowed(group: nil, owner: 1000))
        #expect(me.isAllowed(group: 1000, owner: 0))
        #expect(!me.isAllowed(group: nil, owner: 0))
        #expect(!me.isAllowed(group: 4242, owner: 0))
        #expect(PeerCredentials(process: 1, user: 0, group: 0).isAllowed(group: nil, owner: 1000))
    }

    @Test func aStaleSocketIsReplacedAndALivingOneIsNot() throws {
        let options = options()
        let path = options.socketPath ?? ""
        // A socket that nobody listens on any more.
        close(try UnixSocket.listen(path: path, group: nil))
        try running(options) { _ in
            let second = Server(options: options, service: Echo())
            #expect(throws: WyomingError.socket(path: path, reason: "another tingd already answers on it")) {
                try second.start()
            }
            second.stop()
            let served = try isServed(path)
            #expect(served)
        }
        let file = open(path, O_CREAT | O_WRONLY, 0o600)
        close(file)
        defer { unlink(path) }
        let third = Server(options: options, service: Echo())
        defer { third.stop() }
        #expect(throws: WyomingError.socket(path: path, reason: "something that is not a socket is in the way")) {
            try third.start()
        }
    }

    @Test func badBytesGetAnErrorAndAClosedConnection() throws {
        try running(options()) { path in
            let bad: [([UInt8], String)] = [
                ([UInt8](repeating: 0x61, count: 10 << 20), "too-large"), ([0xFF, 0xFE, 0x0A], "bad-event"),
                (Array("GET / HTTP/1.1\r\n".utf8), "bad-event"),
            ]
            for (bytes, code) in bad {
                let descriptor = try raw(path, bytes)
                defer { close(descriptor) }
                var parser = EventParser()
                var block = [UInt8](repeating: 0, count: 4096)
                while true {
                    let count = read(descriptor, &block, block.count)
                    guard count > 0 else { break }
                    parser.feed(block[..<count])
                }
                #expect(try parser.next()?.data["code"]?.string == code)
            }
            #expect(try isServed(path))
        }
    }

    @Test func halfAnEventAndAHangUpHarmNobody() throws {
        try running(options()) { path in
            for _ in 0..<20 {
                close(try raw(path, Array(#"{"type": "ping", "payload_length": 100}"#.utf8) + [10, 1, 2]))
            }
            #expect(try isServed(path))
            var waited = 0
            while service.closedCount.load(ordering: .relaxed) < 20 && waited < 200 {
                usleep(10_000)
                waited += 1
            }
            #expect(service.closedCount.load(ordering: .relaxed) >= 20)
        }
    }

    @Test func whoeverIsHeldWaitsAndLosesNothing() throws {
        let holder = Holder()
        let options = options()
        let path = options.socketPath ?? ""
        let server = Server(options: options, service: holder)
        try server.start()
        defer { server.stop() }
        let client = try Client(path: path)
        _ = try client.ask(Event("hold"), for: ["pong"])
        try client.send(Event("ping", ["text": "later"]))
        #expect(throws: WyomingError.timedOut(seconds: 0.2)) { try client.receive(within: 0.2) }
        let served = try isServed(path)
        #expect(served)
        holder.held.withLock { $0 }?.release()
        let answer = try client.receive()
        #expect(answer?.data["text"] == "later")
    }

    @Test func tooManyAreToldSoAndTheRestAreServed() throws {
        var options = options()
        options.maximumConnections = 8
        try running(options) { path in
            var clients: [Client] = []
            for _ in 0..<8 {
                let client = try Client(path: path)
                _ = try client.ask(Event("ping"), for: ["pong"])
                clients.append(client)
            }
            let extra = try Client(path: path)
            let answer = try extra.receive()
            #expect(answer?.data["text"]?.string == "too many connections: at most 8")
            #expect(try extra.receive() == nil)
            for client in clients { _ = try client.ask(Event("ping"), for: ["pong"]) }
        }
    }

    @Test func aThousandConnectionsAreServedOrTold() throws {
        try running(options()) { path in
            var descriptors: [Int32] = []
            defer { for descriptor in descriptors { close(descriptor) } }
            var refused = 0
            for _ in 0..<1000 {
                guard let descriptor = try? UnixSocket.connect(path: path) else {
                    refused += 1
                    continue
                }
                descriptors.append(descriptor)
                // As a real crowd: the first ones go again.
                if descriptors.count > 200 { close(descriptors.removeFirst()) }
            }
            #expect(refused == 0)
            for descriptor in descriptors { close(descriptor) }
            descriptors = []
            var isAlive = false
            for _ in 0..<100 where !isAlive {
                isAlive = (try? isServed(path)) == true
                if !isAlive { usleep(20_000) }
            }
            #expect(isAlive)
        }
    }

    @Test func tcpIsThereOnlyWhenAskedFor() throws {
        var options = options()
        options.tcp = ("127.0.0.1", 0)
        let server = Server(options: options, service: service)
        try server.start()
        #expect(server.tcpPort > 0)
        server.stop()
    }

    @Test func aPathTooLongIsAClearError() {
        var options = Server.Options()
        options.socketPath = "/tmp/" + String(repeating: "x", count: 200)
        let server = Server(options: options, service: service)
        defer { server.stop() }
        #expect {
            try server.start()
        } throws: {
            "\($0)".hasSuffix("a socket path has 1…107 bytes, found 205")
        }
        #expect(throws: WyomingError.self) { try Client(path: "/nowhere/tingd.sock") }
    }
}
