import Tensors

/// What can go wrong while hearing; one line each, saying what was expected and what was found.
public enum HearError: Error, Equatable, CustomStringConvertible {
    /// A weight file could not be opened or does not have the expected tensors.
    case badModel(part: String, reason: String)
    /// A parameter lies outside what the model or the state machine can work with.
    case badParameter(name: String, expected: String, found: String)
    /// A stream got samples after it had been finished.
    case streamFinished
    /// A sentence grammar that cannot be searched.
    case badGrammar(reason: String)

    /// One line: what was expected and what was found.
    public var description: String {
        switch self {
        case .badModel(let part, let reason): "model \(part): \(reason)"
        case .badParameter(let name, let expected, let found): "\(name): expected \(expected), found \(found)"
        case .streamFinished: "stream: expected no samples after finish(), found some"
        case .badGrammar(let reason): "grammar: \(reason)"
        }
    }
}
