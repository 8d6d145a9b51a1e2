/// Fills reply templates with slot values as people say them.
struct ReplyComposer {
    let source: GrammarSource
    let grammar: Grammar
    let table: SlotTable
    /// Which variation to take.
    let seed: Int

    var isEnglish: Bool { source.language.hasPrefix("en") }

    /// The reply for a frame and how many slots it says, `nil` where the section has none whose slots are all filled.
    func reply(
        intent: String, slots: [(name: String, value: SlotValue)], extra: [String: String]
    ) -> (text: String, slotCount: Int)? {
        guard let templates = source.replies[intent] else { return nil }
        var values = extra
        for (name, value) in slots where values[name] == nil { values[name] = say(value, slot: name, intent: intent) }
        return pick(templates, values: values)
    }

    /// The template with most filled slots; among equal ones the seed decides.
    func choose(_ templates: [String], values: [String: String]) -> String? { pick(templates, values: values)?.text }

    private func pick(_ templates: [String], values: [String: String]) -> (text: String, slotCount: Int)? {
        var best: [String] = []
        var bestCount = -1
        for template in templates {
            guard let (text, count) = Self.fill(template, values) else { continue }
            if count > bestCount {
                best = [text]
                bestCount = count
            } else if count == bestCount {
                best.append(text)
            }
        }
        return best.isEmpty ? nil : (best[seed % best.count], bestCount)
    }

    /// The text and how many slots it holds; `nil` where a value is missing.
    private static func fill(_ template: String, _ values: [String: String]) -> (String, Int)? {
        var text = ""
        var count = 0
        var rest = template[...]
        while let open = rest.firstIndex(of: "{") {
            guard let close = rest[open...].firstIndex(of: "}") else { break }
            text += rest[..<open]
            guard let value = values[String(rest[rest.index(after: open)..<close])] else { return nil }
            text += value
            count += 1
            rest = rest[rest.index(after: close)...]
        }
        return (text + rest, count)
    }

    /// One of the section's fixed phrases.
    func phrase(_ name: String, _ values: [String: String] = [:]) -> String? {
        source.phrases[name].flatMap { choose($0, values: values) }
    }

    /// The question under a key, `intent.slot` or a slot's name.
    func question(_ key: String) -> String? { source.prompts[key].flatMap { choose($0, values: [:]) } }

    /// A value as it is said.
    func say(_ value: SlotValue, slot: String, intent: String) -> String {
        switch value {
        case .text(let text): return text
        case .number(let number): return NumberWords.text(number, language: source.language)
        case .measure(let number, let unit): return say(number, unit: unit)
        case .time(let hour, let minute): return say(hour: hour, minute: minute)
        case .date(let date): return say(date)
        case .duration(let seconds): return say(seconds: seconds)
        case .option(let identifier): return say(option: identifier, slot: slot, intent: intent)
        }
    }

    private func say(_ number: Double, unit: String) -> String {
        let digits = NumberWords.text(number, language: source.language)
        if isEnglish {
            switch unit {
            case "°C": return "\(digits) degrees"
            case "%": return "\(digits) percent"
            default: return "\(digits) \(unit)"
            }
        }
        switch unit {
        case "°C": return number < 0 ? "零下\(NumberWords.text(-number, language: source.language))度" : "\(digits)度"
        case "%": return "百分之\(digits)"
        case "MHz": return "调频\(digits)"
        default: return digits + unit
        }
    }

    func say(hour: Int, minute: Int) -> String {
        if isEnglish { return "\(hour):\(JSONText.padded(minute))" }
        let period = hour < 6 ? "凌晨" : hour < 12 ? "早上" : hour == 12 ? "中午" : hour < 18 ? "下午" : "晚上"
        let shown = hour > 12 ? hour - 12 : hour
        let hourText = shown == 2 ? "两" : NumberWords.text(Double(shown), language: source.language)
        let minuteText =
            switch minute {
            case 0: ""
            case 30: "半"
            case 1...9: "零\(NumberWords.text(Double(minute), language: source.language))分"
            default: "\(NumberWords.text(Double(minute), language: source.language))分"
            }
        return "\(period)\(hourText)点\(minuteText)"
    }

