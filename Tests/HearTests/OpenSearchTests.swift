import Language
import Testing

@testable import Hear

/// A language of a few words, some of which sound alike.
private struct ToyLanguage: Vocabulary {
    static let words = ["打开", "大", "开", "空调", "车窗", "车", "窗", "床", "三", "点", "山"]
    static let sounds: [String: String] = ["床": "窗", "山": "三"]

    let trie: WordTrie
    /// The last word, −1 at the start.
    let start: Int32 = -1

    init() {
        var entries: [(units: [Int], word: Int32)] = []
        for (index, word) in Self.words.enumerated() {
            let spoken = Self.sounds[word] ?? word
            entries.append((Synthetic.units(spoken).map(Synthetic.unit), Int32(index)))
        }
        trie = WordTrie(entries: entries) { Self.alone($0) }
    }

    static func alone(_ word: Int32) -> Float { words[Int(word)].count > 1 ? -2 : -3 }

    func score(_ word: Int32, after context: Int32) -> (score: Float, context: Int32) {
        let text = Self.words[Int(word)]
        // 大床 is a thing, 车床 less so.
        if text == "床", context >= 0, Self.words[Int(context)] == "大" { return (-0.5, word) }
        return (Self.alone(word) - (text == "床" || text == "山" ? 1 : 0), word)
    }

    func endScore(after context: Int32) -> Float { 0 }

    func text(of word: Int32) -> String { Self.words[Int(word)] }

    func unknown(after context: Int32) -> Int32 { -1 }
}

@Suite struct OpenSearchTests {
    private static func words(
        _ emissions: Emissions, hotWords: [(text: String, readings: [[Int]])] = []
    ) -> [String]? {
        let language = ToyLanguage()
        let values = UnitConfusions.mild.apply(to: emissions)
        let raised = RaisedVocabulary(base: language, words: hotWords)
        var pass = WordPass(
            vocabulary: raised, trie: language.trie, overlay: hotWords.isEmpty ? nil : raised.trie,
            emissions: emissions, values: values, settings: WordSettings())
        return pass.run()?.words.map(\.text)
    }

    @Test func wordsAreFoundInOrder() {
        let emissions = Synthetic.emissions(Synthetic.units("打开空调"))
        #expect(Self.words(emissions) == ["打开", "空调"])
    }

    @Test func homophonesAreToldApartByWhatStandsBefore() {
        #expect(Self.words(Synthetic.emissions(Synthetic.units("大窗"))) == ["大", "床"])
        #expect(Self.words(Synthetic.emissions(Synthetic.units("打开车窗"))) == ["打开", "车窗"])
        #expect(Self.words(Synthetic.emissions(Synthetic.units("三点"))) == ["三", "点"])
    }

    @Test func misheardToneIsCorrectedByTheWord() {
        var units = Synthetic.units("空调")
        units[1] = "ong4"
        #expect(Self.words(Synthetic.emissions(units, certainty: 0.7)) == ["空调"])
    }

    @Test func hotWordWinsOverTheWordsItIsMadeOf() {
        let reading = Synthetic.units("三点").map(Synthetic.unit)
        let plain = Self.words(Synthetic.emissions(Synthetic.units("打开三点")))
        #expect(plain == ["打开", "三", "点"])
        let hot = Self.words(
            Synthetic.emissions(Synthetic.units("打开三点")), hotWords: [("山典", [reading])])
        #expect(hot == ["打开", "山典"])
    }

    @Test func silenceHasNoWords() {
        #expect(Self.words(Synthetic.emissions([]))?.isEmpty == true)
    }

    @Test func latinWordsStandApart() {
        #expect(OpenSearch.join(["打开", "wifi", "和", "TV"]) == "打开 wifi 和 TV")
    }

    @Test(arguments: [["zh", "r"], ["E_ZH", "E_NG", "E_ZH"], ["Y_gw", "zh"]])
    func soundsThatAreNoWordAreToldButNotWritten(_ units: [String]) throws {
        let lexicon = Sounds.models + "/lexicon"
        let search = try OpenSearch(
            directory: lexicon, frontEnd: TextFrontEnd(directory: lexicon), settings: WordSettings())
        let found = search.transcribe(Synthetic.emissions(units, certainty: 0.99), dialect: .mandarin)
        #expect(!found.text.contains { $0.isASCII && $0.isUppercase || "zrgw".contains($0) }, "\(found.text)")
        #expect(!found.units.isEmpty)
    }
}

/// Whole sentences from exact sounds, written with the lexicons and languages that ship.
@Suite struct OpenTextTests {
    private static let search = Result {
        let lexicon = Sounds.models + "/lexicon"
        return try OpenSearch(
            directory: lexicon, frontEnd: TextFrontEnd(directory: lexicon), settings: WordSettings())
    }

    private static func text(_ syllables: String, _ dialect: Dialect, certainty: Float = 0.99) throws -> String {
        let units = syllables.split(separator: " ").flatMap { syllable in
            (dialect == .cantonese ? Jyutping.units(String(syllable)) : Pinyin.units(String(syllable))) ?? []
        }
        return try search.get().transcribe(Synthetic.emissions(units, certainty: certainty), dialect: dialect).text
    }

    @Test(arguments: [
        ("da3 kai1 kong1 tiao2", "打开空调"), ("kong1 tiao2 tiao2 dao4 er4 shi2 si4 du4", "空调调到二十四度"),
        ("dao3 hang2 dao4 huo3 che1 zhan4", "导航到火车站"), ("bo1 fang4 zhou1 jie2 lun2 de5 ge1", "播放周杰伦的歌"),
        ("jin1 tian1 tian1 qi4 zen3 me5 yang4", "今天天气怎么样"),
    ])
    func mandarin(syllables: String, written: String) throws {
        #expect(try Self.text(syllables, .mandarin) == written)
    }

    @Test(arguments: [("daa2 hoi1 hung1 tiu4", "打开空调"), ("m4 goi1 daa2 hoi1 ce1 coeng1", "唔该打开车窗")])
    func cantonese(syllables: String, written: String) throws {
        #expect(try Self.text(syllables, .cantonese) == written)
    }

    @Test func aToneThatMakesNoWordIsMended() throws {
        #expect(try Self.text("da3 kai1 kong1 tiao4", .mandarin, certainty: 0.7) == "打开空调")
    }
}
