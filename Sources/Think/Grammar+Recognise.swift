extension Grammar {
    /// Longer texts are no command; matching them would only cost time.
    static let textLimit = 400

    /// Every way the text matches, best first; equal ones keep the order of the file.
    func recognise(_ text: String, context: [String: ContextValue] = [:]) -> [DomainMatch] {
        let whole = MatchText(text, ignoresWhitespace: ignoresWhitespace)
        let matches = recognise(whole, context: context)
        guard !particles.isEmpty, matches.first.map({ $0.wildcardCount > 0 }) ?? true else { return matches }
        // Nothing but an open slot took the end: 播放稻香吧 without its particle may be the better reading.
        var bare = whole
        bare.removeSkipWords(particles, ignoresWhitespace: ignoresWhitespace, scope: .end)
        guard bare.count > 0, bare.count < whole.count else { return matches }
        return stableSorted(matches + recognise(bare, context: context))
    }

    private func recognise(_ whole: MatchText, context: [String: ContextValue]) -> [DomainMatch] {
        guard whole.count > 0, whole.count <= Self.textLimit else { return [] }
        let variants = Variants(grammar: self, whole: whole)
        var matches: [DomainMatch] = []
        let keywords = Set(variants.bare.text.folded.split(separator: Scalars.space).map(Array.init))
        for number in index.candidates(for: variants.haystack) {
            let sentence = sentences[number]
            let block = blocks[sentence.block]
            if !block.requiredKeywords.isEmpty,
                !block.requiredKeywords.contains(where: { keywords.contains(Scalars.fold($0)) })
            {
                continue
            }
            for variant in variants.texts(for: sentence) {
                let matcher = GrammarMatcher(grammar: self, text: variant.text.folded, rule: block.context)
                for state in matcher.complete(sentence.root, context: context) {
                    if let match = result(state, sentence: sentence, text: variant.text) { matches.append(match) }
                }
            }
        }
        return stableSorted(matches)
    }

    private func stableSorted(_ matches: [DomainMatch]) -> [DomainMatch] {
        matches.enumerated().sorted { left, right in
            if left.element.isBetter(than: right.element) { return true }
            if right.element.isBetter(than: left.element) { return false }
            return left.offset < right.offset
        }.map(\.element)
    }

    private func result(_ state: GrammarMatcher.State, sentence: Sentence, text: MatchText) -> DomainMatch? {
        let block = blocks[sentence.block]
        guard let copies = block.context.finish(state.context) else { return nil }
        var match = DomainMatch(
            intent: block.intent, slots: [], place: sentence.place, template: sentence.text, language: language,
            literalCount: state.literalCount, wildcardCount: 0, wildcardLength: 0, response: block.response,
            metadata: block.metadata, captures: [], spoken: [])
        match.isPlainHassil = isPlainHassil
        for entity in state.entities {
            let spoken = text.substring(entity.span)
            if entity.isCapture {
                match.captures.append((entity.slot, spoken))
                continue
            }
            if entity.isWildcard {
                match.wildcardCount += 1
                let length = spoken.unicodeScalars.count
                match.wildcardLength += length
                let isListed = lists.indices.contains(entity.list) && lists[entity.list].names.contains(spoken)
                if isListed, length > 1 { match.listedLength += length }
                match.wildcardCost += isListed ? 1 : length == 1 ? 5 : length
            }
            match.slots.append((entity.slot, value(of: entity, text: text)))
            match.spoken.append((entity.slot, spoken))
        }
        let said = Set(match.slots.map(\.name))
        for (name, value) in block.slots where !said.contains(name) {
            match.slots.append((name, slotValue(value, list: listIndex[name])))
        }
        for (name, value) in copies where !said.contains(name) {
            match.slots.append((name, slotValue(value, list: nil)))
        }
        return match
    }

    func value(of entity: GrammarMatcher.Entity, text: MatchText) -> SlotValue {
        switch entity.value {
        case .wildcard(let range, _), .spoken(let range): .text(text.substring(range))
        case .number(let number): slotValue(.number(number), list: entity.list)
        case .output(let output): slotValue(output, list: entity.list)
        case .builtin(let value): value
        }
    }

    /// Gives a plain value the type of its list: a number gets the list's unit.
    func slotValue(_ value: ContextValue, list: Int?) -> SlotValue {
        switch value {
        case .number(let number):
            guard let list, lists.indices.contains(list) else { return .number(number) }
            if let unit = lists[list].unit { return .measure(number, unit: unit) }
            switch lists[list].kind {
            case .range(let range) where range.kind == .temperature: return .measure(number, unit: "°C")
            case .range(let range) where range.kind == .percentage: return .measure(number, unit: "%")
            case .builtin(.temperature, _): return .measure(number, unit: "°C")
            case .builtin(.percentage, _): return .measure(number, unit: "%")
            case .builtin(.duration, _): return .duration(seconds: Int(number))
            default: return .number(number)
            }
        case .string(let text): return .option(text)
        case .bool(let flag): return .option(flag ? "true" : "false")
        case .null: return .text("")
        case .list(let items): return items.first.map { slotValue($0, list: list) } ?? .text("")
        case .map: return slotValue(value.unpacked, list: list)
        }
    }
}

/// The forms of one text that sentences are tried on: with and without its skip words.
private struct Variants {
    struct Variant {
        var text: MatchText
    }

    let whole: Variant
    let bare: Variant
    let bareStart: Variant
    let bareEnd: Variant
    private let hadSkipWords: Bool

    init(grammar: Grammar, whole text: MatchText) {
        func matchable(_ text: MatchText) -> Variant {
            var text = text
            if grammar.ignoresWhitespace { text.removeHanWhitespace() } else { text.appendBoundary() }
            return Variant(text: text)
        }
        func without(_ scope: MatchText.SkipScope) -> Variant {
            var copy = text
            copy.removeSkipWords(grammar.skipWords, ignoresWhitespace: grammar.ignoresWhitespace, scope: scope)
            return matchable(copy)
        }
        whole = matchable(text)
        bare = without(.everywhere)
        hadSkipWords = bare.text.folded != whole.text.folded
        bareStart = hadSkipWords ? without(.start) : whole
        bareEnd = hadSkipWords ? without(.end) : whole
    }

    var haystack: [[UInt32]] {
        hadSkipWords ? [whole.text.folded, bare.text.folded, bareStart.text.folded] : [whole.text.folded]
    }

    func texts(for sentence: Grammar.Sentence) -> [Variant] {
        guard hadSkipWords else { return [whole] }
        var chosen = bare
        if sentence.isOpen {
            chosen = whole
        } else if sentence.startsOpen {
            chosen = bareEnd
        } else if sentence.endsOpen {
            chosen = bareStart
        }
        return chosen.text.folded == bare.text.folded ? [whole, chosen] : [chosen]
    }
}
