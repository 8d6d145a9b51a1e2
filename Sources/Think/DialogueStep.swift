import Language

/// One utterance being worked on: the rules of the dialogue, in the order in which they are tried.
struct DialogueStep {
    var dialogue: Dialogue
    let understanding: Understanding
    let domain: Domain
    let seconds: Double
    let language: String

    var text: String { understanding.text }
    var isDirected: Bool { understanding.directed >= dialogue.directedThreshold }

    var composer: ReplyComposer? { domain.composer(language: language, seed: dialogue.turnCount) }

    func phrase(_ name: String, _ values: [String: String] = [:]) -> String {
        composer?.phrase(name, values) ?? ""
    }

    func rule(_ intent: String) -> FrameRule { domain.frames[intent] ?? FrameRule() }

    /// Tries answer, command, several commands, correction, carrying on; what is left is unclear or not meant for us.
    mutating func run() -> Turn {
        if let turn = answerQuestion() { return turn }
        if let commands = severalCommands() { return act(on: commands) }
        if let intent = understanding.intent {
            let frame = Frame(intent: intent, slots: understanding.slots)
            return rule(intent).isDialogue ? talk(frame) : act(on: [frame])
        }
        if let turn = correct() { return turn }
        if let turn = carryOn() { return turn }
        return unclear()
    }

    // MARK: Answers to a question

    private mutating func answerQuestion() -> Turn? {
        guard let question = dialogue.question else { return nil }
        let intent = understanding.intent
        if intent == "dialogue.cancel" || (intent == "dialogue.no" && !isConfirmation(question.asked)) {
            dialogue.question = nil
            return Turn(kind: .answer, reply: phrase("cancelled"))
        }
        if intent == "dialogue.repeat" || intent == "dialogue.help" { return nil }
        switch question.asked {
        case .confirmation(let frames): return answerConfirmation(frames, intent)
        case .slot(let frame, let slot): return answer(slot, of: frame, intent: intent)
        case .choice(let frame, let slot, let options): return choose(frame, slot, options, intent)
        }
    }

    private func isConfirmation(_ question: Dialogue.Question) -> Bool {
        if case .confirmation = question { return true }
        return false
    }

    private mutating func answerConfirmation(_ frames: [Frame], _ intent: String?) -> Turn? {
        switch intent {
        case "dialogue.yes":
            dialogue.question = nil
            return perform(frames)
        case "dialogue.no":
            dialogue.question = nil
            return Turn(kind: .answer, reply: phrase("cancelled"))
        case nil:
            // Neither yes nor no, and no command: the question stands until it expires.
            if let turn = correct() { return turn }
            return isDirected ? Turn(kind: .ask, reply: confirmation(of: frames)) : Turn(kind: .silent)
        default:
            // The same command again means it.
            if frames.count == 1, frames[0].intent == intent {
                dialogue.question = nil
                return perform(frames)
            }
            dialogue.question = nil
            return nil
        }
    }

    private mutating func answer(_ slot: String, of frame: Frame, intent: String?) -> Turn? {
        if let intent, !rule(intent).isDialogue {
            dialogue.question = nil
            guard intent == frame.intent else { return nil }
            // The whole command again, now with the slot: what was known before stays.
            var merged = Frame(intent: intent, slots: understanding.slots)
            for (name, value) in frame.slots where merged[slot: name] == nil { merged[slot: name] = value }
            return act(on: [merged])
        }
        // A sentence of the dialogue answers only a closed slot that it happens to name.
        if intent != nil, domain.isOpen(slot, of: frame.intent) {
            return intent == "dialogue.yes" ? ask(slot, of: frame) : nil
        }
        guard let value = domain.value(of: slot, intent: frame.intent, in: text) else {
            if intent != nil { return nil }
            return isDirected ? ask(slot, of: frame) : Turn(kind: .silent)
        }
        dialogue.question = nil
        var filled = frame
        filled[slot: slot] = value
        return act(on: [filled])
    }

