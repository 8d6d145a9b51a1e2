/// Who answers a frame in place of the domain's own replies.
public enum SkillRoute: Sendable, Hashable {
    /// A program of this machine.
    case program(Skill)
    /// A service that speaks Wyoming.
    case service(HandleService)

    /// A route as a domain writes it: an absolute path with arguments, `wyoming://HOST:PORT` or `unix:/PATH`.
    init?(_ text: String) {
        if let service = HandleService(text) {
            self = .service(service)
            return
        }
        let words = text.split(separator: " ").map(String.init)
        guard let first = words.first, first.hasPrefix("/") else { return nil }
        self = .program(Skill(executable: first, arguments: Array(words.dropFirst())))
    }

    /// What the skill says to a frame.
    public func answer(to frame: Frame, text: String) throws(ThinkError) -> String {
        switch self {
        case .program(let skill): try skill.answer(to: frame, text: text)
        case .service(let service): try service.answer(to: frame, text: text)
        }
    }
}

extension Domain {
    /// Who answers an intent, if the domain names somebody.
    public func skill(for intent: String) -> SkillRoute? { frames[intent]?.skill.flatMap(SkillRoute.init) }

    /// What skills say to the frames of a turn, in place of its reply; nil where no frame has a skill.
    ///
    /// A skill that fails is excused in one sentence that names what was asked.
    public func skillReply(to turn: Turn, text: String) -> String? {
        guard turn.frames.contains(where: { skill(for: $0.intent) != nil }) else { return nil }
        let replies = turn.frames.map { frame in
            guard let skill = skill(for: frame.intent) else {
                return reply(intent: frame.intent, slots: frame.slots) ?? ""
            }
            do throws(ThinkError) {
                return try skill.answer(to: frame, text: text)
            } catch {
                let excuse = composer(language: "zh", seed: 0)?.phrase("skill_failed", ["what": text])
                return excuse ?? "抱歉，这件事现在办不了"
            }
        }
        return replies.filter { !$0.isEmpty }.joined(separator: "，")
    }
}
