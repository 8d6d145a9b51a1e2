/// What one utterance meant.
public struct Understanding: Sendable {
    /// What was heard or typed.
    public var text: String
    /// The intent, `nil` when nothing was meant for the device.
    public var intent: String?
    /// Slot values in the order they were said.
    public var slots: [(name: String, value: SlotValue)]
    /// 0…1, how sure the intent and the slots are.
    public var confidence: Double
    /// 0…1, how likely the speech was meant for the device.
    public var directed: Double
    /// `neutral`, `happy`, `sad` or `angry`.
    public var emotion: String
    /// `command`, `answer`, `correction`, `confirmation`, `cancel`, `question` or `chat`.
    public var act: String
    /// What the directed score of a spoken command was made from.
    public var evidence: DirectedEvidence?
    /// A slot for which several listed names sound exactly as was said: the device asks which one.
    public var choice: (slot: String, options: [SlotValue])?

    /// Makes an understanding; what is not known has the neutral value.
    public init(
        text: String, intent: String? = nil, slots: [(name: String, value: SlotValue)] = [], confidence: Double = 1,
        directed: Double = 1, emotion: String = "neutral", act: String = "command"
    ) {
        self.text = text
        self.intent = intent
        self.slots = slots
        self.confidence = confidence
        self.directed = directed
        self.emotion = emotion
        self.act = act
    }

    /// The value of a slot, the last one where it was said twice.
    public subscript(slot name: String) -> SlotValue? { slots.last { $0.name == name }?.value }
}
