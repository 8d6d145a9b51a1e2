import Testing

@testable import Language

@Suite struct LanguageModelTests {
    static let loaded = Result { () throws(LanguageError) in
        try LanguageModel(path: Fixture.directory + "/mandarin.ngram")
    }

    @Test func probabilitiesSumToOneAfterAnyContext() throws {
        let model = try Self.loaded.get()
        for context in [[], ["打开"], ["播放", "一", "首"], ["没有这样的词"]] as [[String]] {
            var state = model.start
            for word in context { state = model.score(model.number(of: word) ?? 0, after: state).state }
            var sum = 0.0
            for number in 0..<model.wordCount { sum += exponential(model.score(number, after: state).logProbability) }
            #expect((0.85...1.15).contains(sum), "\(context): \(sum)")
        }
    }

    private func exponential(_ value: Double) -> Double {
        var term = 1.0
        var sum = 1.0
        let small = value / 1024
        for index in 1...12 {
            term *= small / Double(index)
            sum += term
        }
        return (0..<10).reduce(sum) { power, _ in power * power }
    }

    @Test func wordsAndNumbersAgree() throws {
        let model = try Self.loaded.get()
        for word in ["打开", "空调", "重庆", "一", "你"] {
            let number = try #require(model.number(of: word))
            #expect(model.word(number) == word)
        }
        #expect(model.number(of: "") == nil)
        #expect(model.number(of: "abc") == nil)
        #expect(model.word(0) == "")
    }

    @Test func whatFollowsIsLikelierThanWhatDoesNot() throws {
        let model = try Self.loaded.get()
        #expect(model.logProbability(of: "空调", context: ["打开"]) > model.logProbability(of: "重庆", context: ["打开"]))
    }

    @Test func trieLeadsToWords() throws {
        let model = try Self.loaded.get()
        let trie = try LexiconTrie(path: Fixture.directory + "/mandarin.trie")
        var node: Int? = LexiconTrie.root
        for unit in ["k", "ong1", "t", "iao2"].compactMap({ PhoneInventory.index(of: $0) }) {
            node = node.flatMap { trie.children(of: $0).first { trie.unit(of: $0) == unit } }
        }
        let words = trie.words(at: try #require(node)).map { model.word($0) }
        #expect(words.contains("空调"))
        #expect(!trie.children(of: LexiconTrie.root).contains { trie.unit(of: $0) == 0 })
    }

    @Test func brokenFilesAreOneClearError() {
        #expect(throws: LanguageError.self) { try LanguageModel(path: Fixture.directory + "/neutral.txt") }
        #expect(throws: LanguageError.self) { try LexiconTrie(path: Fixture.directory + "/mandarin.lex") }
        #expect(throws: LanguageError.self) { try Lexicon(path: "/nowhere") }
        #expect(throws: LanguageError.self) { try EnglishLexicon(path: Fixture.directory + "/mandarin.trie") }
    }
}
