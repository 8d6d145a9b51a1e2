import Testing

@testable import Language

@Suite struct LanguageModelTests {
    static let decoder = Result { () throws(LanguageError) in try PinyinToHan(directory: Fixture.directory) }

    @Test func probabilitiesSumToOneAfterAnyContext() throws {
        let model = try Self.decoder.get().model
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
        let model = try Self.decoder.get().model
        for word in ["打开", "空调", "重庆", "一", "你"] {
            let number = try #require(model.number(of: word))
            #expect(model.word(number) == word)
        }
        #expect(model.number(of: "") == nil)
        #expect(model.number(of: "abc") == nil)
        #expect(model.word(0) == "")
    }

    @Test func whatFollowsIsLikelierThanWhatDoesNot() throws {
        let model = try Self.decoder.get().model
        #expect(model.logProbability(of: "空调", context: ["打开"]) > model.logProbability(of: "重庆", context: ["打开"]))
    }

    @Test func trieLeadsToWords() throws {
        let decoder = try Self.decoder.get()
        var node: Int? = LexiconTrie.root
        for unit in ["k", "ong1", "t", "iao2"].compactMap({ PhoneInventory.index(of: $0) }) {
            node = node.flatMap { decoder.trie.child(of: $0, unit: unit) }
        }
        let words = decoder.trie.words(at: try #require(node)).map { decoder.model.word($0) }
        #expect(words.contains("空调"))
        #expect(decoder.trie.child(of: LexiconTrie.root, unit: 0) == nil)
    }

    @Test(arguments: [
        ("da3 kai1 kong1 tiao2", "打开空调"), ("kong1 tiao2 tiao2 dao4 er4 shi2 si4 du4", "空调调到二十四度"),
        ("dao3 hang2 dao4 huo3 che1 zhan4", "导航到火车站"), ("bo1 fang4 zhou1 jie2 lun2 de5 ge1", "播放周杰伦的歌"),
        ("jin1 tian1 tian1 qi4 zen3 me5 yang4", "今天天气怎么样"),
    ])
    func syllablesBecomeTheExpectedText(syllables: String, text: String) throws {
        let decoder = try Self.decoder.get()
        #expect(decoder.decode(syllables.split(separator: " ").map(String.init)).first?.text == text)
    }

    @Test func slipsOfTheEarAreMended() throws {
        let decoder = try Self.decoder.get()
        let heard = ["da3", "kai1", "kong1", "tiao4"]
        #expect(decoder.decode(heard, confusions: true).first?.text == "打开空调")
    }

    @Test func hotWordsAndLatinWordsTakePart() throws {
        let decoder = try Self.decoder.get()
        let syllables = ["bo1", "fang4", "xi1", "lan2", "ting2"]
        let units = syllables.suffix(3).map { Pinyin.units($0)?.compactMap { PhoneInventory.index(of: $0) } ?? [] }
        let hot = PinyinToHan.HotWord(text: "希蓝亭", syllables: units)
        #expect(decoder.decode(syllables, hotWords: [hot]).first?.text == "播放希蓝亭")
        #expect(decoder.decode(["da3", "kai1", "wifi"]).first?.text == "打开wifi")
        #expect(decoder.decode([]).first?.text == "")
    }

    @Test func jyutpingBecomesCantoneseText() throws {
        let decoder = try PinyinToHan(directory: Fixture.directory, dialect: .cantonese)
        func text(_ jyutping: String, confusions: Bool = false) -> String? {
            decoder.decode(
                jyutping.split(separator: " ").map(String.init), confusions: confusions, dialect: .cantonese
            ).first?.text
        }
        #expect(text("daa2 hoi1 hung1 tiu4") == "打开空调")
        #expect(text("m4 goi1 daa2 hoi1 ce1 coeng1") == "唔该打开车窗")
        #expect(text("daa2 hoi1 hung1 tiu3", confusions: true) == "打开空调")
    }

    @Test func brokenFilesAreOneClearError() {
        #expect(throws: LanguageError.self) { try LanguageModel(path: Fixture.directory + "/neutral.txt") }
        #expect(throws: LanguageError.self) { try LexiconTrie(path: Fixture.directory + "/mandarin.lex") }
        #expect(throws: LanguageError.self) { try Lexicon(path: "/nowhere") }
        #expect(throws: LanguageError.self) { try EnglishLexicon(path: Fixture.directory + "/mandarin.trie") }
    }
}
