/// One way a text matches a domain.
public struct DomainMatch: Sendable {
    /// The intent of the sentence.
    public var intent: String
    /// Slot values: those said, in order, then those the domain fixes or takes from the context.
    public var slots: [(name: String, value: SlotValue)]
    /// Where in the domain the sentence stands.
    public var place: SourcePlace
    /// The sentence template as written.
    public var template: String
    /// The language section it belongs to.
    public var language: String
    /// How many literal characters matched; list values do not count.
    public var literalCount: Int
    /// How many open slots were filled.
    public var wildcardCount: Int
    /// How many characters the open slots took.
    public var wildcardLength: Int
    /// How many of these belong to names of two characters and more that the domain lists.
    public var listedLength = 0
    /// The reply's key, when the sentence names one.
    public var response: String?
    /// What the domain says about the sentence.
    public var metadata: [String: ContextValue]
    /// Texts kept for the reply only: `{list:@name}`.
    public var captures: [(name: String, text: String)]
    /// The words each slot was said with.
    public var spoken: [(name: String, text: String)]

    /// The value of a slot, the last one where there are two.
    public subscript(slot name: String) -> SlotValue? { slots.last { $0.name == name }?.value }

    /// `{"intent":…,"slots":{…}}`.
    public var json: String { "{\"intent\":\(JSONText.quote(intent)),\"slots\":\(JSONText.object(slots))}" }

    /// Whether the sentence comes from a plain hassil file.
    var isPlainHassil = false
    /// Characters in open slots, where a slot of a single character counts as five (我的天空 is a song of its own) and a name
    /// that the domain lists as one: 稳稳的幸福 is a song, not one by 稳稳.
    var wildcardCost = 0

    /// The better of two matches.
    ///
    /// Plain hassil files have hassil's order: fewer wildcards, more literal text, less text in wildcards, then the
    /// intent's name. Ting's own domains prefer what leaves the least to the wildcards, so that 播放周杰伦的稻香 has
    /// a singer and a song.
    func isBetter(than other: DomainMatch) -> Bool {
        if !isPlainHassil || !other.isPlainHassil {
            if wildcardCost != other.wildcardCost { return wildcardCost < other.wildcardCost }
            if literalCount != other.literalCount { return literalCount > other.literalCount }
            return wildcardCount < other.wildcardCount
        }
        if wildcardCount != other.wildcardCount { return wildcardCount < other.wildcardCount }
        if literalCount != other.literalCount { return literalCount > other.literalCount }
        if wildcardLength != other.wildcardLength { return wildcardLength < other.wildcardLength }
        return intent < other.intent
    }
}
