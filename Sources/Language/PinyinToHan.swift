/// Han characters for syllables: a beam search over words with the language model.
public struct PinyinToHan: Sendable {
    /// One thing that may have been said at a place.
    public struct Choice: Sendable, Hashable {
        /// Units of one syllable; empty for a Latin word.
        public var units: [Int]
        /// What it costs against the best (−ln of a probability).
        public var cost: Double
        /// The text itself when it is a Latin word.
        public var latin: String?

        /// A choice from unit indices.
        public init(units: [Int], cost: Double = 0, latin: String? = nil) {
            self.units = units
            self.cost = cost
            self.latin = latin
        }
    }

    /// A word raised at run time, in the units it is spoken with.
    public struct HotWord: Sendable, Hashable {
        /// What is written.
        public var text: String
        /// One row of unit indices a syllable.
        public var syllables: [[Int]]

        /// A hot word with one reading.
        public init(text: String, syllables: [[Int]]) {
            self.text = text
            self.syllables = syllables
        }
    }

    /// A sentence found.
    public struct Candidate: Sendable, Hashable {
        /// What is written.
        public var text: String
        /// The words it is made of.
        public var words: [String]
        /// ln of the model's probability, weighted, less the costs of the choices.
        public var score: Double
    }

    /// Words by their units.
    public let trie: LexiconTrie
    /// What follows what.
    public let model: LanguageModel
    /// How many paths are kept at each place.
    public var beam = 24
    /// How many words are tried from each place to each place.
    public var wordsPerStep = 40
    /// Weight of the language model against the costs of the choices.
    public var modelWeight = 1.0
    /// ln probability that a hot word is taken to have.
    public var hotWordScore = -5.0

    /// A decoder over a trie and the model it was built with.
    public init(trie: LexiconTrie, model: LanguageModel) {
        self.trie = trie
        self.model = model
    }

    /// Reads `mandarin.trie` and `mandarin.ngram` (or Cantonese's) from `directory`; throws `unreadable` or `malformed`.
    public init(directory: String, dialect: Dialect = .mandarin) throws(LanguageError) {
        let name = dialect == .cantonese ? "cantonese" : "mandarin"
        self.init(
            trie: try LexiconTrie(path: "\(directory)/\(name).trie"),
            model: try LanguageModel(path: "\(directory)/\(name).ngram"))
    }

    // ------------------------------------------------------------------------------------------------ choices

    /// The syllable itself and, at a cost, what it is easily taken for: other tones, z/zh, n/l, in/ing.
    public static func choices(
        _ syllable: String, confusions: Bool = true, dialect: Dialect = .mandarin
    ) -> [Choice] {
        if dialect == .cantonese, let units = Jyutping.units(syllable) {
            return jyutping(units, confusions: confusions)
        }
        guard let parts = Pinyin.parts(syllable) else {
            return syllable.allSatisfy { TextSpan.isLatin($0) || $0 == "'" } && !syllable.isEmpty
                ? [Choice(units: [], latin: syllable)] : []
        }
        var initials = [(parts.initial, 0.0)]
        var finals = [(parts.final, 0.0)]
        var tones = [(parts.tone, 0.0)]
        if confusions {
            if let other = confusedInitials[parts.initial] { initials.append((other, 4)) }
            if let other = confusedFinals[parts.final] { finals.append((other, 4)) }
            tones += "12345".filter { $0 != parts.tone }.map { ($0, $0 == "5" || parts.tone == "5" ? 3.5 : 5) }
        }
        var result: [Choice] = []
        for (initial, initialCost) in initials {
            for (final, finalCost) in finals {
                for (tone, toneCost) in tones where [initialCost, finalCost, toneCost].filter({ $0 > 0 }).count < 2 {
                    var body = final
                    if ["z", "c", "s"].contains(initial), body == "iii" { body = "ii" }
                    if ["zh", "ch", "sh"].contains(initial), body == "ii" { body = "iii" }
                    var units = initial.isEmpty ? [] : [initial]
                    units.append("\(body)\(tone)")
                    if parts.erhua { units.append("er5") }
                    let indices = units.compactMap { PhoneInventory.index(of: $0) }
                    if indices.count == units.count {
                        result.append(Choice(units: indices, cost: initialCost + finalCost + toneCost))
                    }
                }
            }
        }
        return result
    }

    private static func jyutping(_ units: [String], confusions: Bool) -> [Choice] {
        let tones = confusions ? "123456" : String(units.last?.last ?? "1")
        return tones.map { tone in
            let toned = units.dropLast() + [String(units.last?.dropLast() ?? "") + String(tone)]
            return Choice(
                units: toned.compactMap { PhoneInventory.index(of: $0) }, cost: tone == units.last?.last ? 0 : 4)
        }
    }

