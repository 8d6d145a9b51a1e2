/// What can go wrong between the rooms.
public enum ConverseError: Error, Equatable, CustomStringConvertible {
    /// A mind without ears was asked to listen.
    case noEars

    /// One line for a person.
    public var description: String {
        switch self {
        case .noEars: "audio came, but no ears were loaded: expected a HearRoom for this ThinkRoom"
        }
    }
}
