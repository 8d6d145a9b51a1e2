import Testing

@testable import Language

@Suite struct CheckedReadingsTests {
    func check(_ table: String, surface: Bool) throws {
        let frontEnd = try Fixture.frontEnd.get()
        for (text, pinyin) in Checked.cases(table) {
            let spoken = frontEnd.pronounce(text, dialect: .mandarin, surface: surface).flatMap(\.syllables)
            #expect(spoken.joined(separator: " ") == pinyin, "\(text)")
        }
    }

    @Test func thereAreThreeHundredCases() {
        #expect(Checked.cases(Checked.readingsA + "\n" + Checked.readingsB).count >= 300)
        #expect(Checked.cases(Checked.surface).count >= 80)
    }

    @Test func polyphonesAreReadByContext() throws {
        try check(Checked.readingsA, surface: false)
        try check(Checked.readingsB, surface: false)
    }

    @Test func tonesOfSpeechAreRight() throws { try check(Checked.surface, surface: true) }

    private func chengdu(_ text: String) throws -> String {
        try Fixture.frontEnd.get().pronounce(text, dialect: .sichuanese).flatMap(\.syllables).joined(separator: " ")
    }

    @Test func sichuaneseKeepsItsEnteringTone() throws {
        #expect(try chengdu("打开空调") == "da4 kai1 kong1 tiao3")
        #expect(try chengdu("八百") == "ba3 be3")
        #expect(try chengdu("我学") == "o4 xio3")
        #expect(try Fixture.frontEnd.get().units(of: "八", dialect: .sichuanese).count >= 2)
    }

    @Test func sichuaneseKeepsTheRegularReadingOfACharacterThatHasBoth() throws {
        #expect(try chengdu("二十四度") == "er2 si3 si2 du2")
        #expect(try chengdu("一万") == "yi3 wan2")
    }

    @Test func chengduTellsOnlyReadingsThatNoRuleGives() throws {
        let frontEnd = try Fixture.frontEnd.get()
        let (go, sky) = (try #require("去".utf16.first), try #require("空".utf16.first))
        #expect(frontEnd.irregularInChengdu.contains(go) && !frontEnd.irregularInChengdu.contains(sky))
        #expect(frontEnd.chengdu(go, mandarin: "qu4") == "qie4")
        #expect(frontEnd.chengdu(go, mandarin: "qu5") == nil)
        #expect(frontEnd.chengdu(sky, mandarin: "kong1") == nil)
    }

    @Test func cantoneseIsReadInJyutping() throws {
        let frontEnd = try Fixture.frontEnd.get()
        func jyutping(_ text: String) -> String {
            frontEnd.pronounce(text, dialect: .cantonese).flatMap(\.syllables).joined(separator: " ")
        }
        #expect(jyutping("打开空调") == "daa2 hoi1 hung1 tiu4")
        #expect(jyutping("打開冷氣") == "daa2 hoi1 laang5 hei3")
        #expect(jyutping("唔该帮我调细个风量") == "m4 goi1 bong1 ngo5 tiu4 sai3 go3 fung1 loeng6")
        #expect(jyutping("今日天气点样") == "gam1 jat6 tin1 hei3 dim2 joeng2")
    }
}
