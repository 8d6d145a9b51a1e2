/// What needs the words again: several commands in one breath, corrections, and carrying on with less.
extension DialogueStep {
    private static let separators = [
        "然后再", "然后", "接着", "并且", "同时", "顺便", "再把", "再帮我", "还有", "另外", "跟住", "跟手", "，", ",", "；", ";", "。", "、",
        " and then ", " then ", " and ",
    ]
    private static let corrections = [
        "不是不是", "不是", "不对不对", "不对", "错了", "我说的是", "我说", "我是说", "我要的是", "应该是", "唔系", "唔係", "no i mean ", "i mean ",
        "no ", "not that ",
    ]
    private static let continuations = ["那", "那么", "还有", "再把", "再", "also ", "and ", "what about "]
    private static let leads = ["是", "要", "把", "到", "调到", "开到", "it's "]

    /// The frames of a text that holds several commands, `nil` where it does not.
    mutating func severalCommands() -> [Frame]? {
        let isSwallowed = understanding.slots.contains { slot in
            if case .text(let value) = slot.value { return Self.pieces(of: value).count > 1 }
            return false
        }
        guard understanding.intent == nil || isSwallowed, text.unicodeScalars.count <= 120 else { return nil }
        let pieces = Self.pieces(of: text)
        if pieces.count > 1, pieces.count <= 6, let frames = commands(in: pieces), frames.count > 1 { return frames }
        guard understanding.intent == nil, isDirected else { return nil }
        return splitAnywhere()
    }

    /// The text cut at every separator.
    private static func pieces(of text: String) -> [String] {
        var pieces = [""]
        var rest = text[...]
        scan: while let first = rest.first {
            for separator in separators where rest.hasPrefix(separator) {
                rest = rest.dropFirst(separator.count)
                if separator == "再把" { pieces.append("把") } else { pieces.append("") }
                continue scan
            }
            pieces[pieces.count - 1].append(first)
            rest = rest.dropFirst()
        }
        return pieces.filter { !$0.isEmpty && $0 != "把" }
    }

    private func command(_ text: String) -> Frame? {
        guard let match = domain.match(text).first, !rule(match.intent).isDialogue else { return nil }
        return Frame(intent: match.intent, slots: match.slots)
    }

    /// Longest runs of pieces first; a piece that is no command may borrow the beginning of the one before.
    private func commands(in pieces: [String]) -> [Frame]? {
        var frames: [Frame] = []
        var previous = ""
        var start = 0
        while start < pieces.count {
            var found: (frame: Frame, end: Int, text: String)?
            for end in stride(from: pieces.count, to: start, by: -1) where start > 0 || end < pieces.count {
                let joined = pieces[start..<end].joined()
                if let frame = command(joined) {
                    found = (frame, end, joined)
                    break
                }
            }
            if found == nil, !previous.isEmpty, let (frame, text) = spliced(previous, with: pieces[start]) {
                found = (frame, start + 1, text)
            }
            guard let found else { return nil }
            frames.append(found.frame)
            previous = found.text
            start = found.end
        }
        return frames
    }

    /// Two commands without a word between them: 关窗开空调.
    private func splitAnywhere() -> [Frame]? {
        let letters = Array(text)
        guard (4...24).contains(letters.count),
            letters.contains(where: { $0.unicodeScalars.allSatisfy { Scalars.isHan($0.value) } })
        else { return nil }
        for cut in 2...(letters.count - 2) {
            let head = domain.match(String(letters[..<cut])).first { $0.wildcardCount == 0 }
            guard let head, !rule(head.intent).isDialogue else { continue }
            let tail = domain.match(String(letters[cut...])).first
            guard let tail, !rule(tail.intent).isDialogue else { continue }
            return [Frame(intent: head.intent, slots: head.slots), Frame(intent: tail.intent, slots: tail.slots)]
        }
        return nil
    }

    // MARK: Corrections

