import NIOCore
import Synchronization

/// One client of the server.
///
/// May be used from any thread.
public final class Connection: Sendable {
    /// Counts up from 1.
    public let id: Int
    /// Who it is; nil over TCP.
    public let peer: PeerCredentials?
    private let channel: any Channel
    private let pending = Atomic<Int>(0)
    private let open = Atomic<Bool>(true)
    private let held = Atomic<Bool>(false)

    /// A client that lets so many bytes pile up is cut off: it is not reading.
    ///
    /// Some thousands of events, or more than a
    /// minute of sound.
    static let pendingLimit = 4 << 20

    init(id: Int, peer: PeerCredentials?, channel: any Channel) {
        self.id = id
        self.peer = peer
        self.channel = channel
    }

    /// Whether the client is still there.
    public var isOpen: Bool { open.load(ordering: .acquiring) }

    /// Bytes that the client has not taken yet.
    public var pendingBytes: Int { pending.load(ordering: .acquiring) }

    /// Sends an event; in order, without waiting.
    ///
    /// Nothing happens when the client is gone.
    public func send(_ event: Event) {
        guard isOpen else { return }
        let bytes = event.bytes
        let count = bytes.count
        guard pending.add(count, ordering: .acquiringAndReleasing).newValue <= Self.pendingLimit else {
            abandon()
            return
        }
        channel.eventLoop.execute { [self] in
            channel.writeAndFlush(ByteBuffer(bytes: bytes)).whenComplete { [self] _ in
                pending.subtract(count, ordering: .acquiringAndReleasing)
            }
        }
    }

    /// Whether `hold` was said and not `release`.
    var isHeld: Bool { held.load(ordering: .acquiring) }

    /// Reads no more of what the client sends, which then waits on the client's side.
    ///
    /// Events that were read already still come. Holding on, or releasing, twice is the same as once.
    public func hold() { read(false) }

    /// Reads the client again after `hold`.
    public func release() { read(true) }

    private func read(_ isWanted: Bool) {
        guard held.exchange(!isWanted, ordering: .acquiringAndReleasing) == isWanted else { return }
        _ = channel.setOption(.autoRead, value: isWanted)
    }

    /// Ends the connection after what was sent before; a client that does not take it and go within 5 s is cut off.
    ///
    /// Only this side is ended at first: with bytes of the client still unread, the last error would be lost on its way.
    public func close() {
        guard open.exchange(false, ordering: .acquiringAndReleasing) else { return }
        channel.eventLoop.execute { [channel] in
            let cut = channel.eventLoop.scheduleTask(in: .seconds(5)) { channel.close(promise: nil) }
            channel.closeFuture.whenComplete { _ in cut.cancel() }
            channel.writeAndFlush(ByteBuffer()).whenComplete { _ in channel.close(mode: .output, promise: nil) }
        }
    }

    /// Ends the connection at once.
    func abandon() {
        guard open.exchange(false, ordering: .acquiringAndReleasing) else { return }
        channel.close(promise: nil)
    }

    func markClosed() { open.store(false, ordering: .releasing) }
}

/// What the server calls, always on its own thread, which must not be held up.
public protocol Service: Sendable {
    /// A client came.
    func opened(_ connection: Connection)
    /// A client sent an event.
    func received(_ event: Event, from connection: Connection)
    /// A client went; in the middle of an event or not.
    func closed(_ connection: Connection)
}

/// Turns bytes into events, and bad bytes into an error and a closed connection.
final class EventHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let server: Server
    private let makeConnection: (any Channel) -> Connection?
    private var connection: Connection?
    private var parser: EventParser
    private var isBroken = false
    private var isStalled: Scheduled<Void>?

    init(server: Server, limits: EventParser.Limits, makeConnection: @escaping (any Channel) -> Connection?) {
        self.server = server
        self.makeConnection = makeConnection
        parser = EventParser(limits: limits)
    }

    func channelActive(context: ChannelHandlerContext) {
        guard let made = makeConnection(context.channel) else { return }
        connection = made
        server.service.opened(made)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard let connection, !isBroken else { return }
        parser.feed(unwrapInboundIn(data).readableBytesView)
        do {
            while let event = try parser.next() { server.service.received(event, from: connection) }
        } catch {
            isBroken = true
            connection.send(.error(error.description, code: error.code))
            connection.close()
        }
        watch(context: context)
    }

    /// Half an event may not hold a place for ever.
    private func watch(context: ChannelHandlerContext) {
        isStalled?.cancel()
        isStalled = nil
        guard !parser.isBetweenEvents, !isBroken, let connection else { return }
        let box = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        isStalled = context.eventLoop.scheduleTask(in: .seconds(30)) {
            let (handler, context) = box.value
            // While it is not read, the rest cannot come.
            guard !connection.isHeld else { return handler.watch(context: context) }
            handler.isBroken = true
            connection.send(.error("the rest of an event did not come within 30 s", code: "timeout"))
            connection.close()
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        isStalled?.cancel()
        guard let connection else { return }
        connection.markClosed()
        server.forget(connection)
        server.service.closed(connection)
        self.connection = nil
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}
