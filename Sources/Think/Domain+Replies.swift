import Language

extension Domain {
    /// The section that speaks a language: the wanted one, or Mandarin, or the first.
    func composer(language: String?, seed: Int, intent: String? = nil) -> ReplyComposer? {
        let places = grammars.indices.filter { !grammars[$0].isPlainHassil }
        guard !places.isEmpty else { return nil }
        let wanted = language ?? "zh"
        let own = places.filter { grammars[$0].language == wanted }
        let fallback = places.filter { grammars[$0].language == "zh" }
        let ordered = own + fallback + places
        let place =
            intent.flatMap { intent in ordered.first { sources[$0].replies[intent] != nil } } ?? ordered[0]
        return ReplyComposer(source: sources[place], grammar: grammars[place], table: slotTables[place], seed: seed)
    }

    /// What to answer to a frame, in the dialect's language where the domain has it, `nil` where it has no reply.
    ///
    /// `seed` chooses among variations; `time` fills replies that tell the time or the date.
    public func reply(
        intent: String, slots: [(name: String, value: SlotValue)], dialect: Dialect = .mandarin, seed: Int = 0,
        time: LocalTime? = nil
    ) -> String? {
        reply(intent: intent, slots: slots, language: Self.language(of: dialect), seed: seed, time: time)
    }

    func reply(
        intent: String, slots: [(name: String, value: SlotValue)], language: String?, seed: Int, time: LocalTime?
    ) -> String? {
        guard let composer = composer(language: language, seed: seed, intent: intent) else { return nil }
        var extra: [String: String] = [:]
        var slots = slots
        if let time {
            extra["now"] = composer.say(hour: time.hour, minute: time.minute)
            var asked = SpokenDate(dayOffset: 0)
            if case .date(let date)? = slots.last(where: { $0.name == "date" })?.value { asked = date }
            let day = time.resolve(asked)
            let text = composer.say(
                .date(SpokenDate(month: day.month, day: day.day)), slot: "date", intent: intent)
            extra["day_text"] =
                composer.source.language.hasPrefix("en") ? text : text + ReplyComposer.weekdayName(day.weekday)
            if intent == "date.today", slots.isEmpty { slots = [("date", .date(asked))] }
        }
        return composer.reply(intent: intent, slots: slots, extra: extra)
    }

    /// The section language of a dialect.
    static func language(of dialect: Dialect) -> String {
        switch dialect {
        case .mandarin, .sichuanese: "zh"
        case .cantonese: "yue"
        case .english: "en"
        }
    }

    /// Something that can be said for an intent, as an example.
    public func example(of intent: String, language: String? = nil) -> String? {
        for grammar in grammars where !grammar.isPlainHassil && grammar.language == (language ?? "zh") {
            for sentence in grammar.sentences where grammar.blocks[sentence.block].intent == intent {
                let text = SentenceSample.plain(sentence.root, of: grammar)
                if !text.isEmpty, !text.contains("…") { return text }
            }
        }
        return nil
    }

    /// What may answer a question about a slot, for the spoken search: its values with the domain's own sentences.
    public func graph(for dialect: Dialect, expecting slot: String, of intent: String) -> SentenceGraph {
        var result = graph(for: dialect)
        for place in sections(for: dialect) {
            guard let lists = slotTables[place].lists[intent]?[slot] else { continue }
            let answers = GraphBuilder.graph(of: grammars[place], lists: lists.sorted(), slot: slot)
            result = Self.joined(result, answers)
        }
        return result
    }
}