    /// «不是，是左边的»: the newest command again with what was wrong replaced.
    mutating func correct() -> Turn? {
        guard let rest = Self.remainder(of: text, after: Self.corrections), let last = dialogue.done.last,
            seconds - last.at < 60
        else { return nil }
        return redo(last, with: rest, whole: true)
    }

    /// «那副驾呢», «二十六度»: the newest command again with another value.
    mutating func carryOn() -> Turn? {
        guard let last = dialogue.done.last, seconds - last.at < 40 else { return nil }
        if let rest = Self.remainder(of: text, after: Self.continuations) { return redo(last, with: rest, whole: true) }
        var bare = text
        for ending in ["呢", "也要", "也是", "也打开", "也关上", "也一样"] where bare.hasSuffix(ending) {
            bare = String(bare.dropLast(ending.count))
            return redo(last, with: bare, whole: true)
        }
        guard isDirected, seconds - last.at < 15, text.unicodeScalars.count <= 8 else { return nil }
        return redo(last, with: text, whole: false)
    }

    /// What follows one of the openings, without the little words before it; `nil` where the text has no such opening.
    private static func remainder(of text: String, after openings: [String]) -> String? {
        let lowered = text.lowercased()
        guard let opening = openings.filter({ lowered.hasPrefix($0) }).max(by: { $0.count < $1.count }) else {
            return nil
        }
        var rest = String(text.dropFirst(opening.count))
        while let first = rest.first, "，, 。,！!".contains(first) { rest.removeFirst() }
        if let next = (corrections + leads).filter({ rest.hasPrefix($0) }).max(by: { $0.count < $1.count }) {
            rest = String(rest.dropFirst(next.count))
        }
        for ending in ["呢", "的", "。", "！"] where rest.hasSuffix(ending) && rest.count > ending.count {
            rest = String(rest.dropLast(ending.count))
        }
        return rest.isEmpty ? nil : rest
    }

    private mutating func redo(_ last: Dialogue.Done, with rest: String, whole: Bool) -> Turn? {
        if whole, let frame = command(rest) { return act(on: [frame]) }
        // A value for a slot: first the slots that were said, then the others the intent has.
        let said = last.frame.slots.map(\.name)
        let others = domain.slots(of: last.frame.intent).subtracting(said).sorted()
        for slot in said + others where !domain.isOpen(slot, of: last.frame.intent) {
            guard let value = domain.value(of: slot, intent: last.frame.intent, in: rest) else { continue }
            var frame = last.frame
            guard frame[slot: slot] != value else { continue }
            frame[slot: slot] = value
            return act(on: [frame])
        }
        guard whole else { return nil }
        if !last.text.isEmpty, let (frame, _) = spliced(last.text, with: rest) { return act(on: [frame]) }
        // An open slot takes the words themselves.
        if let slot = said.first(where: { domain.isOpen($0, of: last.frame.intent) }),
            let value = domain.value(of: slot, intent: last.frame.intent, in: rest)
        {
            var frame = last.frame
            frame[slot: slot] = value
            return act(on: [frame])
        }
        return nil
    }

    /// An earlier sentence with its end, or its middle, replaced by other words: 打开车窗 + 天窗 → 打开天窗.
    private func spliced(_ earlier: String, with words: String) -> (frame: Frame, text: String)? {
        let letters = Array(earlier)
        guard letters.count <= 30 else { return nil }
        for head in stride(from: letters.count - 1, through: 1, by: -1) {
            let candidate = String(letters[..<head]) + words
            if let match = domain.match(candidate).first, match.wildcardCount == 0, !rule(match.intent).isDialogue {
                return (Frame(intent: match.intent, slots: match.slots), candidate)
            }
        }
        for tail in 1..<max(2, letters.count) {
            let candidate = words + String(letters[tail...])
            if let match = domain.match(candidate).first, match.wildcardCount == 0, !rule(match.intent).isDialogue {
                return (Frame(intent: match.intent, slots: match.slots), candidate)
            }
        }
        return nil
    }
}
