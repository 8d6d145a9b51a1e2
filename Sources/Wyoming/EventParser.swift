/// Takes bytes in any portions and gives whole events: a pure value, no socket.
public struct EventParser: Sendable {
    /// How large the parts of an event may be, in bytes.
    public struct Limits: Sendable {
        /// The header line.
        public var line = 256 << 10
        /// The data that follows it.
        public var data = 256 << 10
        /// The payload.
        public var payload = 256 << 10

        /// The usual limits, 256 KiB each.
        ///
        /// As many clients as are let in may reach them at once. The longest text that is accepted is 80 kB, 240 kB where
        /// every character is escaped; as much is 8 s of audio in one chunk.
        public init() {}
    }

    private enum Stage {
        case header
        case data(type: String, inline: JSONValue, length: Int, payload: Int)
        case payload(type: String, data: JSONValue, length: Int)
    }

    private let limits: Limits
    private var buffer: [UInt8] = []
    private var start = 0
    private var searched = 0
    private var stage = Stage.header

    /// A parser at the beginning of a stream.
    public init(limits: Limits = Limits()) { self.limits = limits }

    /// Whether the stream stands between two events, so that it may end here.
    public var isBetweenEvents: Bool {
        if case .header = stage { start == buffer.count } else { false }
    }

    /// Appends what arrived.
    public mutating func feed(_ bytes: some Sequence<UInt8>) { buffer.append(contentsOf: bytes) }

    /// The next whole event, or nil until more has arrived.
    ///
    /// After an error the stream cannot be read any further.
    public mutating func next() throws(WyomingError) -> Event? {
        while true {
            switch stage {
            case .header:
                guard let line = try takeLine() else { return nil }
                stage = try header(line)
            case .data(let type, let inline, let length, let payload):
                guard let bytes = take(length) else { return nil }
                var data = inline
                guard let members = try JSONValue(parsing: bytes).members else {
                    throw .badHeader("the data of '\(type)' is no object")
                }
                for member in members { data[member.name] = member.value }
                stage = .payload(type: type, data: data, length: payload)
            case .payload(let type, let data, let length):
                guard let payload = take(length) else { return nil }
                stage = .header
                return Event(type, data, payload: payload)
            }
        }
    }

    private mutating func takeLine() throws(WyomingError) -> [UInt8]? {
        while true {
            guard let end = buffer[max(start, searched)...].firstIndex(of: 0x0A) else {
                searched = buffer.count
                let waiting = buffer.count - start
                guard waiting <= limits.line else {
                    throw .tooLarge(part: "header line", bytes: waiting, limit: limits.line)
                }
                compact()
                return nil
            }
            guard end - start <= limits.line else {
                throw .tooLarge(part: "header line", bytes: end - start, limit: limits.line)
            }
            let line = Array(buffer[start..<end])
            start = end + 1
            searched = start
            compact()
            // Blank lines keep some connections alive.
            if line.contains(where: { $0 != 0x20 && $0 != 0x0D && $0 != 0x09 }) { return line }
        }
    }

    private mutating func take(_ length: Int) -> [UInt8]? {
        guard buffer.count - start >= length else { return nil }
        let bytes = Array(buffer[start..<start + length])
        start += length
        searched = start
        compact()
        return bytes
    }

    /// Forgets what was taken, seldom enough to cost little.
    private mutating func compact() {
        if start == buffer.count {
            buffer.removeAll(keepingCapacity: buffer.capacity <= 1 << 16)
            start = 0
            searched = 0
        } else if start > 1 << 16 && start > buffer.count / 2 {
            buffer.removeFirst(start)
            searched = max(0, searched - start)
            start = 0
        }
    }

    private func header(_ line: [UInt8]) throws(WyomingError) -> Stage {
        let json = try JSONValue(parsing: line)
        guard json.members != nil else { throw .badHeader("expected an object, found \(json.text.prefix(40))") }
        guard let type = json["type"]?.string else { throw .badHeader("expected a string 'type'") }
        let dataLength = try length(json, "data_length", limit: limits.data, part: "data")
        let payloadLength = try length(json, "payload_length", limit: limits.payload, part: "payload")
        let inline = json["data"] ?? .object([])
        guard inline.members != nil || inline == .null else { throw .badHeader("the data of '\(type)' is no object") }
        let data = inline == .null ? .object([]) : inline
        guard dataLength > 0 else { return .payload(type: type, data: data, length: payloadLength) }
        return .data(type: type, inline: data, length: dataLength, payload: payloadLength)
    }

    private func length(_ json: JSONValue, _ name: String, limit: Int, part: String) throws(WyomingError) -> Int {
        guard let value = json[name], value != .null else { return 0 }
        guard let bytes = value.integer, bytes >= 0 else {
            throw .badHeader("expected '\(name)' to be a count of bytes, found \(value.text.prefix(40))")
        }
        guard bytes <= limit else { throw .tooLarge(part: part, bytes: bytes, limit: limit) }
        return bytes
    }
}