    private mutating func choose(_ frame: Frame, _ slot: String, _ options: [SlotValue], _ intent: String?) -> Turn? {
        var chosen: SlotValue?
        if intent == "dialogue.choose", let number = understanding.slots.first?.value.numericValue {
            let index = number < 0 ? options.count - 1 : Int(number) - 1
            if options.indices.contains(index) { chosen = options[index] }
        } else if intent == "dialogue.yes" {
            chosen = options.first
        } else if intent == nil {
            chosen = options.first { option in option.textValue.map { !$0.isEmpty && text.contains($0) } ?? false }
        } else if let intent, !rule(intent).isDialogue {
            dialogue.question = nil
            return nil
        }
        guard let chosen else {
            let names = options.prefix(5).compactMap { $0.textValue }.joined(separator: "，")
            return isDirected || intent != nil
                ? Turn(kind: .ask, reply: phrase("which", ["choices": names]), asksFor: (frame.intent, slot))
                : Turn(kind: .silent)
        }
        dialogue.question = nil
        var filled = frame
        filled[slot: slot] = chosen
        return act(on: [filled])
    }

    // MARK: Acting

    /// Acts on commands: asks for what is missing, confirms what is risky, then performs.
    mutating func act(on commands: [Frame]) -> Turn {
        let frames = commands.map(resolved)
        var ready: [Frame] = []
        for (index, frame) in frames.enumerated() {
            let missing = rule(frame.intent).needs.first { frame[slot: $0] == nil }
            guard let missing else {
                ready.append(frame)
                continue
            }
            // What comes before is done now; what comes after would wait behind the question and is dropped with it.
            let rest = Array(frames[(index + 1)...].filter { isComplete($0) })
            var turn = ask(missing, of: frame)
            let now = ready + rest
            if !now.isEmpty, !now.contains(where: { rule($0.intent).needsConfirmation }) {
                let performed = perform(now)
                turn.frames = performed.frames
                turn.reply = performed.reply + (performed.reply.isEmpty ? "" : "。") + turn.reply
            }
            return turn
        }
        let isAsked =
            understanding.act == "question" && !isPolite && ready.contains { rule($0.intent).topic != nil }
        if isAsked || ready.contains(where: { rule($0.intent).needsConfirmation }) {
            dialogue.question = (.confirmation(ready), seconds)
            return Turn(kind: .ask, reply: confirmation(of: ready))
        }
        return perform(ready)
    }

    /// Whether what is put, or sounds, like a question is a polite command: 「打开车窗好吗」, 「能不能打开车窗」, 「打开车窗吧」.
    private var isPolite: Bool {
        let endings = ["好吗", "好不好", "行吗", "行不行", "可以吗", "好么", "得唔得", "好唔好", "吧", "谢谢"]
        let openings = ["能不能", "可不可以", "能否", "可以", "麻烦", "请", "can you", "could you", "would you", "please"]
        let bare = text.lowercased().filter { !"。？?！! ".contains($0) }
        return endings.contains { bare.hasSuffix($0) } || openings.contains { text.lowercased().hasPrefix($0) }
    }

    private static let pronouns: Set<String> = ["他", "她", "它", "佢", "他们", "那里", "那儿", "那", "him", "her", "there"]

    /// Pronouns in open slots stand for what was named before; without that the slot is empty.
    private func resolved(_ frame: Frame) -> Frame {
        var frame = frame
        for (name, value) in frame.slots {
            guard case .text(let words) = value, Self.pronouns.contains(words) else { continue }
            frame[slot: name] = dialogue.done.reversed().compactMap { $0.frame[slot: name] }.first
        }
        return frame
    }

    private func isComplete(_ frame: Frame) -> Bool {
        rule(frame.intent).needs.allSatisfy { frame[slot: $0] != nil }
    }

