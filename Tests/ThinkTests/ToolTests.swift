import Testing

@testable import Think

@Test func homophonesFindTheListedName() {
    let readings = [
        "张三": ["zhang1", "san1"], "章珊": ["zhang1", "shan1"], "李四": ["li3", "si4"], "王小明": ["wang2", "xiao3", "ming2"],
        "稻香": ["dao4", "xiang1"], "到乡": ["dao4", "xiang1"],
    ]
    let names = ["张三", "章珊", "李四", "王小明", "稻香"]
    let index = SoundIndex(names: names) { readings[$0] ?? [] }
    #expect(index.search(["zang1", "san1"]).first?.name == "张三")
    #expect(index.search(["zhang4", "shan3"]).first?.name == "章珊")
    #expect(index.search(["dao4", "xiang1"]).first.map { $0.name == "稻香" && $0.distance == 0 } == true)
    #expect(index.search(["wang2", "xiao3", "min2"]).first?.name == "王小明")
    #expect(index.search(["wang2", "ming2"]).first?.name == "王小明")
    #expect(index.search(["bei3", "jing1"]).isEmpty)
    #expect(index.search([]).isEmpty)
    #expect(SoundIndex(names: [String](), syllables: { _ in [] }).search(["li3"]).isEmpty)
}

@Test func theCacheIsBoundedAndGivesTheSameAnswers() {
    var cache = AnswerCache<String>(capacity: 8)
    var made = 0
    func make(_ key: String) -> String { made += 1; return "answer to \(key)" }
    for round in 0..<3 {
        for number in 0..<4 {
            #expect(cache.answer(to: ["\(number)", "zh"]) { make("\(number)") } == "answer to \(number)", "\(round)")
        }
    }
    #expect(made == 4 && cache.hits == 8 && cache.misses == 4)
    #expect((cache.hitRate - 8.0 / 12).magnitude < 1e-9)
    for number in 0..<100 { _ = cache.answer(to: ["\(number)"]) { make("x") } }
    #expect(cache.count <= 8)
    let before = made
    cache.invalidate()
    _ = cache.answer(to: ["99"]) { make("again") }
    #expect(made == before + 1)
    #expect(cache.answer(to: ["a b"]) { "one" } != cache.answer(to: ["a", "b"]) { "two" })
}

@Test func skillsAnswerFromJSONWithoutAShell() throws {
    let frame = Frame(intent: "weather.query", slots: [("city", .text("北京; rm -rf /"))])
    let echo = try Skill(executable: "/bin/cat").answer(to: frame, text: "$(reboot) `ls`")
    #expect(echo == "$(reboot) `ls`")
    #expect(try Skill(executable: "/bin/echo", arguments: ["晴天 $HOME"]).answer(to: frame, text: "") == "晴天 $HOME")
    #expect(throws: ThinkError.self) { try Skill(executable: "cat").answer(to: frame, text: "") }
    #expect(throws: ThinkError.self) { try Skill(executable: "/nowhere/skill").answer(to: frame, text: "") }
    #expect(throws: ThinkError.self) { try Skill(executable: "/bin/false").answer(to: frame, text: "") }
    #expect(throws: ThinkError.self) { try Skill(executable: "/bin/true").answer(to: frame, text: "") }
    let time = seconds {
        #expect(throws: ThinkError.self) {
            try Skill(executable: "/bin/sleep", arguments: ["20"], timeLimit: 0.3).answer(to: frame, text: "")
        }
    }
    #expect(time < 5)
}

@Test func valuesAreWrittenAsJSON() {
    #expect(SlotValue.measure(24, unit: "°C").jsonValue == "24")
    #expect(SlotValue.number(24.5).jsonValue == "24.5")
    #expect(SlotValue.text("a\"b\\\n").jsonValue == #""a\"b\\\n""#)
    #expect(SlotValue.time(hour: 7, minute: 5).jsonValue == "\"07:05\"")
    #expect(SlotValue.duration(seconds: 90).jsonValue == "90")
    #expect(SlotValue.date(SpokenDate(year: 2026, month: 5, day: 1)).jsonValue == "\"2026-05-01\"")
    #expect(SlotValue.date(SpokenDate(day: 3)).jsonValue == "\"---03\"")
}

@Test func theBookFindsOwnNamesBeforeCommonOnes() {
    let readings = [
        "张三": ["zhang1", "san1"], "章三": ["zhang1", "san1"], "张山": ["zhang1", "shan1"], "李四": ["li3", "si4"],
        "长衫": ["chang2", "shan1"],
    ]
    let book = NameBook(
        own: [NameList(slot: "contact", names: ["张山", "李四"])],
        common: [NameList(slot: "contact", names: ["张三", "章三", "长衫"]), NameList(slot: "song", names: [])]
    ) { readings[$0] ?? [] }
    #expect(book.slots == ["contact"])
    let found = book.candidates(for: "contact", sounding: [["zhang", "san"]])
    #expect(Set(found.prefix(3).map(\.name)) == ["张山", "张三", "章三"])
    #expect(found.first { $0.name == "张山" }?.isOwn == true && found.first { $0.name == "张三" }?.isOwn == false)
    #expect(!found.contains { $0.name == "李四" })
    #expect(
        book.candidates(for: "contact", sounding: [["zhang", "san"]], farthest: 0).map(\.name).sorted() == ["张三", "章三"])
    #expect(book.candidates(for: "song", sounding: [["zhang", "san"]]).isEmpty)
}

@Test func listsOfNamesAreReadFromFiles() throws {
    let path = try Scratch.file("names.txt", "# contacts\n张三\r\n\n李四\n")
    #expect(try NameList.read("contact=\(path)") == NameList(slot: "contact", names: ["张三", "李四"]))
    #expect(throws: ThinkError.self) { try NameList.read("contact") }
    #expect(throws: ThinkError.self) { try NameList.read("contact=/nowhere/names.txt") }
    let domain = try Domain.load(
        path: Scratch.file(
            "named.yaml",
            """
            domain: named
            languages:
              zh:
                lists: {who: {wildcard: true, names: [王五], names_from: [names.txt]}}
                intents: {call: ["打给{who:contact}"]}
            """))
    #expect(domain.names == [NameList(slot: "contact", names: ["王五", "张三", "李四"])])
    let missing = try Scratch.file(
        "missing.yaml",
        "domain: x\nlanguages: {zh: {lists: {who: {wildcard: true, names_from: [no.txt]}}, intents: {call: [\"打给{who}\"]}}}"
    )
    let problems = DomainCheck().problems(inFiles: [missing])
    #expect(problems.contains { $0.isFatal && $0.message.contains("no.txt") })
}

@Test func aCacheCountsSizes() {
    var cache = AnswerCache<[Int]>(capacity: 10) { $0.count }
    for number in 0..<6 { cache.keep([Int](repeating: number, count: 3), for: ["\(number)"]) }
    #expect(cache.count <= 3)
    #expect(cache.find(["5"]) == [5, 5, 5])
    #expect(cache.find(["0"]) == nil)
    cache.keep([Int](repeating: 0, count: 11), for: ["large"])
    #expect(cache.find(["large"]) == nil)
    cache.keep([1], for: ["5"])
    #expect(cache.find(["5"]) == [1])
}
