import Glibc
import NIOCore
import NIOPosix
import Synchronization

/// A Wyoming server on a Unix socket, and over TCP where that is asked for.
public final class Server: Sendable {
    /// Where to listen and whom to let in.
    public struct Options: Sendable {
        /// Path of the Unix socket; nil for none.
        public var socketPath: String?
        /// Name of the group that may connect, beside root and the server's own user; nil for the group of this process.
        public var socketGroup: String?
        /// Listening sockets that were passed in (socket activation); `socketPath` is then not bound.
        public var inherited: [Int32] = []
        /// Host and port for TCP; nil for no network, which is the default.
        public var tcp: (host: String, port: Int)?
        /// Clients at a time; the next one is told and sent away.
        public var maximumConnections = 32
        /// How large events may be.
        public var limits = EventParser.Limits()

        /// Nothing listens yet.
        public init() {}
    }

    let service: any Service
    private let options: Options
    private let loops = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    private let clients = Mutex<(next: Int, open: [Int: Connection])>((1, [:]))
    private let listeners = Mutex<[any Channel]>([])
    private let group = Atomic<UInt32>(getegid())
    private let port = Atomic<Int>(0)

    /// A server that answers through `service` once `start` is called.
    public init(options: Options, service: any Service) {
        self.options = options
        self.service = service
    }

    /// Clients that are connected now.
    public var connections: [Connection] { clients.withLock { Array($0.open.values) } }

    /// The TCP port in use, which the system chose when 0 was asked for; 0 without TCP.
    public var tcpPort: Int { port.load(ordering: .acquiring) }

    /// Binds and starts to accept.
    public func start() throws(WyomingError) {
        if let name = options.socketGroup {
            group.store(try UnixSocket.group(named: name), ordering: .releasing)
        }
        var descriptors = options.inherited
        if descriptors.isEmpty, let path = options.socketPath {
            descriptors.append(
                try UnixSocket.listen(path: path, group: options.socketGroup == nil ? nil : allowedGroup))
        }
        for descriptor in descriptors {
            try add(path: options.socketPath ?? "inherited socket") {
                try bootstrap().withBoundSocket(descriptor).wait()
            }
        }
        if let tcp = options.tcp {
            try add(path: "\(tcp.host):\(tcp.port)") { try bootstrap().bind(host: tcp.host, port: tcp.port).wait() }
            port.store(listeners.withLock { $0.last?.localAddress?.port } ?? 0, ordering: .releasing)
        }
    }

    /// Stops listening, removes the socket it made, and ends every connection.
    public func stop() {
        let closing = listeners.withLock { channels in
            defer { channels = [] }
            return channels
        }
        for channel in closing { try? channel.close().wait() }
        if options.inherited.isEmpty, !closing.isEmpty, let path = options.socketPath { unlink(path) }
        for connection in connections { connection.abandon() }
        try? loops.syncShutdownGracefully()
    }

    func forget(_ connection: Connection) {
        clients.withLock { _ = $0.open.removeValue(forKey: connection.id) }
    }

    private var allowedGroup: UInt32 { group.load(ordering: .acquiring) }

    private func add(path: String, _ make: () throws -> any Channel) throws(WyomingError) {
        do {
            let channel = try make()
            listeners.withLock { $0.append(channel) }
        } catch {
            throw .socket(path: path, reason: "cannot listen: \(error)")
        }
    }

    private func bootstrap() -> ServerBootstrap {
        ServerBootstrap(group: loops)
            .serverChannelOption(.backlog, value: 1024)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { [self] channel in
                peer(of: channel).flatMapThrowing { [self] peer in
                    let handler = EventHandler(server: self, limits: options.limits) { [self] in admit($0, peer: peer) }
                    try channel.pipeline.syncOperations.addHandler(handler)
                }
            }
    }

    private func peer(of channel: any Channel) -> EventLoopFuture<PeerCredentials?> {
        // TCP has no credentials; whoever opened it in the configuration answers for it.
        guard channel.localAddress?.protocol == .unix, let socket = channel as? any SocketOptionProvider else {
            return channel.eventLoop.makeSucceededFuture(nil)
        }
        let peer: EventLoopFuture<PeerCredentials> = socket.unsafeGetSocketOption(
            level: .socket, name: NIOBSDSocket.Option(rawValue: SO_PEERCRED))
        return peer.map { Optional($0) }
    }

    /// Lets a client in, or tells it why not.
    private func admit(_ channel: any Channel, peer: PeerCredentials?) -> Connection? {
        if let peer, !peer.isAllowed(group: allowedGroup) {
            refuse(channel, .error("user \(peer.user) may not control this device", code: "forbidden"))
            return nil
        }
        let made = clients.withLock { state -> Connection? in
            guard state.open.count < options.maximumConnections else { return nil }
            let connection = Connection(id: state.next, peer: peer, channel: channel)
            state.open[state.next] = connection
            state.next += 1
            return connection
        }
        if made == nil {
            refuse(channel, .error("too many connections: at most \(options.maximumConnections)", code: "busy"))
        }
        return made
    }

    private func refuse(_ channel: any Channel, _ event: Event) {
        channel.writeAndFlush(ByteBuffer(bytes: event.bytes)).whenComplete { _ in channel.close(promise: nil) }
    }
}
