import Language

/// Words of a language for which there is a word list but no model of what follows what.
struct UnigramVocabulary: Vocabulary {
    let trie: WordTrie
    private let texts: [String]
    private let scores: [Float]

    /// Words with what each is worth on its own; those that cannot be said are left out.
    init(_ words: [(text: String, units: [String], score: Float)]) {
        var entries: [(units: [Int], word: Int32)] = []
        for (index, word) in words.enumerated() {
            let units = word.units.compactMap(PhoneInventory.index(of:))
            if !units.isEmpty, units.count == word.units.count { entries.append((units, Int32(index))) }
        }
        texts = words.map(\.text)
        let scores = words.map(\.score)
        self.scores = scores
        trie = WordTrie(entries: entries) { scores[Int($0)] }
    }

    /// The words of the Cantonese lexicon in jyutping.
    static func cantonese(_ lexicon: Lexicon) -> UnigramVocabulary {
        var words: [(text: String, units: [String], score: Float)] = []
        lexicon.forEachWord { text, entry in
            let units = entry.syllables.flatMap { Jyutping.units($0) ?? [] }
            words.append((text, units, Float(-entry.cost)))
        }
        return UnigramVocabulary(words)
    }

    /// The words of the English dictionary, all alike: it does not say how common they are, but short ones need more
    /// than their sound.
    static func english(_ lexicon: EnglishLexicon) -> UnigramVocabulary {
        var words: [(text: String, units: [String], score: Float)] = []
        lexicon.forEachReading { text, units in words.append((text, units, units.count < 3 ? -10 : -8)) }
        return UnigramVocabulary(words)
    }

    /// Nothing is remembered.
    var start: Int8 { 0 }

    func score(_ word: Int32, after context: Int8) -> (score: Float, context: Int8) { (scores[Int(word)], 0) }

    func endScore(after context: Int8) -> Float { 0 }

    func text(of word: Int32) -> String { texts[Int(word)] }

    func unknown(after context: Int8) -> Int8 { 0 }
}
