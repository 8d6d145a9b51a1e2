import Language
import Testing

@testable import Hear

/// Words of Mandarin found in the sounds of Chengdu.
@Suite struct SichuaneseTests {
    private static let lexicon = Sounds.models + "/lexicon"

    private static func heard(
        _ syllables: String, dialect: Dialect? = .sichuanese, hotWords: [String] = []
    ) throws -> Transcript {
        let frontEnd = try TextFrontEnd(directory: lexicon)
        let search = try OpenSearch(directory: lexicon, frontEnd: frontEnd, settings: WordSettings())
        let units = syllables.split(separator: " ").flatMap { Pinyin.units(String($0)) ?? [] }
        return search.transcribe(Synthetic.emissions(units, certainty: 0.99), dialect: dialect, hotWords: hotWords)
    }

    /// What the tones of Chengdu sound like, spelled as Mandarin.
    @Test(arguments: [
        ("da4 kai1 kong1 tiao3", "打开空调"),  // tones alone
        ("bang1 o4 da4 dian2 hua2", "帮我打电话"),  // 我 as o
        ("dao2 lan3 jin1 qie2", "到南京去"),  // n as l, ing as in, 去 as qie
        ("fu3 lan3", "湖南"),  // hu as fu
        ("tin1 guo1", "听歌"),  // ge as guo
    ])
    func wordsAreFoundBySoundsOfChengdu(_ sound: String, _ text: String) throws {
        #expect(try Self.heard(sound).text == text)
    }

    @Test func hotWordsAreHeardInChengduToo() throws {
        #expect(try Self.heard("da4 kai1 lan3 cen3").text != "打开蓝橙")
        #expect(try Self.heard("da4 kai1 lan3 cen3", hotWords: ["蓝橙"]).text == "打开蓝橙")
    }

    @Test func wordsTellSichuaneseFromMandarin() throws {
        let sentence = "qin4 bang1 o4 ba4 kong1 tiao3 da4 kai1 yi3 ha2"
        #expect(try Self.heard(sentence, dialect: nil).dialect == .sichuanese)
        let mandarin = "qing3 bang1 wo3 ba3 kong1 tiao2 da3 kai1 yi1 xia4"
        #expect(try Self.heard(mandarin, dialect: nil).dialect == .mandarin)
    }
}
