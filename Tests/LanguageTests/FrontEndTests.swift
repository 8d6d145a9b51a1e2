import Testing

@testable import Language

@Suite struct FrontEndTests {
    func pinyin(_ text: String, _ dialect: Dialect = .mandarin, surface: Bool = false) throws -> String {
        try Fixture.frontEnd.get().pronounce(text, dialect: dialect, surface: surface).flatMap(\.syllables)
            .joined(separator: " ")
    }

    @Test func lexicalTonesStayWithoutSandhi() throws {
        #expect(try pinyin("打开空调") == "da3 kai1 kong1 tiao2")
        #expect(try pinyin("空调调到24度") == "kong1 tiao2 tiao2 dao4 er4 shi2 si4 du4")
        #expect(try pinyin("一点儿也不好玩儿") == "yi1 dianr3 ye3 bu4 hao3 wanr2")
    }

    @Test func surfaceTonesFollowSpeech() throws {
        #expect(try pinyin("你好", surface: true) == "ni2 hao3")
        #expect(try pinyin("一点儿也不好玩儿", surface: true) == "yi4 dianr2 ye3 bu4 hao3 wanr2")
        #expect(try pinyin("不是一个", surface: true) == "bu2 shi4 yi2 ge4")
        #expect(try pinyin("第一，一月一号", surface: true) == "di4 yi1 yi1 yue4 yi1 hao4")
    }

    @Test func pausesAndEnglishAreKept() throws {
        let tokens = try Fixture.frontEnd.get().pronounce("打开WiFi，好吗？", dialect: .mandarin)
        #expect(tokens.map(\.text) == ["打开", "WiFi", "好", "吗"])
        #expect(tokens.map(\.pause) == [.none, .minor, .none, .question])
        #expect(tokens[1].units == ["E_W", "E_AY", "E_F", "E_AY"])
    }

    @Test func spokenEnglishBearsStress() throws {
        func units(_ text: String) throws -> String {
            try Fixture.frontEnd.get().pronounce(text, dialect: .mandarin, surface: true).flatMap(\.units)
                .map { String($0.dropFirst(2)) }.joined(separator: " ")
        }
        #expect(try units("hello") == "HH AH L OW1")
        #expect(try units("a song") == "AH S AO1 NG")
        #expect(try units("A") == "EY1")
        #expect(try units("USB") == "Y UW2 EH2 S B IY1")
        #expect(try units("KTV") == "K EY2 T IY2 V IY1")
        #expect(try units("blorpy") == "B L AO1 R P IY")
    }

    @Test func everyUnitIsInTheInventory() throws {
        let text = "今天是2024年3月5日，气温-3.5℃，OK！女儿玩儿得很开心。嗯，哦，欸。"
        for dialect in Dialect.allCases {
            let tokens = try Fixture.frontEnd.get().pronounce(text, dialect: dialect, surface: true)
            #expect(!tokens.isEmpty)
            for unit in tokens.flatMap(\.units) {
                let plain = unit.hasPrefix("E_") && unit.last!.isNumber ? String(unit.dropLast()) : unit
                #expect(PhoneInventory.index(of: plain) != nil, "\(unit)")
            }
        }
    }

    @Test func readingsForRecognitionIncludeTheCitation() throws {
        let frontEnd = try Fixture.frontEnd.get()
        #expect(frontEnd.units(of: "空调", dialect: .mandarin).first == ["k", "ong1", "t", "iao2"])
        #expect(frontEnd.units(of: "朋友", dialect: .mandarin).contains(["p", "eng2", "iou5"]))
        #expect(frontEnd.units(of: "朋友", dialect: .mandarin).contains(["p", "eng2", "iou3"]))
        #expect(frontEnd.units(of: "你好", dialect: .mandarin, surface: true).contains(["n", "i2", "h", "ao3"]))
        #expect(frontEnd.units(of: "🎉", dialect: .mandarin).isEmpty)
    }

    @Test func nothingBreaksOnStrangeText() throws {
        let frontEnd = try Fixture.frontEnd.get()
        let strange = [
            "", "  ", "。。。", "😀👍🏽", "\u{0}\u{1}", "กขค", "𠮷野家", "ＡＢＣ１２３", "....--", "1.2.3.4", "١٢٣", "½", "²",
        ]
        for text in strange {
            for dialect in Dialect.allCases { _ = frontEnd.pronounce(text, dialect: dialect, surface: true) }
        }
        let long = String(repeating: "今天天气很好12.5%，", count: 1000)
        #expect(frontEnd.pronounce(long, dialect: .mandarin).count > 3000)
    }
}
