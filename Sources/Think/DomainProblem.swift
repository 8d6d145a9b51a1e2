/// Something wrong, or likely to go wrong, in a domain file.
public struct DomainProblem: Sendable, Hashable, CustomStringConvertible {
    /// What sort of problem it is.
    public enum Kind: String, Sendable, CaseIterable {
        /// The file is not shaped like a domain.
        case structure
        /// A sentence, rule or list value does not parse.
        case syntax
        /// A list or slot that nobody defines.
        case unknownList = "unknown-list"
        /// A rule that nobody defines, or one that contains itself.
        case unknownRule = "unknown-rule"
        /// A reply, a prompt or a frame names an intent or a slot that no sentence fills.
        case unknownName = "unknown-name"
        /// A word that no lexicon can say.
        case unpronounceable
        /// The same sentence belongs to two intents.
        case collision
        /// A sentence so short that other speech will fire it.
        case short
        /// The same intent is written twice in one section.
        case duplicate
    }

    /// What sort of problem it is.
    public var kind: Kind
    /// Where it stands.
    public var place: SourcePlace
    /// What is wrong, in one line.
    public var message: String
    /// What to do about it.
    public var suggestion: String

    /// Whether the domain cannot be used as written; otherwise it is a warning.
    public var isFatal: Bool {
        switch kind {
        case .structure, .syntax, .unknownList, .unknownRule, .duplicate: true
        case .unknownName, .unpronounceable, .collision, .short: false
        }
    }

    /// `path:line: error: message; suggestion`.
    public var description: String {
        "\(place): \(isFatal ? "error" : "warning"): \(message) [\(kind.rawValue)]; \(suggestion)"
    }
}
