import Tensors

/// What can go wrong when Ting speaks; each is one line that says what was expected and what was found.
public enum SpeakError: Error, Sendable, Equatable, CustomStringConvertible {
    /// A model file could not be used.
    case model(TensorError)
    /// A model file's metadata is not what Speak needs.
    case metadata(path: String, key: String, expected: String, found: String)
    /// The text is longer than can be meant; both in bytes of UTF-8.
    case textTooLong(bytes: Int, limit: Int)
    /// The text holds nothing that can be pronounced in the voice's language.
    case nothingToSay(text: String)
    /// There is no voice of that name.
    case unknownVoice(name: String, known: [String])
    /// A control is outside of its range.
    case control(name: String, value: Double, range: ClosedRange<Double>)
    /// No voice can be made of a recording.
    case unfit(recording: String, problem: String)
    /// A file could not be written.
    case unwritable(path: String, reason: String)

    /// The error as one line.
    public var description: String {
        switch self {
        case .model(let error): return error.description
        case .metadata(let path, let key, let expected, let found):
            return "\(path): metadata \"\(key)\": expected \(expected), found \(found)"
        case .textTooLong(let bytes, let limit):
            return "expected at most \(limit) bytes of text, found \(bytes)"
        case .nothingToSay(let text):
            let shown = text.isEmpty ? "nothing" : "\"\(text.prefix(24))\(text.count > 24 ? "…" : "")\""
            return "expected text with words that can be spoken, found \(shown)"
        case .unknownVoice(let name, let known):
            return "expected one of the voices \(known.joined(separator: ", ")), found \"\(name)\""
        case .control(let name, let value, let range):
            return "\(name): expected \(range.lowerBound) to \(range.upperBound), found \(value)"
        case .unfit(let recording, let problem):
            return "\(recording): \(problem)"
        case .unwritable(let path, let reason):
            return "\(path): could not be written: \(reason)"
        }
    }
}
