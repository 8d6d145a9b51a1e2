/// Words with what may follow them: what the open search knows of a language.
protocol Vocabulary: Sendable {
    /// What is remembered of the words before.
    associatedtype Context: Hashable, Sendable
    /// The words over units.
    var trie: WordTrie { get }
    /// The context at the start of a sentence.
    var start: Context { get }
    /// Log-probability of a word after a context, and the context after the word.
    func score(_ word: Int32, after context: Context) -> (score: Float, context: Context)
    /// Log-probability of the sentence ending after a context.
    func endScore(after context: Context) -> Float
    /// A word as written.
    func text(of word: Int32) -> String
    /// The context after a word that the language does not have.
    func unknown(after context: Context) -> Context
}

/// A vocabulary with further words of the moment: contacts, songs, rooms.
struct RaisedVocabulary<Base: Vocabulary>: Vocabulary {
    private let base: Base
    private let texts: [String]
    private let others: [(units: [Int], word: Int32)]
    let trie: WordTrie

    /// What a raised word's coming is worth, whatever stands before it: about one in thirty.
    private static var raisedScore: Float { -3.5 }
    /// Raised words are numbered downwards from here, below all words of the language.
    private static var first: Int32 { -2 }

    /// - Parameters:
    ///   - base: The language.
    ///   - words: Each raised word with the ways to say it.
    ///   - others: Further ways to say words of the language, which are not raised.
    init(
        base: Base, words: [(text: String, readings: [[Int]])], saidAlso others: [(units: [Int], word: Int32)] = []
    ) {
        self.base = base
        texts = words.map(\.text)
        self.others = others
        var entries = others
        for (index, word) in words.enumerated() {
            for reading in word.readings where !reading.isEmpty {
                entries.append((reading, Self.first - Int32(index)))
            }
        }
        trie = WordTrie(entries: entries) { word in
            word <= Self.first ? Self.raisedScore : base.score(word, after: base.start).score
        }
    }

    /// The same with other words of the moment.
    func raising(_ words: [(text: String, readings: [[Int]])]) -> Self {
        Self(base: base, words: words, saidAlso: others)
    }

    var start: Base.Context { base.start }

    func score(_ word: Int32, after context: Base.Context) -> (score: Float, context: Base.Context) {
        word <= Self.first ? (Self.raisedScore, base.unknown(after: context)) : base.score(word, after: context)
    }

    func endScore(after context: Base.Context) -> Float { base.endScore(after: context) }

    func text(of word: Int32) -> String {
        let index = Int(Self.first - word)
        return texts.indices.contains(index) ? texts[index] : base.text(of: word)
    }

    func unknown(after context: Base.Context) -> Base.Context { base.unknown(after: context) }
}
