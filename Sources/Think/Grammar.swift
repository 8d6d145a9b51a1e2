/// A compiled grammar of one language: shared nodes, lists, templates and an index of the templates.
final class Grammar: Sendable {
    /// A node of the shared expression graph; integers are indices into `nodes`.
    enum Node: Sendable {
        case empty
        case text(Chunk)
        case sequence([Int])
        case alternative([Int])
        case permutation([Int])
        case list(ListUse)
    }

    /// Literal text, folded.
    struct Chunk: Sendable {
        var scalars: [UInt32]
        /// Spaces before the first other scalar.
        var lead: Int
        /// Scalars without the spaces at both ends.
        var strippedCount: Int
        /// Whether a new word starts after it.
        var endsWord: Bool
        /// As written, for the spoken search.
        var written: String
    }

    /// `{list:slot}` in a template.
    struct ListUse: Sendable {
        var list: Int
        var slot: String
        var isCapture: Bool
        var isEndOfWord: Bool
    }

    struct List: Sendable {
        enum Kind: Sendable {
            case values(Values)
            case range(RangeSource)
            case wildcard
            case builtin(BuiltinKind, node: Int)
        }

        var name: String
        var kind: Kind
        var unit: String?
        var place: SourcePlace
        /// For a wildcard, the names that it is likely to hold.
        var names: Set<String> = []
    }

    /// The values of a list, indexed by the first scalar they can start with.
    struct Values: Sendable {
        var items: [Value]
        var byFirst: [UInt32: [Int]]
        /// Values whose first scalar is not known.
        var open: [Int]

        /// The values that may start with a scalar, in written order.
        func candidates(startingWith scalar: UInt32) -> [Int] {
            let indexed = byFirst[scalar] ?? []
            if open.isEmpty { return indexed }
            if indexed.isEmpty { return open }
            return (indexed + open).sorted()
        }
    }

    struct Value: Sendable {
        var node: Int
        var output: ContextValue?
        var text: String
        var context: [String: ContextValue]
    }

    /// One sentence.
    struct Sentence: Sendable {
        var text: String
        var place: SourcePlace
        var block: Int
        var root: Int
        /// The first item is a wildcard and more follows.
        var startsOpen: Bool
        /// The last item is a wildcard and more comes before.
        var endsOpen: Bool
        /// The sentence is one wildcard.
        var isOpen: Bool
    }

    /// What the sentences of a block share.
    struct Block: Sendable {
        var intent: String
        var slots: [(name: String, value: ContextValue)]
        var context: ContextRule
        var response: String?
        var metadata: [String: ContextValue]
        var requiredKeywords: Set<String>
    }

    let language: String
    let ignoresWhitespace: Bool
    let isPlainHassil: Bool
    let nodes: [Node]
    let lists: [List]
    let listIndex: [String: Int]
    let blocks: [Block]
    let sentences: [Sentence]
    let skipWords: [[UInt32]]
    let particles: [[UInt32]]
    let index: SentenceIndex

    init(
        source: GrammarSource, nodes: [Node], lists: [List], listIndex: [String: Int], blocks: [Block],
        sentences: [Sentence], index: SentenceIndex
    ) {
        language = source.language
        ignoresWhitespace = source.ignoresWhitespace
        isPlainHassil = source.isPlainHassil
        self.nodes = nodes
        self.lists = lists
        self.listIndex = listIndex
        self.blocks = blocks
        self.sentences = sentences
        self.index = index
        skipWords = Self.foldedWords(source.skipWords, source)
        particles = Self.foldedWords(source.particles, source)
    }

    /// Folded and without duplicates, the longest first.
    private static func foldedWords(_ texts: [String], _ source: GrammarSource) -> [[UInt32]] {
        var words = Set<[UInt32]>()
        for text in texts {
            let folded = MatchText(text, ignoresWhitespace: source.ignoresWhitespace).folded
            if !folded.isEmpty { words.insert(folded) }
        }
        return words.sorted { $0.count != $1.count ? $0.count > $1.count : $0.lexicographicallyPrecedes($1) }
    }
}
