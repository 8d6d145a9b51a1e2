/// Matches one text against a grammar's nodes, breadth first, in hassil's order.
struct GrammarMatcher {
    /// What a slot got.
    enum Value: Sendable {
        /// Text of an open slot; empty while it is open.
        case wildcard(Range<Int>, isEndOfWord: Bool)
        case number(Double)
        case output(ContextValue)
        case spoken(Range<Int>)
        case builtin(SlotValue)
    }

    struct Entity: Sendable {
        var slot: String
        var list: Int
        var value: Value
        var span: Range<Int>
        var isCapture = false

        var isWildcard: Bool {
            if case .wildcard = value { return true }
            return false
        }
    }

    /// One partial match.
    struct State: Sendable {
        var position = 0
        var entities: [Entity] = []
        var startsWord = true
        /// The last entity is a wildcard that has not got its text yet.
        var isOpen = false
        var literalCount = 0
        /// From here on, hyphens and underscores count as spaces.
        var isBroken = false
        var context: [String: ContextValue] = [:]
    }

    /// More partial matches than this mean an absurd sentence or text; the rest is dropped.
    static let stateLimit = 4096

    let grammar: Grammar
    let text: [UInt32]
    let rule: ContextRule
    private let broken: [UInt32]
    private let hasBreaks: Bool

    init(grammar: Grammar, text: [UInt32], rule: ContextRule) {
        self.grammar = grammar
        self.text = text
        self.rule = rule
        hasBreaks = text.contains(Scalars.hyphen) || text.contains(Scalars.underscore)
        broken =
            hasBreaks ? text.map { $0 == Scalars.hyphen || $0 == Scalars.underscore ? Scalars.space : $0 } : text
    }

    /// The states in which the whole text is used up.
    func complete(_ root: Int, context: [String: ContextValue]) -> [State] {
        var start = State()
        start.context = context
        var states: [State] = []
        match(root, start, into: &states)
        return states.compactMap(finished)
    }

    private func finished(_ state: State) -> State? {
        var state = state
        var end = text.count
        while end > state.position, text[end - 1] == Scalars.space { end -= 1 }
        if state.position < end {
            if state.isOpen {
                close(&state, over: state.position..<end)
                state.position = text.count
            } else if text[state.position..<end].contains(where: { !Scalars.isPunctuation($0) && $0 != Scalars.space })
            {
                return nil
            }
        }
        for entity in state.entities {
            if case .wildcard(let range, _) = entity.value, isBlank(range) { return nil }
        }
        return state
    }

    private func isBlank(_ range: Range<Int>) -> Bool { text[range].allSatisfy { $0 == Scalars.space } }

    private func close(_ state: inout State, over range: Range<Int>) {
        guard let last = state.entities.indices.last, case .wildcard(_, let ends) = state.entities[last].value else {
            return
        }
        state.entities[last].value = .wildcard(range, isEndOfWord: ends)
        state.entities[last].span = range
        state.isOpen = false
    }

    func match(_ number: Int, _ state: State, into result: inout [State]) {
        switch grammar.nodes[number] {
        case .empty: result.append(state)
        case .text(let chunk): match(chunk, state, into: &result)
        case .sequence(let items):
            var current = [state]
            for item in items {
                var next: [State] = []
                for state in current where next.count < Self.stateLimit { match(item, state, into: &next) }
                if next.isEmpty { return }
                current = next
            }
            result += current
        case .alternative(let items):
            for item in items where result.count < Self.stateLimit { match(item, state, into: &result) }
        case .permutation(let items): matchAnyOrder(items, state, into: &result)
        case .list(let use): match(use, state, into: &result)
        }
    }

    private func matchAnyOrder(_ items: [Int], _ state: State, into result: inout [State]) {
        if items.count == 1 { return match(items[0], state, into: &result) }
        for (index, item) in items.enumerated() {
            var after: [State] = []
            match(item, state, into: &after)
            var rest = items
            rest.remove(at: index)
            for state in after where result.count < Self.stateLimit { matchAnyOrder(rest, state, into: &result) }
        }
    }

    // MARK: Literal text

    private func match(_ chunk: Grammar.Chunk, _ state: State, into result: inout [State]) {
        var state = state
        let view = state.isBroken ? broken : text
        var pattern = chunk.scalars[...]
        if grammar.ignoresWhitespace {
            // Spaces mean nothing next to Han; elsewhere either side may have one that the other lacks.
            pattern = pattern.drop { $0 == Scalars.space }
            while pattern.last == Scalars.space { pattern.removeLast() }
            if pattern.isEmpty { return result.append(state) }
            if !state.isOpen { while isSpace(view, state.position) { state.position += 1 } }
        } else if state.startsWord {
            pattern = pattern.dropFirst(chunk.lead)
            while isSpace(view, state.position) { state.position += 1 }
        }
        let isBlank = chunk.strippedCount == 0
        if state.isOpen {
            if isBlank {
                state.startsWord = true
                return result.append(state)
            }
            return matchAfterWildcard(chunk, pattern, view, state, into: &result)
        }
        if starts(view, at: state.position, with: pattern) {
            state.position += pattern.count
            state.startsWord = chunk.endsWord
            state.literalCount += chunk.strippedCount
            return result.append(state)
        }
        if isBlank, view[state.position...].allSatisfy({ $0 == Scalars.space }) { return result.append(state) }
        if hasBreaks, !state.isBroken, starts(broken, at: state.position, with: pattern) {
            state.isBroken = true
            state.position += pattern.count
            result.append(state)
        }
    }

    private func isSpace(_ view: [UInt32], _ position: Int) -> Bool {
        position < view.count && view[position] == Scalars.space
    }

    private func starts(_ view: [UInt32], at position: Int, with pattern: ArraySlice<UInt32>) -> Bool {
        guard position + pattern.count <= view.count else { return false }
        var index = position
        for scalar in pattern {
            if view[index] != scalar { return false }
            index += 1
        }
        return true
    }

    /// The wildcard takes everything up to each later place where the chunk stands.
    private func matchAfterWildcard(
        _ chunk: Grammar.Chunk, _ pattern: ArraySlice<UInt32>, _ view: [UInt32], _ state: State,
        into result: inout [State]
    ) {
        guard case .wildcard(_, let endsWord)? = state.entities.last?.value else { return }
        let needsBoundary = !grammar.ignoresWhitespace && endsWord
        let base = state.position
        var start = find(pattern, in: view, from: base, sliceStart: base, needsBoundary: needsBoundary)
        if start == base {
            start = find(pattern, in: view, from: base + 1, sliceStart: base + 1, needsBoundary: needsBoundary)
        }
        while let found = start, result.count < Self.stateLimit {
            var closed = state
            close(&closed, over: base..<found)
            closed.position = found
            closed.startsWord = true
            match(chunk, closed, into: &result)
            start = find(pattern, in: view, from: found + 1, sliceStart: found + 1, needsBoundary: false)
        }
    }

    private func find(
        _ pattern: ArraySlice<UInt32>, in view: [UInt32], from start: Int, sliceStart: Int, needsBoundary: Bool
    ) -> Int? {
        guard view.count >= pattern.count, start <= view.count - pattern.count else { return nil }
        for position in start...(view.count - pattern.count) where starts(view, at: position, with: pattern) {
            guard needsBoundary else { return position }
            let isWord = Scalars.isWord(view[position])
            if position == sliceStart ? isWord : Scalars.isWord(view[position - 1]) != isWord { return position }
        }
        return nil
    }
}
