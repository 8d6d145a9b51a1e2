import Language

/// A language's words and trigrams, from its `.trie` and `.ngram`.
struct TrigramVocabulary: Vocabulary {
    let trie: WordTrie
    private let model: LanguageModel
    private let lexicon: LexiconTrie

    /// - Parameter name: `mandarin` or `cantonese`.
    init(directory: String, name: String) throws(HearError) {
        do {
            let model = try LanguageModel(path: directory + "/\(name).ngram")
            self.model = model
            let lexicon = try LexiconTrie(path: directory + "/\(name).trie")
            self.lexicon = lexicon
            trie = WordTrie(lexicon) { Float(model.logProbability(of: Int($0))) }
        } catch {
            throw .badModel(part: "language", reason: "\(error)")
        }
    }

    /// The words that Chengdu says otherwise than its regular sounds tell.
    func sichuaneseWords(_ frontEnd: TextFrontEnd) -> [(units: [Int], word: Int32)] {
        SichuaneseWords.entries(trie: lexicon, model: model, frontEnd: frontEnd)
    }

    var start: LanguageModel.State { model.start }

    func score(_ word: Int32, after context: LanguageModel.State) -> (score: Float, context: LanguageModel.State) {
        let scored = model.score(Int(word), after: context)
        return (Float(scored.logProbability), scored.state)
    }

    func endScore(after context: LanguageModel.State) -> Float { Float(model.end(after: context)) }

    func text(of word: Int32) -> String { model.word(Int(word)) }

    func unknown(after context: LanguageModel.State) -> LanguageModel.State {
        model.score(LanguageModel.unknown, after: context).state
    }
}

extension WordTrie {
    /// A copy of a mapped tree in arrays.
    init(_ tree: LexiconTrie, score: (Int32) -> Float) {
        var units: [UInt16] = []
        var firstChild: [Int32] = []
        var firstWord: [Int32] = []
        var words: [Int32] = []
        for node in 0..<tree.nodeCount {
            units.append(node == LexiconTrie.root ? 0 : UInt16(truncatingIfNeeded: tree.unit(of: node)))
            firstChild.append(Int32(tree.children(of: node).lowerBound))
            firstWord.append(Int32(words.count))
            words += tree.words(at: node).map { Int32($0) }
        }
        firstChild.append(Int32(tree.nodeCount))
        firstWord.append(Int32(words.count))
        self.init(units: units, firstChild: firstChild, firstWord: firstWord, words: words, score: score)
    }
}
