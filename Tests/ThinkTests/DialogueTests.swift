import Testing

@testable import Think

/// One line of the scripts: what is said and what must come of it.
private struct Line {
    var text: String
    var mood = ""
    var wait = 4.0
    var wanted: String

    init?(_ line: String) {
        guard let arrow = line.range(ofArrow: ()) else { return nil }
        var said = String(line[..<arrow.lowerBound])
        wanted = String(line[arrow.upperBound...])
        text = said
        guard said.hasPrefix("["), let close = said.firstIndex(of: "]") else { return }
        let mark = said[said.index(after: said.startIndex)..<close]
        said = String(said[said.index(after: close)...].drop { $0 == " " })
        text = said
        if mark.hasPrefix("+") { wait = Double(mark.dropFirst()) ?? wait } else { mood = String(mark) }
    }

    func understanding(in domain: Domain) -> Understanding {
        var result = understand(text, in: domain)
        switch mood {
        case "chat":
            result.directed = 0.1
            result.act = "chat"
        case "angry": result.emotion = "angry"
        case "question": result.act = "question"
        default: break
        }
        return result
    }
}

extension String {
    fileprivate func range(ofArrow: Void) -> Range<Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(" => ") { return start..<index(start, offsetBy: 4) }
            start = index(after: start)
        }
        return nil
    }
}

/// A turn in the notation of the scripts.
private func notation(_ turn: Turn) -> String {
    var parts = turn.frames.map { frame in
        ([frame.intent] + frame.slots.map { "\($0.name)=\(String($0.value.jsonValue.filter { $0 != "\"" }))" })
            .joined(separator: " ")
    }
    switch turn.kind {
    case .act: break
    case .ask: parts.append(turn.asksFor.map { "ask \($0.slot)" } ?? "confirm")
    default: parts.append(turn.kind.rawValue)
    }
    return parts.joined(separator: " ; ")
}

private func isMet(_ wanted: String, by turn: Turn, in domain: Domain) -> Bool {
    var wanted = wanted
    let phrases = domain.sources.flatMap { Array($0.phrases) }
    if let last = wanted.split(separator: " ").last.map(String.init), phrases.contains(where: { $0.key == last }),
        last != "confirm"
    {
        let texts = phrases.filter { $0.key == last }.flatMap(\.value)
        let heads = texts.map { $0.prefix { $0 != "{" } }
        guard heads.contains(where: { turn.reply.hasPrefix($0) }) else { return false }
        wanted = String(wanted.dropLast(last.count + 1))
    }
    let found = notation(turn)
    if wanted == "ask" { return turn.kind == .ask }
    if wanted == found { return true }
    // Slots in any order.
    func sorted(_ text: String) -> [[Substring]] {
        text.split(separator: ";").map { $0.split(separator: " ").sorted() }
    }
    return sorted(wanted) == sorted(found)
}

@Test func scriptedDialoguesGoAsWritten() throws {
    let domains = ["car": try Shipped.car.get(), "home": try Shipped.home.get()]
    var title = ""
    var dialogue = Dialogue()
    var now = 0.0
    var count = 0
    for text in try Checkout.lines("dialogues.txt") {
        if text.hasPrefix("# ") {
            title = String(text.dropFirst(2))
            dialogue = Dialogue()
            now = 0
            count += 1
            continue
        }
        let line = try #require(Line(text), "\(title): \(text)")
        let domain = try #require(domains[String(title.prefix { $0 != ":" })])
        now += line.wait
        let turn = dialogue.advance(line.understanding(in: domain), domain: domain, at: now)
        #expect(
            isMet(line.wanted, by: turn, in: domain),
            "\(title) | \(text) | found \(notation(turn)) 「\(turn.reply)」")
        #expect(turn.kind == .silent || !turn.reply.isEmpty, "\(title) | \(text): no reply")
    }
    #expect(count >= 60)
}

@Test func noSequenceOfUtterancesReachesADeadState() throws {
    let domain = try Shipped.car.get()
    var pool = try Checkout.lines("dialogues.txt").compactMap(Line.init)
    pool += ["", "。。。", "😀", "不是", "不是，是", "然后", "，", "再", "那", "123", "what"].compactMap { Line($0 + " => x") }
    let understood = pool.map { (line: $0, meaning: $0.understanding(in: domain)) }
    let command = understand("打开雨刮", in: domain)
    let cancel = understand("取消", in: domain)
    var random = SeededRandom(7)
    for _ in 0..<60 {
        var dialogue = Dialogue()
        var now = 0.0
        for _ in 0..<10 {
            let next = try #require(understood.randomElement(using: &random))
            now += Double.random(in: 0...30, using: &random)
            let turn = dialogue.advance(next.meaning, domain: domain, at: now)
            #expect(turn.kind != .act || !turn.frames.isEmpty)
            #expect(turn.kind == .silent || !turn.reply.isEmpty, "\(next.line.text)")
            var direct = dialogue
            #expect(direct.advance(command, domain: domain, at: now + 1).frames.last?.intent == "wiper.on")
            var cancelled = dialogue
            _ = cancelled.advance(cancel, domain: domain, at: now + 1)
            #expect(!cancelled.isWaiting)
        }
    }
}

@Test func severalFoundValuesAreOfferedAndChosen() throws {
    let domain = try Shipped.car.get()
    let frame = Frame(intent: "phone.call", slots: [("contact", .text("张三"))])
    for (answer, wanted) in [("第二个", "张三丰"), ("最后一个", "张三"), ("章三", "章三"), ("是的", "章三")] {
        var dialogue = Dialogue()
        let asked = dialogue.offer(
            [.text("章三"), .text("张三丰"), .text("张三")], for: "contact", of: frame, domain: domain, at: 0)
        #expect(asked.kind == .ask && asked.reply.contains("第二个，张三丰"))
        let turn = dialogue.advance(understand(answer, in: domain), domain: domain, at: 3)
        #expect(turn.frames.first?[slot: "contact"] == .text(wanted), "\(answer): \(notation(turn))")
    }
}

@Test func theReplyTellsTheTimeOfThePassedClock() throws {
    let domain = try Shipped.car.get()
    var dialogue = Dialogue()
    dialogue.localTime = { LocalTime(year: 2026, month: 11, day: 22, weekday: 7, hour: 14, minute: 5) }
    #expect(dialogue.advance(understand("几点了", in: domain), domain: domain, at: 0).reply.contains("下午两点零五分"))
    let day = dialogue.advance(understand("明天几号", in: domain), domain: domain, at: 2).reply
    #expect(day.contains("十一月二十三号") && day.contains("星期一"), "\(day)")
}
