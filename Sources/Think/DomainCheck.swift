import Language

/// Finds everything that is wrong with a domain, or likely to go wrong when it is spoken to.
public struct DomainCheck: Sendable {
    /// Whether a word, Han or Latin, can be said in a dialect.
    private let canPronounce: @Sendable (String, Dialect) -> Bool
    /// How many texts of each sentence are tried for collisions.
    static let sampleCount = 6

    /// A check; without a closure every word counts as pronounceable.
    public init(canPronounce: @escaping @Sendable (String, Dialect) -> Bool = { _, _ in true }) {
        self.canPronounce = canPronounce
    }

    /// Every problem of files, those included that make them unusable; an unreadable file is a problem too.
    public func problems(inFiles paths: [String]) -> [DomainProblem] {
        do {
            return problems(in: Domain(source: try DomainSource.read(paths: paths)))
        } catch {
            return [Self.problem(of: error, path: paths.first ?? "")]
        }
    }

    /// An error of reading as a problem; a key written twice is a duplicate.
    private static func problem(of error: ThinkError, path: String) -> DomainProblem {
        switch error {
        case .malformed(let path, let line, let expected, let found):
            let isDuplicate = expected.hasPrefix("every key once")
            return DomainProblem(
                kind: isDuplicate ? .duplicate : .syntax, place: SourcePlace(path: path, line: line),
                message: isDuplicate
                    ? "in the mapping that starts here: \(found)" : "expected \(expected), found \(found)",
                suggestion: isDuplicate ? "join the two" : "check indentation, quotes and brackets of the YAML")
        default:
            return DomainProblem(
                kind: .structure, place: SourcePlace(path: path, line: 0), message: error.description,
                suggestion: "check the path and its permissions")
        }
    }

    /// Every problem of a domain that loaded.
    public func problems(in domain: Domain) -> [DomainProblem] {
        var found = domain.problems
        for (place, grammar) in domain.grammars.enumerated() {
            found += shortSentences(grammar, frames: domain.frames)
            found += unpronounceable(grammar)
            found += collisions(grammar, domain: domain)
            found += unknownNames(domain.sources[place], domain: domain)
        }
        found += unknownFrames(domain)
        var seen = Set<DomainProblem>()
        return found.filter { seen.insert($0).inserted }
            .sorted { ($0.place.path, $0.place.line, $0.message) < ($1.place.path, $1.place.line, $1.message) }
    }

    // MARK: Short sentences

    private func shortSentences(_ grammar: Grammar, frames: [String: FrameRule]) -> [DomainProblem] {
        var known: [Int: Int] = [:]
        return grammar.sentences.compactMap { sentence in
            let intent = grammar.blocks[sentence.block].intent
            guard frames[intent]?.isDialogue != true else { return nil }
            if sentence.isOpen {
                return DomainProblem(
                    kind: .short, place: sentence.place,
                    message: "'\(sentence.text)' of '\(intent)' matches any speech",
                    suggestion: "add words that must be said")
            }
            let length = Self.shortest(sentence.root, grammar, &known)
            guard length < 2 else { return nil }
            let unit = grammar.language.hasPrefix("en") ? "word" : "syllable"
            return DomainProblem(
                kind: .short, place: sentence.place,
                message: "'\(sentence.text)' of '\(intent)' can be \(length) \(unit)\(length == 1 ? "" : "s") long",
                suggestion: "make a longer part of it obligatory, or other speech will fire it")
        }
    }

    /// Syllables (Han) or words (Latin) of the shortest text; an open slot counts as one.
    private static func shortest(_ node: Int, _ grammar: Grammar, _ known: inout [Int: Int]) -> Int {
        if let length = known[node] { return length }
        let length: Int
        switch grammar.nodes[node] {
        case .empty: length = 0
        case .text(let chunk):
            let han = chunk.scalars.filter(Scalars.isHan).count
            let words = chunk.scalars.split { $0 == Scalars.space || Scalars.isHan($0) }
                .filter { $0.contains(where: Scalars.isWord) }.count
            length = han + words
        case .sequence(let items), .permutation(let items):
            length = items.reduce(0) { $0 + shortest($1, grammar, &known) }
        case .alternative(let items): length = items.map { shortest($0, grammar, &known) }.min() ?? 0
        case .list(let use):
            switch grammar.lists[use.list].kind {
            case .values(let values):
                length = values.items.map { shortest($0.node, grammar, &known) }.min() ?? 0
            case .builtin(_, let node): length = max(1, shortest(node, grammar, &known))
            case .range, .wildcard: length = 1
            }
        }
        known[node] = length
        return length
    }

    // MARK: Pronunciation

    private func unpronounceable(_ grammar: Grammar) -> [DomainProblem] {
        let dialect: Dialect =
            grammar.language.hasPrefix("en")
            ? .english : grammar.language.hasPrefix("yue") || grammar.language == "zh-HK" ? .cantonese : .mandarin
        var checked: [String: Bool] = [:]
        var visited = Set<Int>()
        var found: [DomainProblem] = []
        func visit(_ node: Int, _ place: SourcePlace) {
            guard visited.insert(node).inserted else { return }
            switch grammar.nodes[node] {
            case .empty: break
            case .text(let chunk):
                for word in Self.words(of: chunk.written) {
                    let isFine = checked[word] ?? canPronounce(word, dialect)
                    if !isFine, checked[word] == nil {
                        found.append(
                            DomainProblem(
                                kind: .unpronounceable, place: place,
                                message: "'\(word)' cannot be pronounced in \(dialect.rawValue)",
                                suggestion: "write it as it is said, or add it to the lexicon"))
                    }
                    checked[word] = isFine
                }
            case .sequence(let items), .alternative(let items), .permutation(let items):
                for item in items { visit(item, place) }
            case .list(let use):
                let list = grammar.lists[use.list]
                if case .values(let values) = list.kind {
                    for item in values.items { visit(item.node, list.place) }
                }
            }
        }
        for sentence in grammar.sentences { visit(sentence.root, sentence.place) }
        return found
    }

    /// Single Han characters, of which every lexicon knows the ones it can say, and Latin words; signs and digits are
    /// not said as written.
    private static func words(of text: String) -> [String] {
        var result: [String] = []
        var run = String.UnicodeScalarView()
        var wasHan = false
        for scalar in text.unicodeScalars {
            let isHan = Scalars.isHan(scalar.value)
            let isLetter = isHan || scalar == "'" || scalar.properties.isAlphabetic
            if !run.isEmpty, !isLetter || isHan || wasHan {
                result.append(String(run))
                run.removeAll()
            }
            if isLetter { run.append(scalar) }
            wasHan = isHan
        }
        if !run.isEmpty { result.append(String(run)) }
        return result
    }
}
