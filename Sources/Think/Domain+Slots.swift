/// Which slots the sentences of each intent can fill, and from which lists.
struct SlotTable: Sendable {
    /// Intent → slot → lists.
    private(set) var lists: [String: [String: Set<Int>]] = [:]
    /// Intent → slots that its blocks fix.
    private(set) var fixed: [String: Set<String>] = [:]

    init(_ grammar: Grammar) {
        var known: [Int: [String: Set<Int>]] = [:]
        for sentence in grammar.sentences {
            let intent = grammar.blocks[sentence.block].intent
            for (slot, places) in Self.collect(sentence.root, grammar, &known) {
                lists[intent, default: [:]][slot, default: []].formUnion(places)
            }
        }
        for block in grammar.blocks {
            fixed[block.intent, default: []].formUnion(block.slots.map(\.name))
        }
    }

    private static func collect(
        _ node: Int, _ grammar: Grammar, _ known: inout [Int: [String: Set<Int>]]
    ) -> [String: Set<Int>] {
        if let result = known[node] { return result }
        var result: [String: Set<Int>] = [:]
        switch grammar.nodes[node] {
        case .empty, .text: break
        case .list(let use): if !use.isCapture { result[use.slot] = [use.list] }
        case .sequence(let items), .alternative(let items), .permutation(let items):
            for item in items { result.merge(collect(item, grammar, &known)) { $0.union($1) } }
        }
        known[node] = result
        return result
    }
}

extension Domain {
    /// The slots that an intent's sentences can fill.
    public func slots(of intent: String) -> Set<String> {
        var result = Set<String>()
        for table in slotTables {
            if let slots = table.lists[intent] { result.formUnion(slots.keys) }
            if let slots = table.fixed[intent] { result.formUnion(slots) }
        }
        return result
    }

    /// Reads a slot's value out of a text that is, or contains, just that value: «二十四度吧», «嗯那就左边的».
    ///
    /// An open slot takes the whole text without the words around it. `nil` where the text holds no such value.
    public func value(of slot: String, intent: String, in text: String) -> SlotValue? {
        for (place, grammar) in grammars.enumerated() {
            guard let lists = slotTables[place].lists[intent]?[slot] else { continue }
            for list in lists.sorted() {
                if let value = grammar.value(ofList: list, in: text) { return value }
            }
        }
        return nil
    }

    /// Whether a slot takes any text.
    func isOpen(_ slot: String, of intent: String) -> Bool {
        grammars.indices.contains { place in
            (slotTables[place].lists[intent]?[slot] ?? []).contains { list in
                if case .wildcard = grammars[place].lists[list].kind { return true }
                return false
            }
        }
    }
}

extension Grammar {
    private static let openings = [
        "嗯那就", "那就", "就是", "我要去", "我想去", "带我去", "打给", "打到", "调到", "开到", "设到", "改到", "给", "去", "到", "是", "要", "就", "导航到",
        "播放", "叫", "to ", "at ", "call ", "it's ", "the ",
    ].map(Scalars.fold)
    private static let endings = ["打电话", "打个电话", "的电话", "那个", "那边", "那里", "就行", "就好", "的"].map(Scalars.fold)

    /// The value of one list in a short text.
    func value(ofList list: Int, in text: String) -> SlotValue? {
        var whole = MatchText(text, ignoresWhitespace: ignoresWhitespace)
        if ignoresWhitespace { whole.removeHanWhitespace() }
        whole.removeSkipWords(particles, ignoresWhitespace: ignoresWhitespace, scope: .end)
        guard whole.count > 0, whole.count <= 60 else { return nil }
        let use = ListUse(list: list, slot: "value", isCapture: false, isEndOfWord: true)
        if case .wildcard = lists[list].kind {
            whole.removeSkipWords(skipWords, ignoresWhitespace: ignoresWhitespace, scope: .start)
            whole.removeSkipWords(Self.openings, ignoresWhitespace: true, scope: .start)
            whole.removeSkipWords(Self.endings, ignoresWhitespace: true, scope: .end)
            return whole.count > 0 ? .text(whole.substring(0..<whole.count)) : nil
        }
        let matcher = GrammarMatcher(grammar: self, text: whole.folded, rule: ContextRule())
        var best: (length: Int, value: SlotValue)?
        for start in 0..<whole.count {
            var state = GrammarMatcher.State()
            state.position = start
            var found: [GrammarMatcher.State] = []
            matcher.match(use, state, into: &found)
            for state in found {
                let length = state.position - start
                guard let entity = state.entities.last, length > best?.length ?? 0 else { continue }
                best = (length, value(of: entity, text: whole))
            }
        }
        return best?.value
    }
}
