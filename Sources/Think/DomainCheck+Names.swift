extension DomainCheck {
    // MARK: Collisions

    /// Texts that two intents claim equally.
    func collisions(_ grammar: Grammar, domain: Domain) -> [DomainProblem] {
        guard !grammar.isPlainHassil else { return [] }
        var found: [DomainProblem] = []
        var reported = Set<[String]>()
        for (number, sentence) in grammar.sentences.enumerated() {
            let intent = grammar.blocks[sentence.block].intent
            for seed in 0..<Self.sampleCount {
                var chooser = SampleChooser(seed: UInt64(number &* 31 &+ seed))
                let text = chooser.sample(sentence.root, of: grammar)
                guard !text.contains("…") else { continue }
                let matches = grammar.recognise(text)
                guard let best = matches.first else { continue }
                let other = matches.first {
                    $0.intent != intent && !$0.isBetter(than: best) && !best.isBetter(than: $0)
                }
                guard let other, matches.contains(where: { $0.intent == intent }),
                    reported.insert([intent, other.intent].sorted()).inserted
                else { continue }
                found.append(
                    DomainProblem(
                        kind: .collision, place: sentence.place,
                        message: "'\(text)' belongs to '\(intent)' and to '\(other.intent)' (\(other.place))",
                        suggestion: "keep it in one of them, or make one of the sentences say more"))
            }
        }
        return found
    }

    // MARK: Names

    /// Replies and questions that name what does not exist.
    func unknownNames(_ source: GrammarSource, domain: Domain) -> [DomainProblem] {
        guard !source.isPlainHassil else { return [] }
        let intents = Set(domain.intents)
        var found: [DomainProblem] = []
        for (intent, templates) in source.replies.sorted(by: { $0.key < $1.key }) {
            let place = source.replyPlaces[intent] ?? SourcePlace(path: "", line: 0)
            guard intents.contains(intent) else {
                found.append(
                    DomainProblem(
                        kind: .unknownName, place: place, message: "a reply for '\(intent)', which has no sentences",
                        suggestion: NearestName.suggestion(for: intent, among: intents) ?? "remove the reply"))
                continue
            }
            let slots = domain.slots(of: intent).union(["now", "day_text", "text"])
            for template in templates {
                for name in Self.placeholders(of: template) where !slots.contains(name) && name != "date" {
                    found.append(
                        DomainProblem(
                            kind: .unknownName, place: place,
                            message: "the reply '\(template)' names the slot '\(name)', which '\(intent)' never has",
                            suggestion: NearestName.suggestion(for: name, among: slots) ?? "remove it from the reply"))
                }
            }
        }
        return found
    }

    /// The names in braces of a reply.
    private static func placeholders(of template: String) -> [String] {
        template.split(separator: "{").dropFirst().compactMap { part in
            part.firstIndex(of: "}").map { String(part[..<$0]) }
        }
    }

    /// Frames that name intents or slots that do not exist.
    func unknownFrames(_ domain: Domain) -> [DomainProblem] {
        let intents = Set(domain.intents)
        var found: [DomainProblem] = []
        for (intent, rule) in domain.frames.sorted(by: { $0.key < $1.key }) {
            let place = domain.framePlaces[intent] ?? SourcePlace(path: "", line: 0)
            func report(_ message: String, _ name: String, _ known: Set<String>) {
                found.append(
                    DomainProblem(
                        kind: .unknownName, place: place, message: message,
                        suggestion: NearestName.suggestion(for: name, among: known)
                            ?? "write sentences for it, or remove it"))
            }
            if !intents.contains(intent) { report("a frame for '\(intent)', which has no sentences", intent, intents) }
            for name in [rule.on, rule.off, rule.undo, rule.more, rule.less].compactMap({ $0 })
            where !intents.contains(name) {
                report("frame '\(intent)' names '\(name)', which has no sentences", name, intents)
            }
            let slots = domain.slots(of: intent)
            for slot in rule.needs + [rule.adjust?.slot].compactMap({ $0 }) where !slots.contains(slot) {
                report("frame '\(intent)' names the slot '\(slot)', which no sentence of it fills", slot, slots)
            }
        }
        return found
    }
}

/// Random texts of a grammar, the same ones for the same seed.
struct SampleChooser {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 0x1234_5678 }

    private mutating func next(_ count: Int) -> Int {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return count > 0 ? Int(state % UInt64(count)) : 0
    }

    /// A text that the node matches; open slots become `…`.
    mutating func sample(_ node: Int, of grammar: Grammar) -> String {
        switch grammar.nodes[node] {
        case .empty: return ""
        case .text(let chunk): return chunk.written
        case .sequence(let items), .permutation(let items):
            return items.reduce(into: "") { $0 += sample($1, of: grammar) }
        case .alternative(let items): return items.isEmpty ? "" : sample(items[next(items.count)], of: grammar)
        case .list(let use):
            switch grammar.lists[use.list].kind {
            case .values(let values):
                return values.items.isEmpty ? "" : sample(values.items[next(values.items.count)].node, of: grammar)
            case .range(let range):
                let count = (range.to - range.from) / range.step + 1
                return String(range.from + range.step * next(count))
            case .wildcard: return "…"
            case .builtin(_, let node): return sample(node, of: grammar)
            }
        }
    }
}
