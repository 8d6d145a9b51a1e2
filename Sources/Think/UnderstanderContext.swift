/// What the network remembers of one session: the last turns and what is going on.
///
/// A value: the session owns it, and forgetting is making a new one.
public struct UnderstanderContext: Sendable {
    struct Turn: Sendable {
        var text: String
        var intent: String?
        var hasSlots: Bool
    }

    private(set) var turns: [Turn] = []
    /// The last intent that meant something, if one did.
    private(set) var activeIntent: String?

    /// A session that begins.
    public init() {}

    /// Whether nothing was said yet.
    public var isEmpty: Bool { turns.isEmpty }

    /// Remembers a turn.
    public mutating func record(_ understanding: Understanding) {
        turns.append(
            Turn(text: understanding.text, intent: understanding.intent, hasSlots: !understanding.slots.isEmpty))
        if turns.count > NetworkShape.segments - 1 { turns.removeFirst() }
        if let intent = understanding.intent { activeIntent = intent }
    }
}
