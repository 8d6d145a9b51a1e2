import Language

extension Domain {
    /// The sections that speak a language, then Mandarin, then any, each once.
    func composers(language: String?, seed: Int) -> [ReplyComposer] {
        let places = grammars.indices.filter { !grammars[$0].isPlainHassil }
        let own = places.filter { grammars[$0].language == language ?? "zh" }
        let chosen = own.isEmpty ? places.filter { grammars[$0].language == "zh" } : own
        return (chosen.isEmpty ? places : chosen).map {
            ReplyComposer(source: sources[$0], grammar: grammars[$0], table: slotTables[$0], seed: seed)
        }
    }

    /// The first section that speaks a language.
    func composer(language: String?, seed: Int) -> ReplyComposer? { composers(language: language, seed: seed).first }

    /// The question for a slot: the intent's own, the slot's, or a plain one.
    func question(intent: String, slot: String, language: String?, seed: Int) -> String {
        let composers = composers(language: language, seed: seed)
        for key in ["\(intent).\(slot)", slot] {
            if let text = composers.lazy.compactMap({ $0.question(key) }).first { return text }
        }
        return composers.first?.isEnglish == true ? "Which \(slot)?" : "请问要怎么设？"
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
        var own = composers(language: language, seed: seed).filter { $0.source.replies[intent] != nil }
        if own.isEmpty { own = composers(language: "zh", seed: seed) }
        var best: (text: String, slotCount: Int)?
        for composer in own {
            let (slots, extra) = Self.moment(composer, intent: intent, slots: slots, time: time)
            guard let reply = composer.reply(intent: intent, slots: slots, extra: extra) else { continue }
            // Of two domains with the same intent, the one whose reply says more of what was said.
            if reply.slotCount > best?.slotCount ?? -1 { best = reply }
        }
        return best?.text
    }

    /// The parts of a reply that the clock fills.
    private static func moment(
        _ composer: ReplyComposer, intent: String, slots: [(name: String, value: SlotValue)], time: LocalTime?
    ) -> (slots: [(name: String, value: SlotValue)], extra: [String: String]) {
        guard let time else { return (slots, [:]) }
        var extra = ["now": composer.say(hour: time.hour, minute: time.minute)]
        var asked = SpokenDate(dayOffset: 0)
        if case .date(let date)? = slots.last(where: { $0.name == "date" })?.value { asked = date }
        let day = time.resolve(asked)
        let text = composer.say(.date(SpokenDate(month: day.month, day: day.day)), slot: "date", intent: intent)
        extra["day_text"] = composer.isEnglish ? text : text + ReplyComposer.weekdayName(day.weekday)
        return (intent == "date.today" && slots.isEmpty ? [("date", .date(asked))] : slots, extra)
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

    /// The bare values that answer a question about a slot, for the spoken search; nil for an open slot, where any words
    /// may answer.
    public func answers(for dialect: Dialect, slot: String, of intent: String) -> SentenceGraph? {
        guard !isOpen(slot, of: intent) else { return nil }
        var result: SentenceGraph?
        for place in sections(for: dialect) {
            guard let lists = slotTables[place].lists[intent]?[slot] else { continue }
            let values = GraphBuilder.graph(of: grammars[place], lists: lists.sorted(), slot: slot)
            result = result.map { Self.joined($0, values) } ?? values
        }
        return result
    }
}