    private static let confusedInitials: [String: String] = [
        "z": "zh", "zh": "z", "c": "ch", "ch": "c", "s": "sh", "sh": "s", "n": "l", "l": "n", "f": "h", "h": "f",
        "r": "l",
    ]
    private static let confusedFinals: [String: String] = [
        "in": "ing", "ing": "in", "en": "eng", "eng": "en", "an": "ang", "ang": "an", "ian": "iang", "iang": "ian",
        "uan": "uang", "uang": "uan", "uen": "ong", "o": "uo", "uo": "o",
    ]

    // ------------------------------------------------------------------------------------------------ search

    private struct Path {
        var state: LanguageModel.State
        var score: Double
        var words: [String]
    }

    private struct Step {
        var end: Int
        var number: Int
        var text: String
        var cost: Double
        var rank: Double
    }

    /// The best sentences for numbered syllables (Latin words stand for themselves), best first.
    public func decode(
        _ syllables: [String], confusions: Bool = false, dialect: Dialect = .mandarin, hotWords: [HotWord] = [],
        best: Int = 1
    ) -> [Candidate] {
        decode(
            slots: syllables.map { PinyinToHan.choices($0, confusions: confusions, dialect: dialect) }
                .filter { !$0.isEmpty },
            hotWords: hotWords, best: best)
    }

    /// The best sentences for places with weighted choices each, best first; empty if nothing fits.
    public func decode(slots: [[Choice]], hotWords: [HotWord] = [], best: Int = 1) -> [Candidate] {
        var paths: [[Path]] = Array(repeating: [], count: slots.count + 1)
        paths[0] = [Path(state: model.start, score: 0, words: [])]
        for place in slots.indices {
            var kept: [Path] = []
            var seen: Set<LanguageModel.State> = []
            for path in paths[place].sorted(by: { $0.score > $1.score }) where kept.count < beam {
                if seen.insert(path.state).inserted || best > 1 && kept.count < beam / 2 { kept.append(path) }
            }
            paths[place] = []
            guard !kept.isEmpty else { continue }
            for step in steps(from: place, slots, hotWords) {
                for path in kept {
                    var grown = path
                    if step.number == LanguageModel.unknown {
                        grown.score += hotWordScore * modelWeight - step.cost
                        grown.state = model.score(LanguageModel.unknown, after: path.state).state
                    } else {
                        let (value, state) = model.score(step.number, after: path.state)
                        grown.score += value * modelWeight - step.cost
                        grown.state = state
                    }
                    grown.words.append(step.text)
                    paths[step.end].append(grown)
                }
            }
        }
        var seen: Set<String> = []
        return paths[slots.count]
            .map { path in
                Candidate(
                    text: PinyinToHan.join(path.words), words: path.words,
                    score: path.score + model.end(after: path.state) * modelWeight)
            }
            .sorted { $0.score > $1.score }
            .filter { seen.insert($0.text).inserted }
            .prefix(best).map { $0 }
    }

    /// Words as one text: spaces only between Latin words.
    static func join(_ words: [String]) -> String {
        words.reduce(into: "") { text, word in
            if let last = text.last, let first = word.first, TextSpan.isLatin(last), TextSpan.isLatin(first) {
                text += " "
            }
            text += word
        }
    }

    private func steps(from place: Int, _ slots: [[Choice]], _ hotWords: [HotWord]) -> [Step] {
        var result: [Step] = []
        for choice in slots[place] {
            guard let latin = choice.latin else { continue }
            result.append(Step(end: place + 1, number: LanguageModel.latin, text: latin, cost: choice.cost, rank: 0))
        }
        for hot in hotWords where place + hot.syllables.count <= slots.count && !hot.syllables.isEmpty {
            var cost = 0.0
            for (offset, units) in hot.syllables.enumerated() {
                let fitting = slots[place + offset].filter { $0.units == units }.map(\.cost).min()
                cost += fitting ?? .infinity
            }
            guard cost < .infinity else { continue }
            result.append(
                Step(
                    end: place + hot.syllables.count, number: LanguageModel.unknown, text: hot.text, cost: cost, rank: 0
                ))
        }
        var front = [LexiconTrie.root: 0.0]
        var end = place
        while end < slots.count, !front.isEmpty {
            var grown: [Int: Double] = [:]
            for (node, cost) in front {
                for choice in slots[end] where !choice.units.isEmpty && cost + choice.cost < 10 {
                    var reached: Int? = node
                    for unit in choice.units { reached = reached.flatMap { trie.child(of: $0, unit: unit) } }
                    guard let reached else { continue }
                    grown[reached] = min(grown[reached] ?? .infinity, cost + choice.cost)
                }
            }
            end += 1
            front = grown
            var found: [(number: Int, cost: Double, rank: Double)] = []
            for (node, cost) in grown {
                for number in trie.words(at: node) {
                    found.append((number, cost, cost - model.logProbability(of: number) * modelWeight))
                }
            }
            found.sort { ($0.rank, $0.number) < ($1.rank, $1.number) }
            for item in found.prefix(wordsPerStep) {
                result.append(
                    Step(end: end, number: item.number, text: model.word(item.number), cost: item.cost, rank: item.rank)
                )
            }
        }
        return result
    }
}
