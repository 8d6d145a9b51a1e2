/// What a domain declares about an intent, in all languages: how the dialogue treats its frames.
public struct FrameRule: Sendable, Hashable {
    /// Slots without which the frame cannot be acted on, in the order they are asked for.
    public var needs: [String] = []
    /// What the frame is about; later references («再高一点», «关掉它») go to the newest frame with a topic.
    public var topic: String?
    /// Whether a yes is asked for first.
    public var needsConfirmation = false
    /// The intent that switches the thing on.
    public var on: String?
    /// The intent that switches the thing off.
    public var off: String?
    /// The intent that takes the frame back.
    public var undo: String?
    /// The intent for a bit more.
    public var more: String?
    /// The intent for a bit less.
    public var less: String?
    /// The slot with a number that «再高一点» moves, with its step and bounds.
    public var adjust: Adjustment?
    /// Who answers the frame: a program, or a Wyoming service; see `SkillRoute`.
    public var skill: String?
    /// Whether the frame belongs to the dialogue itself (yes, no, cancel …) and is never acted on.
    public var isDialogue = false

    /// How a number is moved.
    public struct Adjustment: Sendable, Hashable {
        /// The slot that holds the number.
        public var slot: String
        /// How far one step goes.
        public var step: Double
        /// The least and the greatest number.
        public var bounds: ClosedRange<Double>
    }

    /// A rule that asks for nothing.
    public init() {}

    mutating func read(_ tree: YAMLTree, intent: String, reader: inout GrammarReader) {
        for entry in tree.entries ?? [] {
            let value = entry.value
            switch entry.key {
            case "needs": needs = value.elements?.compactMap(\.text) ?? value.text.map { [$0] } ?? []
            case "topic": topic = value.text
            case "confirm": needsConfirmation = value.bool ?? false
            case "on": on = value.text
            case "off": off = value.text
            case "undo": undo = value.text
            case "more": more = value.text
            case "less": less = value.text
            case "skill":
                skill = value.text
                if SkillRoute(value.text ?? "") == nil {
                    reader.report(
                        entry.line, "the skill of frame '\(intent)' is '\(value.text ?? "")'",
                        "write the absolute path of a program, wyoming://HOST:PORT or unix:/PATH")
                }
            case "dialogue": isDialogue = value.bool ?? false
            case "adjust": adjust = readAdjustment(value, intent: intent, reader: &reader)
            default:
                let known = [
                    "needs", "topic", "confirm", "on", "off", "undo", "more", "less", "skill", "dialogue", "adjust",
                ]
                reader.report(
                    entry.line, "frame '\(intent)' has the unknown setting '\(entry.key)'",
                    NearestName.suggestion(for: entry.key, among: known)
                        ?? "use one of \(known.joined(separator: ", "))")
            }
        }
    }

    private func readAdjustment(
        _ tree: YAMLTree, intent: String, reader: inout GrammarReader
    ) -> Adjustment? {
        guard let slot = tree["slot"]?.text else {
            reader.report(
                tree.line, "'adjust' of frame '\(intent)' names no slot", "write 'adjust: {slot: …, step: 1}'")
            return nil
        }
        let least = tree["from"]?.number ?? 0
        let greatest = max(least, tree["to"]?.number ?? 100)
        return Adjustment(slot: slot, step: tree["step"]?.number ?? 1, bounds: least...greatest)
    }
}
