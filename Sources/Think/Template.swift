/// A parsed sentence template in hassil's syntax.
public indirect enum Template: Sendable, Hashable {
    /// Literal text with its spaces; empty text matches nothing and consumes nothing.
    case text(String)
    /// One after another.
    case sequence([Template])
    /// `(a|b)`, or `[a]` with an empty last branch.
    case alternative([Template], isOptional: Bool)
    /// `(a;b)`: every item once, in any order.
    case permutation([Template])
    /// `{list}` or `{list:slot}`.
    case list(ListReference)
    /// `<rule>`.
    case rule(String)

    /// Every list named here; rules are not followed.
    public var listReferences: [ListReference] {
        switch self {
        case .text, .rule: []
        case .list(let reference): [reference]
        case .sequence(let items), .alternative(let items, _), .permutation(let items):
            items.flatMap(\.listReferences)
        }
    }

    /// Every rule named here.
    public var ruleNames: [String] {
        switch self {
        case .text, .list: []
        case .rule(let name): [name]
        case .sequence(let items), .alternative(let items, _), .permutation(let items):
            items.flatMap(\.ruleNames)
        }
    }

    /// How many literal chunks the template has, empty ones included, as hassil counts them.
    var chunkCount: Int {
        switch self {
        case .text: 1
        case .list, .rule: 0
        case .sequence(let items), .alternative(let items, _), .permutation(let items):
            items.reduce(0) { $0 + $1.chunkCount }
        }
    }
}

/// A `{list}` in a template.
public struct ListReference: Sendable, Hashable {
    /// The list whose values may stand here.
    public var list: String
    /// The slot that receives the value.
    public var slot: String
    /// Whether the value is only for the reply: `{list:@slot}`.
    public var isCapture: Bool
    /// Whether whitespace follows, so that a wildcard ends at a word.
    public var isEndOfWord: Bool
    /// The range of an inline list such as `{1..10:level}` or `{0..100,5:level}`.
    public var inlineRange: InlineRange?

    /// The bounds of an inline range, both included.
    public struct InlineRange: Sendable, Hashable {
        /// The first number.
        public var from: Int
        /// The last number.
        public var to: Int
        /// The distance between two numbers.
        public var step: Int
    }

    /// Reads what stands between the braces.
    init(body: String, isEndOfWord: Bool) {
        self.isEndOfWord = isEndOfWord
        isCapture = false
        if let colon = body.firstIndex(of: ":") {
            list = String(body[..<colon])
            slot = String(body[body.index(after: colon)...])
            if slot.hasPrefix("@") {
                isCapture = true
                slot.removeFirst()
            }
            inlineRange = InlineRange(list)
        } else if body.hasPrefix("@") {
            list = String(body.dropFirst())
            slot = list
            isCapture = true
        } else {
            list = body
            slot = body
        }
    }
}

extension ListReference.InlineRange {
    /// Reads `1..10` or `0..100,5`, `nil` for anything else.
    init?(_ text: String) {
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
        guard parts.count <= 2, let dots = parts[0].firstRange(ofDots: ()) else { return nil }
        guard let from = Int(parts[0][..<dots.lowerBound]), let to = Int(parts[0][dots.upperBound...]), from >= 0
        else { return nil }
        guard let step = parts.count == 2 ? Int(parts[1]) : 1, step > 0 else { return nil }
        self.init(from: from, to: to, step: step)
    }
}

extension Substring {
    /// Where two dots stand side by side.
    fileprivate func firstRange(ofDots: Void) -> Range<Index>? {
        guard let first = firstIndex(of: ".") else { return nil }
        let second = index(after: first)
        guard second < endIndex, self[second] == "." else { return nil }
        return first..<index(after: second)
    }
}
