import Language
import Testing

@testable import Hear

/// Words of Mandarin found in the sounds of Chengdu.
@Suite struct SichuaneseTests {
    private static let lexicon = Sounds.models + "/lexicon"

    private static func heard(_ syllables: String) throws -> String {
        let frontEnd = try TextFrontEnd(directory: lexicon)
        let search = try OpenSearch(directory: lexicon, frontEnd: frontEnd, settings: WordSettings())
        let units = syllables.split(separator: " ").flatMap { Pinyin.units(String($0)) ?? [] }
        return search.transcribe(Synthetic.emissions(units, certainty: 0.99), dialect: .sichuanese).text
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
        #expect(try Self.heard(sound) == text)
    }
}
