/// An intent with its slots: what to act on.
public struct Frame: Sendable {
    /// The intent.
    public var intent: String
    /// The slots in the order they were said.
    public var slots: [(name: String, value: SlotValue)]

    /// A frame.
    public init(intent: String, slots: [(name: String, value: SlotValue)] = []) {
        self.intent = intent
        self.slots = slots
    }

    /// The value of a slot; setting replaces or adds it, `nil` removes it.
    public subscript(slot name: String) -> SlotValue? {
        get { slots.last { $0.name == name }?.value }
        set {
            guard let newValue else {
                slots.removeAll { $0.name == name }
                return
            }
            if let place = slots.lastIndex(where: { $0.name == name }) {
                slots[place].value = newValue
            } else {
                slots.append((name, newValue))
            }
        }
    }

    /// `{"intent":…,"slots":{…}}`.
    public var json: String { "{\"intent\":\(JSONText.quote(intent)),\"slots\":\(JSONText.object(slots))}" }
}

/// What one utterance led to.
public struct Turn: Sendable {
    /// What kind of turn it was.
    public enum Kind: String, Sendable {
        /// Nothing was meant for the device: no action, no answer.
        case silent
        /// There is something to act on.
        case act
        /// The device asks something and waits.
        case ask
        /// The device only answers.
        case answer
        /// It was meant for the device, but not understood.
        case unclear
    }

    /// What kind of turn it was.
    public var kind: Kind
    /// What to act on now, in order.
    public var frames: [Frame]
    /// What to say, empty for silence.
    public var reply: String
    /// How to say it: `neutral`, `question`, `exclaim`, `happy`, `sad`, `angry`.
    public var style: String
    /// The slot the device asked for, with the intent that needs it.
    public var asksFor: (intent: String, slot: String)?

    /// A turn.
    public init(
        kind: Kind, frames: [Frame] = [], reply: String = "", style: String = "neutral",
        asksFor: (intent: String, slot: String)? = nil
    ) {
        self.kind = kind
        self.frames = frames
        self.reply = reply
        self.style = style
        self.asksFor = asksFor
    }
}
