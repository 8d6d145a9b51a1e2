/// What can go wrong when lexicons and language models are read.
public enum LanguageError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The file is not there or cannot be read.
    case unreadable(path: String)
    /// The file is no lexicon or model of the expected kind, or is cut short.
    case malformed(path: String, expected: String, found: String)

    /// One line: what was expected and what was found.
    public var description: String {
        switch self {
        case .unreadable(let path): "expected a readable file at \(path), found none; install the package ting again"
        case .malformed(let path, let expected, let found):
            "expected \(expected) in \(path), found \(found); install the package ting again"
        }
    }
}
