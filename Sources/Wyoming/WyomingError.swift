/// What can go wrong on the control socket; each reads as one line.
public enum WyomingError: Error, Equatable, CustomStringConvertible {
    /// Bytes that are not UTF-8.
    case notUTF8
    /// Text that is not JSON.
    case json(String)
    /// A header that is JSON and yet no event.
    case badHeader(String)
    /// Part of an event is larger than this side accepts.
    case tooLarge(part: String, bytes: Int, limit: Int)
    /// A member of an event is missing or of the wrong kind.
    case badData(event: String, expected: String)
    /// The socket cannot be made, found or used.
    case socket(path: String, reason: String)
    /// The other side went away in the middle.
    case closed
    /// No answer in time.
    case timedOut(seconds: Double)

    /// One line for a person.
    public var description: String {
        switch self {
        case .notUTF8: "bad event: expected UTF-8, found other bytes"
        case .json(let reason): "bad JSON \(reason)"
        case .badHeader(let reason): "bad event header: \(reason)"
        case .tooLarge(let part, let bytes, let limit):
            "event too large: \(part) of \(bytes) bytes or more, at most \(limit) are accepted: send it in parts"
        case .badData(let event, let expected): "bad \(event) event: expected \(expected)"
        case .socket(let path, let reason): "\(path): \(reason)"
        case .closed: "the other side closed the connection"
        case .timedOut(let seconds): "no answer within \(seconds) s"
        }
    }

    /// The short code that goes into an `error` event.
    public var code: String {
        switch self {
        case .notUTF8, .json, .badHeader, .badData: "bad-event"
        case .tooLarge: "too-large"
        case .socket, .closed: "connection"
        case .timedOut: "timeout"
        }
    }
}
