/// The dialogue's own sentences: yes and no, repeat and help, more and less, undo, references.
extension DialogueStep {
    mutating func talk(_ frame: Frame) -> Turn {
        switch frame.intent {
        case "dialogue.repeat":
            guard !dialogue.lastReply.isEmpty else { return answer("nothing_to_repeat") }
            // «什么？» long after the last reply is said to somebody else.
            guard seconds - dialogue.lastReplyAt < 60 else { return Turn(kind: .silent) }
            return Turn(kind: dialogue.isWaiting ? .ask : .answer, reply: dialogue.lastReply)
        case "dialogue.help": return help()
        case "dialogue.undo": return undo()
        case "dialogue.more": return adjust(up: true, by: frame)
        case "dialogue.less": return adjust(up: false, by: frame)
        case "dialogue.off": return refer { $0.off }
        case "dialogue.on": return refer { $0.on }
        case "dialogue.cancel": return cancelNothing()
        case "phone.call_them": return callThem()
        case "dialogue.yes", "dialogue.no", "dialogue.choose":
            // With nothing asked, these are talk between people.
            return Turn(kind: .silent)
        default:
            return Turn(kind: .answer, reply: reply(to: frame))
        }
    }

    private func reply(to frame: Frame) -> String {
        domain.reply(
            intent: frame.intent, slots: frame.slots, language: language, seed: dialogue.turnCount,
            time: dialogue.localTime()) ?? phrase("done")
    }

    private func answer(_ name: String) -> Turn { Turn(kind: .answer, reply: phrase(name)) }

    private func help() -> Turn {
        var words = reply(to: Frame(intent: "dialogue.help"))
        let intents = domain.intents.filter { !rule($0).isDialogue && !$0.hasPrefix("dialogue.") }
        if !intents.isEmpty {
            let intent = intents[(dialogue.turnCount * 7) % intents.count]
            if let example = domain.example(of: intent, language: language), language == "zh" {
                words += "，还可以说，\(example)"
            }
        }
        return Turn(kind: dialogue.isWaiting ? .ask : .answer, reply: words)
    }

    /// «取消» with nothing pending: answered when something was just done, silent otherwise.
    private func cancelNothing() -> Turn {
        guard let last = dialogue.done.last, seconds - last.at < 30 else { return Turn(kind: .silent) }
        return answer("nothing_to_cancel")
    }

    /// Slots that another intent of the same thing can take: the room, the seat.
    private func carried(_ frame: Frame, to intent: String) -> [(name: String, value: SlotValue)] {
        let slots = domain.slots(of: intent)
        let source = rule(frame.intent)
        let moved = Set(source.needs).union([source.adjust?.slot].compactMap { $0 })
        return frame.slots.filter { slots.contains($0.name) && (intent == frame.intent || !moved.contains($0.name)) }
    }

    private mutating func undo() -> Turn {
        let last = dialogue.done.last { rule($0.frame.intent).undo != nil || !$0.before.isEmpty }
        guard let last else { return answer(dialogue.done.isEmpty ? "nothing_to_undo" : "cannot_undo") }
        var frame = last.frame
        if !last.before.isEmpty {
            for (name, value) in last.before { frame[slot: name] = value }
        } else if let intent = rule(last.frame.intent).undo {
            frame = Frame(intent: intent, slots: carried(last.frame, to: intent))
        }
        if let place = dialogue.done.lastIndex(where: { $0.frame.intent == last.frame.intent && $0.at == last.at }) {
            dialogue.done.remove(at: place)
        }
        let turn = perform([frame])
        // Taking back is not done again by taking back: the frame itself leaves the memory of undo.
        if !dialogue.done.isEmpty { dialogue.done[dialogue.done.count - 1].before = [:] }
        return turn
    }

    private mutating func adjust(up: Bool, by request: Frame) -> Turn {
        let last = dialogue.done.last {
            let declared = rule($0.frame.intent)
            return declared.adjust != nil && $0.frame[slot: declared.adjust?.slot ?? ""]?.numericValue != nil
                || (up ? declared.more : declared.less) != nil
        }
        guard let last else { return isDirected ? answer("nothing_referred") : Turn(kind: .silent) }
        let declared = rule(last.frame.intent)
        if let adjust = declared.adjust, let value = last.frame[slot: adjust.slot], let number = value.numericValue {
            let amount = request.slots.first?.value.numericValue ?? adjust.step
            let moved = min(max(number + (up ? amount : -amount), adjust.bounds.lowerBound), adjust.bounds.upperBound)
            let rounded = (moved * 10).rounded() / 10
            guard rounded != number, let newValue = value.replacingNumber(with: rounded) else { return answer("limit") }
            var frame = last.frame
            frame[slot: adjust.slot] = newValue
            return perform([frame])
        }
        guard let intent = up ? declared.more : declared.less else { return answer("limit") }
        return perform([Frame(intent: intent, slots: carried(last.frame, to: intent))])
    }

    private mutating func refer(_ target: (FrameRule) -> String?) -> Turn {
        let last = dialogue.done.last { target(rule($0.frame.intent)) != nil }
        guard let last, let intent = target(rule(last.frame.intent)) else {
            return isDirected ? answer("nothing_referred") : Turn(kind: .silent)
        }
        return act(on: [Frame(intent: intent, slots: carried(last.frame, to: intent))])
    }

    private mutating func callThem() -> Turn {
        let known = dialogue.done.reversed().compactMap { $0.frame[slot: "contact"] }.first
        guard let known else { return ask("contact", of: Frame(intent: "phone.call")) }
        return act(on: [Frame(intent: "phone.call", slots: [("contact", known)])])
    }
}
