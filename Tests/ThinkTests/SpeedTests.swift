import Testing

@testable import Think

#if DEBUG
    private let slack = 40.0
#else
    private let slack = 4.0
#endif

@Test func tenThousandTemplatesCompileAndMatchFast() throws {
    var source = GrammarSource(language: "zh", ignoresWhitespace: true)
    let places = ["客厅", "卧室", "厨房", "书房", "阳台", "车库", "餐厅", "浴室", "走廊", "花园"]
    let things = (0..<1000).map { "设备\(["甲", "乙", "丙", "丁", "戊", "己", "庚", "辛", "壬", "癸"][$0 % 10])\($0 / 10)号" }
    let range = RangeSource(from: 0, to: 100)
    let place = SourcePlace(path: "made", line: 1)
    source.lists["percent"] = ListSource(name: "percent", place: place, kind: .range(range))
    source.rules["open"] = RuleSource(text: "(打开|开启|开)", place: place)
    for (number, thing) in things.enumerated() {
        let sentences = places.map { (text: "[请][把]\($0)的\(thing)(<open>|调到{percent}[度])", line: 1) }
        source.blocks.append(SentenceBlock(intent: "thing\(number)", place: place, sentences: sentences))
    }
    var grammar: Grammar?
    let compiling = processorSeconds { grammar = GrammarCompiler.compile(source).grammar }
    let compiled = try #require(grammar)
    #expect(compiled.sentences.count == 10_000)
    var found: DomainMatch?
    _ = compiled.recognise("把厨房的设备丙42号调到五十")
    let matching = processorSeconds { for _ in 0..<20 { found = compiled.recognise("把厨房的设备丙42号调到五十").first } } / 20
    #expect(found?.intent == "thing422")
    #expect(found?[slot: "percent"] == .number(50))
    print("10,000 templates: compile \(compiling) s, match \(matching * 1000) ms")
    #expect(compiling < 1 * slack)
    #expect(matching < 0.005 * slack)
}

@Test func aHundredThousandNamesAreFoundBySound() {
    let pool =
        "zhang wang li zhao chen yang huang zhou wu xu sun hu zhu gao lin he guo ma luo liang song zheng xie han tang feng yu dong xiao cheng cao yuan deng fu shen zeng peng lv su lu jiang cai jia ding wei xue ye yan pan du dai xia zhong tian ren fan fang shi yao tan sheng zou xiong jin hao kong bai cui kang mao qiu qin gu hou shao meng long wan duan lei qian yin"
        .split(separator: " ").map(String.init)
    var random = SeededRandom(3)
    var names: [String] = []
    for _ in 0..<100_000 {
        let length = Int.random(in: 2...5, using: &random)
        names.append((0..<length).map { _ in pool.randomElement(using: &random) ?? "" }.joined(separator: " "))
    }
    names[54321] = "zhou jie lun"
    let index = SoundIndex(names: names) { $0.split(separator: " ").map(String.init) }
    var hits: [SoundIndex.Hit] = []
    let time = processorSeconds { for _ in 0..<10 { hits = index.search(["zou1", "jie2", "lun2"]) } } / 10
    print("100,000 names: \(time * 1000) ms, \(index.byteCount) bytes")
    #expect(hits.first?.name == "zhou jie lun")
    #expect((hits.first?.distance ?? 1) < 0.1)
    #expect(time < 0.005 * slack)
    #expect(index.byteCount < 20 << 20)
}