    mutating func ask(_ slot: String, of frame: Frame) -> Turn {
        dialogue.question = (.slot(frame, slot: slot), seconds)
        let question = domain.question(
            intent: frame.intent, slot: slot, language: language, seed: dialogue.turnCount)
        return Turn(kind: .ask, reply: question, asksFor: (frame.intent, slot))
    }

    private func confirmation(of frames: [Frame]) -> String {
        let isOwn =
            frames.contains { $0.intent == understanding.intent } || understanding.intent == nil && !dialogue.isWaiting
        let what = isOwn ? text : dialogue.lastText.isEmpty ? text : dialogue.lastText
        let trimmed = MatchText(what, ignoresWhitespace: true)
        return phrase("confirm", ["what": trimmed.substring(0..<trimmed.count)])
    }

    mutating func perform(_ frames: [Frame]) -> Turn {
        var replies: [String] = []
        let isRepeated = isAngryRepeat
        for frame in frames {
            dialogue.remember(frame, text: text, at: seconds)
            let reply =
                domain.reply(
                    intent: frame.intent, slots: frame.slots, language: language, seed: dialogue.turnCount,
                    time: dialogue.localTime()) ?? phrase("done")
            replies.append(reply)
        }
        var reply = Self.join(replies)
        if isRepeated { reply = apology() }
        return Turn(kind: .act, frames: frames, reply: reply)
    }

    /// Several replies as one sentence: a second «好的，» is left out.
    private static func join(_ replies: [String]) -> String {
        var result = ""
        for reply in replies where !reply.isEmpty {
            if result.isEmpty {
                result = reply
            } else {
                result += "，" + (reply.hasPrefix("好的，") ? String(reply.dropFirst(3)) : reply)
            }
        }
        return result
    }

    // MARK: Not understood

    private var isAngryRepeat: Bool {
        guard understanding.emotion == "angry", !dialogue.lastText.isEmpty else { return false }
        let now = Scalars.fold(text)
        let before = Scalars.fold(dialogue.lastText)
        return NearestName.distance(Array(now.prefix(60)), Array(before.prefix(60))) <= max(now.count, before.count) / 3
    }

    private func apology() -> String {
        let intents = domain.intents.filter { !rule($0).isDialogue }
        let near = NearestSentence.intent(like: text, in: domain) ?? dialogue.done.last?.frame.intent ?? intents.first
        let example = near.flatMap { domain.example(of: $0, language: language) ?? domain.example(of: $0) } ?? ""
        return phrase("angry", ["example": example])
    }

    private mutating func unclear() -> Turn {
        guard isDirected, !text.isEmpty else { return Turn(kind: .silent) }
        if understanding.emotion == "angry", dialogue.lastWasUnclear || isAngryRepeat {
            return Turn(kind: .unclear, reply: apology())
        }
        let isLong = text.unicodeScalars.count > 20
        return Turn(
            kind: .unclear,
            reply: isLong || dialogue.lastWasUnclear ? phrase("not_understood") : phrase("heard", ["text": text]))
    }
}

/// Finds the intent whose sentences share most with a text.
enum NearestSentence {
    static func intent(like text: String, in domain: Domain) -> String? {
        let wanted = Set(Scalars.fold(text).filter { Scalars.isWord($0) })
        guard !wanted.isEmpty else { return nil }
        var best: (score: Double, intent: String)?
        for grammar in domain.grammars where !grammar.isPlainHassil {
            for number in grammar.index.candidates(for: [Scalars.fold(text)]) {
                let sentence = grammar.sentences[number]
                let intent = grammar.blocks[sentence.block].intent
                guard domain.frames[intent]?.isDialogue != true else { continue }
                let letters = Set(Scalars.fold(SentenceSample.plain(sentence.root, of: grammar)))
                let score = Double(wanted.intersection(letters).count) / Double(max(4, letters.union(wanted).count))
                if score > best?.score ?? 0.2 { best = (score, intent) }
            }
        }
        return best?.intent
    }
}
