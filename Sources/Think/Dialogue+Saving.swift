/// A dialogue as a line of JSON, so that it can be taken up after a restart where the configuration asks for it.
extension Dialogue {
    /// What is being asked and what was done, with ages instead of times: another run has another clock.
    public func saved(at now: Double) -> String {
        let done = done.map { item in
            "{\"frame\":\(Self.text(of: item.frame)),\"text\":\(JSONText.quote(item.text)),"
                + "\"age\":\(JSONText.number(now - item.at)),\"before\":\(Self.text(of: item.before.sorted { $0.key < $1.key }))}"
        }
        var parts = [
            "\"version\":1", "\"turns\":\(turnCount)", "\"text\":\(JSONText.quote(lastText))",
            "\"done\":[\(done.joined(separator: ","))]",
        ]
        if !lastReply.isEmpty {
            parts.append("\"reply\":\(JSONText.quote(lastReply)),\"reply_age\":\(JSONText.number(now - lastReplyAt))")
        }
        if let (asked, at) = question {
            parts.append("\"question\":\(Self.text(of: asked)),\"question_age\":\(JSONText.number(now - at))")
        }
        return "{\(parts.joined(separator: ","))}"
    }

    /// Takes up what `saved(at:)` wrote; throws when the text is something else.
    ///
    /// - Parameters:
    ///   - now: The new run's clock.
    ///   - elapsed: Seconds since it was saved; what is too old by now is forgotten at the next turn.
    public init(saved: String, at now: Double, elapsed: Double) throws(ThinkError) {
        self.init()
        let tree = try YAMLTree.parse(saved, path: "saved dialogue")
        guard tree["version"]?.number == 1 else {
            throw .malformed(
                path: "saved dialogue", line: 1, expected: "version 1", found: tree["version"]?.raw ?? "none")
        }
        func time(_ age: YAMLTree?) -> Double { now - max(0, elapsed) - max(0, age?.number ?? 0) }
        turnCount = Int(tree["turns"]?.number ?? 0)
        lastText = tree["text"]?.raw ?? ""
        if let reply = tree["reply"]?.raw {
            lastReply = reply
            lastReplyAt = time(tree["reply_age"])
        }
        for item in tree["done"]?.elements ?? [] {
            guard let frame = item["frame"].flatMap(Self.frame) else { continue }
            let before = Dictionary((item["before"]?.elements ?? []).compactMap(Self.slot)) { $1 }
            done.append(Done(frame: frame, text: item["text"]?.raw ?? "", at: time(item["age"]), before: before))
        }
        if let asked = tree["question"].flatMap(Self.question) { question = (asked, time(tree["question_age"])) }
    }

    // MARK: Writing

    private static func text(of frame: Frame) -> String {
        "{\"intent\":\(JSONText.quote(frame.intent)),\"slots\":\(text(of: frame.slots.map { ($0.name, $0.value) }))}"
    }

    private static func text(of slots: [(key: String, value: SlotValue)]) -> String {
        "["
            + slots.map { "{\"name\":\(JSONText.quote($0.key)),\"value\":\(text(of: $0.value))}" }.joined(
                separator: ",") + "]"
    }

    private static func text(of value: SlotValue) -> String {
        func object(_ kind: String, _ members: String) -> String { "{\"kind\":\"\(kind)\",\(members)}" }
        switch value {
        case .number(let number): return object("number", "\"value\":\(JSONText.number(number))")
        case .measure(let number, let unit):
            return object("measure", "\"value\":\(JSONText.number(number)),\"unit\":\(JSONText.quote(unit))")
        case .duration(let seconds): return object("duration", "\"value\":\(seconds)")
        case .text(let text): return object("text", "\"value\":\(JSONText.quote(text))")
        case .option(let text): return object("option", "\"value\":\(JSONText.quote(text))")
        case .time(let hour, let minute): return object("time", "\"hour\":\(hour),\"minute\":\(minute)")
        case .date(let date):
            let parts: [(String, Int?)] = [
                ("dayOffset", date.dayOffset), ("weekday", date.weekday), ("weekOffset", date.weekOffset),
                ("year", date.year), ("month", date.month), ("day", date.day),
            ]
            let said = parts.compactMap { name, number in number.map { ",\"\(name)\":\($0)" } }
            return "{\"kind\":\"date\"\(said.joined())}"
        }
    }

    private static func text(of question: Question) -> String {
        switch question {
        case .slot(let frame, let slot): return "{\"frames\":[\(text(of: frame))],\"slot\":\(JSONText.quote(slot))}"
        case .confirmation(let frames): return "{\"frames\":[\(frames.map(text(of:)).joined(separator: ","))]}"
        case .choice(let frame, let slot, let options):
            return "{\"frames\":[\(text(of: frame))],\"slot\":\(JSONText.quote(slot)),"
                + "\"options\":[\(options.map(text(of:)).joined(separator: ","))]}"
        }
    }

    // MARK: Reading

    private static func frame(_ tree: YAMLTree) -> Frame? {
        guard let intent = tree["intent"]?.raw, !intent.isEmpty else { return nil }
        return Frame(intent: intent, slots: (tree["slots"]?.elements ?? []).compactMap(slot).map { ($0.0, $0.1) })
    }

    private static func slot(_ tree: YAMLTree) -> (String, SlotValue)? {
        guard let name = tree["name"]?.raw, let value = tree["value"].flatMap(value) else { return nil }
        return (name, value)
    }

    private static func value(_ tree: YAMLTree) -> SlotValue? {
        func whole(_ name: String) -> Int? { tree[name]?.number.map { Int($0) } }
        let number = tree["value"]?.number
        let text = tree["value"]?.raw
        switch tree["kind"]?.raw {
        case "number": return number.map { .number($0) }
        case "measure": return number.map { .measure($0, unit: tree["unit"]?.raw ?? "") }
        case "duration": return number.map { .duration(seconds: Int($0)) }
        case "text": return text.map { .text($0) }
        case "option": return text.map { .option($0) }
        case "time":
            guard let hour = whole("hour"), let minute = whole("minute") else { return nil }
            return .time(hour: hour, minute: minute)
        case "date":
            return .date(
                SpokenDate(
                    dayOffset: whole("dayOffset"), weekday: whole("weekday"), weekOffset: whole("weekOffset"),
                    year: whole("year"), month: whole("month"), day: whole("day")))
        default: return nil
        }
    }

    private static func question(_ tree: YAMLTree) -> Question? {
        let frames = (tree["frames"]?.elements ?? []).compactMap(frame)
        guard let first = frames.first else { return nil }
        guard let slot = tree["slot"]?.raw else { return .confirmation(frames) }
        let options = (tree["options"]?.elements ?? []).compactMap(value)
        return options.isEmpty ? .slot(first, slot: slot) : .choice(first, slot: slot, options: options)
    }
}
