/// Everything that can go wrong while understanding; every case reads as one line.
public enum ThinkError: Error, Sendable, CustomStringConvertible, Equatable {
    /// A file could not be read.
    case unreadable(path: String, reason: String)
    /// A file could not be written.
    case unwritable(path: String, reason: String)
    /// A domain file is wrong at a line (1-based; 0 when the line is unknown).
    case malformed(path: String, line: Int, expected: String, found: String)
    /// A sentence template does not parse; `column` counts characters from 1.
    case template(text: String, column: Int, expected: String, found: String)
    /// A weight file lacks or misdescribes something the network needs.
    case model(path: String, expected: String, found: String)
    /// A skill program failed, answered nothing or ran out of time.
    case skill(name: String, reason: String)

    /// One line that names the place, what was expected and what was found.
    public var description: String {
        switch self {
        case .unreadable(let path, let reason):
            "\(path): cannot be read: \(reason)"
        case .unwritable(let path, let reason):
            "\(path): cannot be written: \(reason)"
        case .malformed(let path, let line, let expected, let found):
            "\(path)\(line > 0 ? ":\(line)" : ""): expected \(expected), found \(found)"
        case .template(let text, let column, let expected, let found):
            "sentence '\(text)', column \(column): expected \(expected), found \(found)"
        case .model(let path, let expected, let found):
            "\(path): expected \(expected), found \(found)"
        case .skill(let name, let reason):
            "skill \(name): \(reason)"
        }
    }
}
