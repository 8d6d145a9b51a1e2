import Hear

/// What the words so far say about a pause: whether the speaker is done.
public struct EndpointHints: Sendable {
    private let grammar: GrammarSearch?
    private let open: OpenSearch

    /// Hints from a domain's spoken grammar, and from open text where that knows nothing.
    public init(grammar: GrammarSearch?, open: OpenSearch) {
        self.grammar = grammar
        self.open = open
    }

    /// The hint for what was heard of an utterance.
    public func hint(_ emissions: Emissions) -> Endpointer.Hint {
        let hint = grammar?.hint(emissions) ?? .unknown
        guard hint == .unknown else { return hint }
        return Self.isUnfinished(open.transcribe(emissions).text) ? .incomplete : .unknown
    }

    /// Words that no sentence ends with: conjunctions, prepositions, and what people say while they think.
    private static let openings = [
        "然后", "还有", "因为", "所以", "如果", "或者", "但是", "而且", "并且", "就是", "那个", "这个", "帮我", "给我", "我要", "我想", "请", "把", "将",
        "和", "跟", "到", "在", "第", "同埋", "跟住", "將", "幫我", " and", " then", " or", " the", " to", " please", " um", " uh",
    ]

    /// Whether a text plainly goes on.
    static func isUnfinished(_ text: String) -> Bool {
        let text = text.lowercased()
        return openings.contains { text.hasSuffix($0) }
    }
}
