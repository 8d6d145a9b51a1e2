import Testing

@testable import Language

@Suite struct InventoryTests {
    @Test func unitsStandInTheAgreedOrder() {
        let units = PhoneInventory.units
        #expect(units.count == 617)
        #expect(units[0] == "<b>")
        #expect(units[1] == "b")
        #expect(PhoneInventory.index(of: "a1") == 22)
        #expect(units.last == "Y_yut6")
        #expect(Set(units).count == units.count)
    }

    @Test(arguments: [
        ("zhong1", ["zh", "ong1"]), ("yi1", ["i1"]), ("wu3", ["u3"]), ("yu2", ["v2"]), ("shi2", ["sh", "iii2"]),
        ("si4", ["s", "ii4"]), ("lv4", ["l", "v4"]), ("lüe4", ["l", "ve4"]), ("qiong2", ["q", "iong2"]),
        ("jiu3", ["j", "iou3"]), ("dui4", ["d", "uei4"]), ("dun1", ["d", "uen1"]), ("xu1", ["x", "v1"]),
        ("quan2", ["q", "van2"]), ("er4", ["er4"]), ("dianr3", ["d", "ian3", "er5"]), ("de", ["d", "e5"]),
        ("weng1", ["ueng1"]), ("yo1", ["io1"]), ("you3", ["iou3"]), ("nve4", ["n", "ve4"]),
    ])
    func pinyinBecomesUnits(syllable: String, units: [String]) {
        #expect(Pinyin.units(syllable) == units)
        #expect(units.allSatisfy { PhoneInventory.index(of: $0) != nil })
    }

    @Test func whatIsNoSyllableHasNoUnits() {
        for text in ["", "zh", "xyz1", "hello", "b9", "打"] { #expect(Pinyin.units(text) == nil) }
        for text in ["", "ngo", "zhong1", "5", "gw2"] { #expect(Jyutping.units(text) == nil) }
    }

    @Test(arguments: [
        ("gwong2", ["Y_gw", "Y_ong2"]), ("m4", ["Y_m4"]), ("ng5", ["Y_ng5"]), ("ngo5", ["Y_ng", "Y_o5"]),
        ("aa3", ["Y_aa3"]), ("jyut6", ["Y_j", "Y_yut6"]), ("heoi3", ["Y_h", "Y_eoi3"]), ("nei5", ["Y_n", "Y_ei5"]),
    ])
    func jyutpingBecomesUnits(syllable: String, units: [String]) {
        #expect(Jyutping.units(syllable) == units)
        #expect(units.allSatisfy { PhoneInventory.index(of: $0) != nil })
    }

    @Test func unitsSpellTheirSyllables() {
        let written = ["zhong1", "yi1", "wei4", "jiu3", "xu1", "lve4", "quan2", "er2", "dun1", "si4", "nv3", "yuan2"]
        #expect(PhoneInventory.syllables(of: written.flatMap { Pinyin.units($0) ?? [] }) == written)
        let spoken = ["ngo5", "m4", "jyut6", "aa3"]
        #expect(PhoneInventory.syllables(of: spoken.flatMap { Jyutping.units($0) ?? [] }) == spoken)
        #expect(PhoneInventory.syllables(of: ["E_OW", "E_K", "d", "a3", "zh"]) == ["OW-K", "da3", "zh"])
    }

    @Test func chengduFollowsItsRules() {
        let pairs = [
            "shi2": "si3", "zhong1": "zong1", "feng1": "fong1", "ting1": "tin1", "leng3": "len4", "nan2": "lan3",
            "ni3": "ni4", "hu2": "fu3", "ge1": "guo1", "du4": "du2", "de5": "de5",
        ]
        for (mandarin, chengdu) in pairs { #expect(Chengdu.syllable(mandarin) == chengdu) }
    }

    @Test func graphGrowsAsArcsAreAdded() {
        var graph = SentenceGraph()
        graph.addArc(from: 0, to: 2, .text("打开"))
        #expect(graph.arcs.count == 3)
        #expect(graph.addState() == 3)
    }
}
