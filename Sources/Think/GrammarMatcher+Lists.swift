extension GrammarMatcher {
    func match(_ use: Grammar.ListUse, _ state: State, into result: inout [State]) {
        guard state.position < text.count else { return }
        switch grammar.lists[use.list].kind {
        case .values(let values): match(values, use, state, into: &result)
        case .range(let range):
            if state.isOpen {
                matchNumberAfterWildcard(range, use, state, into: &result)
            } else {
                matchNumber(range, use, state, into: &result)
            }
        case .wildcard:
            var open = state
            let position = state.position
            open.entities.append(
                Entity(
                    slot: use.slot, list: use.list, value: .wildcard(position..<position, isEndOfWord: use.isEndOfWord),
                    span: position..<position))
            open.isOpen = true
            result.append(open)
        case .builtin(let kind, let node): match(kind, node, use, state, into: &result)
        }
    }

    private func match(_ values: Grammar.Values, _ use: Grammar.ListUse, _ state: State, into result: inout [State]) {
        let candidates: [Int]
        var position = state.position
        while position < text.count, text[position] == Scalars.space { position += 1 }
        if state.isOpen {
            candidates = Array(values.items.indices)
        } else if position < text.count {
            candidates = values.candidates(startingWith: (state.isBroken ? broken(position) : text[position]))
        } else {
            candidates = values.open
        }
        for number in candidates where result.count < Self.stateLimit {
            let value = values.items[number]
            guard rule.isEmpty || rule.allowsListValue(value.context) else { continue }
            var inner: [State] = []
            match(value.node, state, into: &inner)
            for after in inner {
                let start = spanStart(before: state, after: after)
                let span = min(start, after.position)..<after.position
                var next = after
                next.startsWord = state.startsWord
                next.literalCount = state.literalCount
                next.isOpen = false
                next.entities.append(
                    Entity(
                        slot: use.slot, list: use.list, value: value.output.map(Value.output) ?? .spoken(span),
                        span: span, isCapture: use.isCapture))
                if !value.context.isEmpty { next.context.merge(value.context) { _, new in new } }
                result.append(next)
            }
        }
    }

    private func broken(_ position: Int) -> UInt32 {
        text[position] == Scalars.hyphen || text[position] == Scalars.underscore ? Scalars.space : text[position]
    }

    /// Where the value's own text starts: after a wildcard that it has just closed.
    private func spanStart(before: State, after: State) -> Int {
        guard before.isOpen, before.entities.count <= after.entities.count, let last = before.entities.indices.last,
            case .wildcard(let range, _) = after.entities[last].value
        else { return before.position }
        return range.upperBound
    }

    private func appendNumber(
        _ value: Double, _ range: RangeSource, _ use: Grammar.ListUse, span: Range<Int>, state: State,
        literal: Int = 0, isWord: Bool, into result: inout [State]
    ) {
        guard range.contains(value) else { return }
        var next = state
        next.position = span.upperBound
        next.isOpen = false
        next.literalCount += literal
        if isWord { next.startsWord = false }
        next.entities.append(
            Entity(
                slot: use.slot, list: use.list, value: .number(value * (range.multiplier ?? 1)), span: span,
                isCapture: use.isCapture))
        result.append(next)
    }

    private func wordLanguage(_ range: RangeSource) -> String { range.wordsLanguage ?? grammar.language }

    private func matchNumber(
        _ range: RangeSource, _ use: Grammar.ListUse, _ state: State, into result: inout [State]
    ) {
        if let digits = digits(at: state.position, fractions: range.fractions != nil) {
            guard range.allowsDigits else { return }
            appendNumber(
                digits.value, range, use, span: state.position..<digits.end, state: state, isWord: false, into: &result)
            return
        }
        guard range.allowsWords else { return }
        var position = state.position
        if !grammar.isPlainHassil || grammar.ignoresWhitespace {
            while position < text.count, text[position] == Scalars.space { position += 1 }
        }
        let hits = NumberWords.hits(
            in: text, at: position, language: wordLanguage(range), isStrict: grammar.isPlainHassil)
        for hit in hits {
            appendNumber(
                hit.value, range, use, span: position..<(position + hit.length), state: state, literal: hit.length,
                isWord: true, into: &result)
        }
    }

    private func matchNumberAfterWildcard(
        _ range: RangeSource, _ use: Grammar.ListUse, _ state: State, into result: inout [State]
    ) {
        var position = state.position
        var foundDigits = false
        while position < text.count {
            if let digits = digits(at: position, fractions: range.fractions != nil) {
                foundDigits = true
                if range.allowsDigits {
                    appendClosing(
                        digits.value, range, use, span: position..<digits.end, state: state, literal: 0, &result)
                }
                position = digits.end
            } else {
                position += 1
            }
        }
        guard range.allowsWords, !foundDigits else { return }
        for start in state.position..<text.count where result.count < Self.stateLimit {
            let hits = NumberWords.hits(
                in: text, at: start, language: wordLanguage(range), isStrict: grammar.isPlainHassil)
            for hit in hits {
                appendClosing(
                    hit.value, range, use, span: start..<(start + hit.length), state: state, literal: hit.length,
                    &result)
            }
        }
    }

    private func appendClosing(
        _ value: Double, _ range: RangeSource, _ use: Grammar.ListUse, span: Range<Int>, state: State, literal: Int,
        _ result: inout [State]
    ) {
        guard let last = state.entities.indices.last, case .wildcard(_, let ends) = state.entities[last].value else {
            return
        }
        var closed = state
        let taken = state.position..<span.lowerBound
        closed.entities[last].value = .wildcard(taken, isEndOfWord: ends)
        closed.entities[last].span = taken
        appendNumber(value, range, use, span: span, state: closed, literal: literal, isWord: literal > 0, into: &result)
    }

    /// Digits with leading spaces and sign, and a decimal part where fractions are allowed.
    private func digits(at start: Int, fractions: Bool) -> (value: Double, end: Int)? {
        var position = start
        while position < text.count, text[position] == Scalars.space { position += 1 }
        var number = String.UnicodeScalarView()
        if position < text.count, text[position] == Scalars.hyphen {
            number.append("-")
            position += 1
        }
        let first = position
        func take() {
            while position < text.count, Scalars.isDigit(text[position]), position - first < 18,
                let scalar = Unicode.Scalar(text[position])
            {
                number.append(scalar)
                position += 1
            }
        }
        take()
        guard position > first else { return nil }
        if fractions, position + 1 < text.count, text[position] == Scalars.dot || text[position] == 0x2C,
            Scalars.isDigit(text[position + 1])
        {
            number.append(".")
            position += 1
            take()
        }
        return Double(String(number)).map { ($0, position) }
    }

    private func match(
        _ kind: BuiltinKind, _ node: Int, _ use: Grammar.ListUse, _ state: State, into result: inout [State]
    ) {
        var inner: [State] = []
        match(node, state, into: &inner)
        let known = state.entities.count
        for after in inner where result.count < Self.stateLimit {
            guard after.position > state.position else { continue }
            let parts = after.entities.dropFirst(known).compactMap { entity -> BuiltinKind.Part? in
                switch entity.value {
                case .number(let number): BuiltinKind.Part(slot: entity.slot, value: .number(number))
                case .output(let output): BuiltinKind.Part(slot: entity.slot, value: output)
                default: nil
                }
            }
            guard let value = kind.value(of: parts) else { continue }
            var next = after
            next.entities.removeSubrange(known...)
            next.isOpen = false
            next.startsWord = state.startsWord
            next.literalCount = state.literalCount
            let start = spanStart(before: state, after: after)
            let span = min(start, after.position)..<after.position
            next.entities.append(
                Entity(slot: use.slot, list: use.list, value: .builtin(value), span: span, isCapture: use.isCapture))
            result.append(next)
        }
    }
}