    private func say(_ date: SpokenDate) -> String {
        if isEnglish { return date.description }
        if let offset = date.dayOffset {
            let isCantonese = source.language.hasPrefix("yue")
            switch offset {
            case 0: return isCantonese ? "今日" : "今天"
            case 1: return isCantonese ? "听日" : "明天"
            case 2: return isCantonese ? "后日" : "后天"
            case 3: return "大后天"
            case -1: return isCantonese ? "寻日" : "昨天"
            case -2: return "前天"
            default: return NumberWords.text(Double(offset), language: source.language) + "天后"
            }
        }
        if let weekday = date.weekday {
            let prefix = (date.weekOffset ?? 0) > 0 ? "下" : ""
            return prefix + Self.weekdayName(weekday)
        }
        var text = ""
        if let year = date.year { text += String(year).compactMap { HanDigits.digit($0) }.joined() + "年" }
        if let month = date.month { text += NumberWords.text(Double(month), language: source.language) + "月" }
        if let day = date.day { text += NumberWords.text(Double(day), language: source.language) + "号" }
        return text
    }

    static func weekdayName(_ weekday: Int) -> String {
        "星期" + ["一", "二", "三", "四", "五", "六", "日"][min(max(weekday, 1), 7) - 1]
    }

    private func say(seconds: Int) -> String {
        let parts = [
            (seconds / 3600, "小时", "hour"), (seconds / 60 % 60, "分钟", "minute"), (seconds % 60, "秒", "second"),
        ]
        let texts = parts.filter { $0.0 > 0 }.map { count, han, english in
            let number = count == 2 && !isEnglish ? "两" : NumberWords.text(Double(count), language: source.language)
            if isEnglish { return "\(number) \(english)\(count == 1 ? "" : "s")" }
            return "\(number)\(han == "小时" ? "个" : "")\(han)"
        }
        return texts.joined(separator: isEnglish ? " " : "")
    }

    /// The words of an option: what the domain says, or the first words that its list reads it by.
    private func say(option identifier: String, slot: String, intent: String) -> String {
        var lists = table.lists[intent]?[slot] ?? []
        if lists.isEmpty, let list = grammar.listIndex[slot] { lists = [list] }
        for list in lists.sorted() {
            if let text = source.spoken[grammar.lists[list].name]?[identifier] { return text }
            guard case .values(let values) = grammar.lists[list].kind else { continue }
            for value in values.items where value.output == .string(identifier) {
                if let text = try? TemplateParser.parse(value.text) { return SentenceSample.plain(text) }
            }
        }
        return source.spoken[slot]?[identifier] ?? identifier
    }
}

/// Digits as single Han characters.
enum HanDigits {
    static func digit(_ character: Character) -> String? {
        guard let value = character.wholeNumberValue, (0...9).contains(value) else { return nil }
        return ["零", "一", "二", "三", "四", "五", "六", "七", "八", "九"][value]
    }
}

/// The simplest text of a template: first branches, no optionals.
enum SentenceSample {
    static func plain(_ template: Template) -> String {
        switch template {
        case .text(let text): text
        case .sequence(let items), .permutation(let items): items.map(plain).joined()
        case .alternative(let items, let isOptional): isOptional ? "" : items.first.map(plain) ?? ""
        case .list, .rule: ""
        }
    }

    /// The simplest text of a compiled node, with the first value of every list.
    static func plain(_ node: Int, of grammar: Grammar) -> String {
        switch grammar.nodes[node] {
        case .empty: return ""
        case .text(let chunk): return chunk.written
        case .sequence(let items), .permutation(let items): return items.map { plain($0, of: grammar) }.joined()
        case .alternative(let items):
            if items.contains(0) { return "" }
            return items.first.map { plain($0, of: grammar) } ?? ""
        case .list(let use):
            switch grammar.lists[use.list].kind {
            case .values(let values): return values.items.first.map { plain($0.node, of: grammar) } ?? ""
            case .range(let range):
                return NumberWords.text(Double((range.from + range.to) / 2), language: grammar.language)
            case .wildcard: return "…"
            case .builtin(_, let node): return plain(node, of: grammar)
            }
        }
    }
}
