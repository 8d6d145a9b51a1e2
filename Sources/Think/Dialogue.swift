import Language

/// The state of one conversation: a pure value, fed with understandings and the clock, which answers with turns.
///
/// It asks for missing slots and takes bare answers, carries on from what was said before, splits several commands in
/// one breath, confirms what is risky, takes back what was done, and forgets with time. Every state accepts every
/// utterance: a question that is not answered is dropped when something else is commanded, cancelled or too old.
public struct Dialogue: Sendable {
    /// Seconds after which a question of the device is forgotten.
    public var questionSeconds = 25.0
    /// Seconds after which earlier commands are no longer referred to.
    public var memorySeconds = 180.0
    /// Below this, speech that is no sentence of the domain stays without an answer.
    public var directedThreshold = 0.5
    /// Tells the time for replies that say it.
    public var localTime: @Sendable () -> LocalTime = LocalTime.now

    /// What the device waits for.
    enum Question: Sendable {
        case slot(Frame, slot: String)
        case confirmation([Frame])
        case choice(Frame, slot: String, options: [SlotValue])
    }

    /// A frame that was acted on.
    struct Done: Sendable {
        var frame: Frame
        var text: String
        var at: Double
        /// The values that the frame's slots had before, for undo.
        var before: [String: SlotValue]
    }

    var question: (asked: Question, at: Double)?
    var done: [Done] = []
    var lastText = ""
    var lastReply = ""
    var lastReplyAt = -Double.infinity
    var lastWasUnclear = false
    var turnCount = 0

    /// A conversation that has not begun.
    public init() {}

    /// Whether the device waits for an answer: then bare answers are meant for it.
    public var isWaiting: Bool { question != nil }

    /// Whether somebody is talking with the device: it waits for an answer, or did something a moment ago.
    public func isConversing(at seconds: Double) -> Bool {
        if let question, seconds - question.at <= questionSeconds { return true }
        return done.last.map { seconds - $0.at <= 20 } ?? false
    }

    /// The slot that is being asked for, so that the spoken search can expect its values; nil once the question is old.
    public func expectation(at seconds: Double) -> (intent: String, slot: String)? {
        guard let question, seconds - question.at <= questionSeconds else { return nil }
        switch question.asked {
        case .slot(let frame, let slot), .choice(let frame, let slot, _): return (frame.intent, slot)
        case .confirmation: return nil
        }
    }

    /// Takes one utterance.
    ///
    /// - Parameters:
    ///   - understanding: What the utterance meant on its own.
    ///   - domain: The domain in force.
    ///   - seconds: The session's clock.
    ///   - dialect: The dialect spoken, when known; otherwise it follows from the letters.
    public mutating func advance(
        _ understanding: Understanding, domain: Domain, at seconds: Double, dialect: Dialect? = nil
    ) -> Turn {
        forget(before: seconds)
        turnCount += 1
        let language = dialect.map(Domain.language(of:)) ?? Self.language(of: understanding.text)
        var step = DialogueStep(
            dialogue: self, understanding: understanding, domain: domain, seconds: seconds, language: language)
        var turn = step.run()
        self = step.dialogue
        style(&turn, understanding)
        lastWasUnclear = turn.kind == .unclear
        if turn.kind != .silent { lastText = understanding.text }
        if !turn.reply.isEmpty {
            lastReply = turn.reply
            lastReplyAt = seconds
        }
        return turn
    }

    /// The section a text belongs to by its letters: no Han is English, characters of spoken Cantonese are Cantonese.
    private static func language(of text: String) -> String {
        let scalars = text.unicodeScalars
        guard scalars.contains(where: { Scalars.isHan($0.value) }) else { return "en" }
        let cantonese = "嘅咗啲唔冇佢喺咁畀嚟睇瞓搵攞乜咩哋嗰咪啱喇吖嘢撳閂闩屋企".unicodeScalars
        return scalars.contains { cantonese.contains($0) } ? "yue" : "zh"
    }

    /// Offers several values for a slot: the device asks which one, and «第二个» answers.
    public mutating func offer(
        _ options: [SlotValue], for slot: String, of frame: Frame, domain: Domain, at seconds: Double,
        dialect: Dialect = .mandarin
    ) -> Turn {
        guard options.count > 1 else {
            var filled = frame
            if let only = options.first { filled[slot: slot] = only }
            return Turn(kind: .act, frames: [filled])
        }
        question = (.choice(frame, slot: slot, options: options), seconds)
        let composer = domain.composer(language: Domain.language(of: dialect), seed: turnCount)
        let names = options.prefix(5).enumerated().map { index, option in
            let words = composer?.say(option, slot: slot, intent: frame.intent) ?? option.textValue ?? ""
            return dialect == .english ? "\(index + 1), \(words)" : "第\(HanNumber.spell(Double(index + 1)))个，\(words)"
        }
        let reply = composer?.phrase("which", ["choices": names.joined(separator: "，")]) ?? names.joined(separator: "，")
        lastReply = reply
        lastReplyAt = seconds
        return Turn(kind: .ask, reply: reply, style: "question", asksFor: (frame.intent, slot))
    }

    /// Records that a frame was acted on outside of a turn, so that it can be referred to and taken back.
    public mutating func remember(_ frame: Frame, text: String = "", at seconds: Double) {
        var before: [String: SlotValue] = [:]
        for (name, value) in frame.slots {
            let earlier = done.last { $0.frame.intent == frame.intent && $0.frame[slot: name] != nil }
            if let old = earlier?.frame[slot: name], old != value { before[name] = old }
        }
        done.append(Done(frame: frame, text: text, at: seconds, before: before))
        if done.count > 8 { done.removeFirst(done.count - 8) }
    }

    /// Forgets the newest command, which was not carried out after all.
    public mutating func retract(at seconds: Double) {
        if done.last?.at == seconds { done.removeLast() }
    }

    /// Remembers what was said in place of the turn's own reply.
    public mutating func note(reply: String, at seconds: Double) {
        guard !reply.isEmpty else { return }
        lastReply = reply
        lastReplyAt = seconds
    }

    private mutating func forget(before seconds: Double) {
        if let (_, at) = question, seconds - at > questionSeconds || seconds < at { question = nil }
        done.removeAll { seconds - $0.at > memorySeconds || seconds < $0.at }
    }

    /// The style of the reply follows the question and the speaker's mood.
    private func style(_ turn: inout Turn, _ understanding: Understanding) {
        guard turn.style == "neutral", !turn.reply.isEmpty else { return }
        if turn.kind == .ask {
            turn.style = "question"
        } else if turn.kind == .act, understanding.emotion == "happy" {
            turn.style = "happy"
        } else if understanding.emotion == "sad" {
            turn.style = "sad"
        }
    }
}
