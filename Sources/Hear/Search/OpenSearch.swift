import Glibc
import Language
import Tensors

/// Writes down what was heard without any grammar: words of a lexicon, weighed by a language model.
public final class OpenSearch: Sendable {
    private let mandarin: TrigramVocabulary
    private let directory: String
    private let frontEnd: TextFrontEnd
    private let settings: WordSettings
    private let softening: UnitConfusions

    /// Nil once it was wanted and not found: then the word list must do.
    private let cantonese = Lazy<TrigramVocabulary?>()
    private let cantoneseWords = Lazy<UnigramVocabulary>()
    private let english = Lazy<UnigramVocabulary>()
    private let sichuanese = Lazy<RaisedVocabulary<TrigramVocabulary>>()

    private struct Part {
        var texts: [String]
        var units: [Int]
        var syllables: [String]
        /// Of the searches; −∞ where one found nothing.
        var score: Float = 0
    }

    /// Loads the language model and the word tree of `lexicon/` in the directory.
    ///
    /// - Throws: `HearError.badModel` when one of them is missing or damaged.
    public convenience init(models: ModelDirectory, frontEnd: TextFrontEnd) throws(HearError) {
        try self.init(
            directory: models.file("lexicon"), frontEnd: frontEnd,
            settings: WordSettings())
    }

    init(
        directory: String, frontEnd: TextFrontEnd, settings: WordSettings, softening: UnitConfusions = .mild
    ) throws(HearError) {
        self.directory = directory
        mandarin = try TrigramVocabulary(directory: directory, name: "mandarin")
        self.frontEnd = frontEnd
        self.settings = settings
        self.softening = softening
    }

    /// The words that best explain the frames.
    ///
    /// - Parameters:
    ///   - emissions: An utterance, or what there is of it.
    ///   - dialect: Forces the language; nil takes it from the units heard and the words that they make.
    ///   - hotWords: Words of the moment that are likelier than the language thinks.
    public func transcribe(
        _ emissions: Emissions, dialect: Dialect? = nil, hotWords: [String] = []
    ) -> Transcript {
        var spoken = dialect ?? heardDialect(emissions)
        var whole = part(emissions, dialect: spoken, hotWords: hotWords)
        if dialect == nil, spoken == .mandarin, whole.score.isFinite, isDoubtful(whole, emissions) {
            let other = part(emissions, dialect: .sichuanese, hotWords: hotWords)
            if other.score > whole.score + Self.sichuaneseLead { (spoken, whole) = (.sichuanese, other) }
        }
        var forward = CTCForward(emissions)
        return Transcript(
            text: Self.join(whole.texts), units: whole.units.map { PhoneInventory.units[$0] },
            syllables: whole.syllables, dialect: spoken,
            confidence: confidence(emissions, acoustic: forward.logProbability(of: whole.units)))
    }

    /// By how many nats words with the sounds of Chengdu must fit better than Mandarin ones.
    ///
    /// Sichuanese shares all its units with Mandarin, so that only words tell. Of 1,494 clips in Mandarin (people and synthetic
    /// voices, half of them at 5 dB) none has such a lead; of 150 in Sichuanese (synthetic) 51 % have.
    private static let sichuaneseLead: Float = 5
    /// Mandarin is not doubted where its words cost less than this against the best of sound alone, in nats a unit.
    ///
    /// Half of the sentences in Mandarin cost less than 1.34, of those in Sichuanese one in twenty.
    private static let doubtfulCost = 1.2

    /// Whether the words of Mandarin explain the sound so poorly that it may be Sichuanese.
    private func isDoubtful(_ mandarin: Part, _ emissions: Emissions) -> Bool {
        let units = max(1, emissions.greedyUnits().count)
        return emissions.bestScore() - Double(mandarin.score) > Self.doubtfulCost * Double(units)
    }

    /// The words of an utterance in one language and English words inside.
    private func part(_ emissions: Emissions, dialect: Dialect, hotWords: [String]) -> Part {
        guard dialect == .mandarin || dialect == .sichuanese else {
            return transcript(emissions, dialect: dialect, hotWords: hotWords)
        }
        var whole = Part(texts: [], units: [], syllables: [])
        for stretch in stretches(emissions) {
            let part = transcript(
                emissions.slice(stretch.frames), dialect: stretch.isEnglish ? .english : dialect,
                hotWords: hotWords)
            whole.texts += part.texts
            whole.units += part.units
            whole.syllables += part.syllables
            whole.score += part.score
        }
        return whole
    }

    /// The language whose units carry most of what was heard.
    private func heardDialect(_ emissions: Emissions) -> Dialect {
        var mass: [UnitFamily: Int] = [:]
        for (unit, _) in emissions.greedyUnits() { mass[UnitFamily.of(unit), default: 0] += 1 }
        let mandarin = mass[.mandarin, default: 0]
        let (cantonese, english) = (mass[.cantonese, default: 0], mass[.english, default: 0])
        if cantonese > mandarin, cantonese >= english { return .cantonese }
        return english > mandarin ? .english : .mandarin
    }

    /// The words of one language over the frames, or nil when none fit.
    private func words(_ emissions: Emissions, dialect: Dialect, hotWords: [String]) -> FoundWords? {
        switch dialect {
        case .mandarin: return words(mandarin, emissions, dialect: dialect, hotWords: hotWords)
        case .sichuanese:
            let own = sichuaneseVocabulary
            // Emissions made comparable to Mandarin want hot words as Mandarin says them.
            let raised = hotWords.isEmpty ? own : own.raising(readings(of: hotWords, dialect: .mandarin))
            return words(raised, over: mandarin.trie, Sichuanese.asMandarin(emissions))
        case .cantonese:
            let model = cantonese.value { try? TrigramVocabulary(directory: directory, name: "cantonese") }
            if let model { return words(model, emissions, dialect: dialect, hotWords: hotWords) }
            let vocabulary = cantoneseWords.value { .cantonese(frontEnd.cantonese) }
            return words(vocabulary, emissions, dialect: dialect, hotWords: hotWords)
        case .english:
            let vocabulary = english.value { .english(frontEnd.english) }
            return words(vocabulary, emissions, dialect: dialect, hotWords: hotWords)
        }
    }

    private func words<Language: Vocabulary>(
        _ vocabulary: Language, _ emissions: Emissions, dialect: Dialect, hotWords: [String]
    ) -> FoundWords? {
        guard !hotWords.isEmpty else { return words(vocabulary, emissions) }
        let raised = RaisedVocabulary(base: vocabulary, words: readings(of: hotWords, dialect: dialect))
        return words(raised, over: vocabulary.trie, emissions)
    }

    private var sichuaneseVocabulary: RaisedVocabulary<TrigramVocabulary> {
        sichuanese.value {
            RaisedVocabulary(base: mandarin, words: [], saidAlso: mandarin.sichuaneseWords(frontEnd))
        }
    }

    /// Makes ready what the first words in Sichuanese, or the first that may be, would otherwise wait for: 0.1 s.
    public func prepareSichuanese() { _ = sichuaneseVocabulary }

    private func readings(of hotWords: [String], dialect: Dialect) -> [(text: String, readings: [[Int]])] {
        hotWords.map { ($0, Pronunciations.variants(of: $0, frontEnd: frontEnd, dialect: dialect)) }
    }

    /// - Parameter trie: The language's own words, when those of the vocabulary come on top of them.
    private func words<Language: Vocabulary>(
        _ vocabulary: Language, over trie: WordTrie? = nil, _ emissions: Emissions
    ) -> FoundWords? {
        var pass = WordPass(
            vocabulary: vocabulary, trie: trie ?? vocabulary.trie, overlay: trie == nil ? nil : vocabulary.trie,
            emissions: emissions, values: softening.apply(to: emissions), settings: settings)
        return pass.run()
    }

    /// Stretches of one language: a run of English units inside Mandarin is searched as English.
    private func stretches(_ emissions: Emissions) -> [(frames: Range<Int>, isEnglish: Bool)] {
        let units = emissions.greedyUnits()
        var found: [(frames: Range<Int>, isEnglish: Bool)] = []
        var position = 0
        var start = 0
        while position < units.count {
            var end = position
            while end < units.count, UnitFamily.of(units[end].unit) == .english { end += 1 }
            // One English unit alone is a slip of the recogniser.
            guard end - position >= 2 else {
                position = max(end, position + 1)
                continue
            }
            let first = max(start, units[position].frame - 1)
            let last = end < units.count ? units[end].frame - 1 : emissions.frameCount
            if first > start { found.append((start..<first, false)) }
            found.append((first..<last, true))
            start = last
            position = end
        }
        if start < emissions.frameCount { found.append((start..<emissions.frameCount, false)) }
        return found
    }

    /// Words of a stretch; where none fit its units and syllables are told, but a text holds words only.
    private func transcript(_ emissions: Emissions, dialect: Dialect, hotWords: [String]) -> Part {
        if let found = words(emissions, dialect: dialect, hotWords: hotWords), !found.words.isEmpty {
            let units = found.words.flatMap(\.units)
            let texts = found.words.map(\.text)
            let syllables = dialect == .english ? texts : Syllables.spelled(units)
            return Part(texts: texts, units: units, syllables: syllables, score: found.score)
        }
        let units = emissions.greedyUnits().map(\.unit)
        return Part(texts: [], units: units, syllables: Syllables.spelled(units), score: -.infinity)
    }

    /// How likely the units are against the likeliest of all, unit by unit, times how clear the sound was.
    private func confidence(_ emissions: Emissions, acoustic: Double) -> Double {
        let heard = emissions.greedyUnits()
        guard !heard.isEmpty else { return 0 }
        var clarity = 0.0
        for (unit, frame) in heard { clarity += Double(emissions[frame, unit]) }
        let cost = max(0, emissions.bestScore() - acoustic) / Double(heard.count)
        return exp(clarity / Double(heard.count)) * exp(-cost / 2)
    }

    /// Han runs on; Latin words stand apart.
    static func join(_ words: [String]) -> String {
        var text = ""
        for word in words {
            let isLatin = word.first?.isASCII == true
            if let last = text.last, isLatin || last.isASCII { text += " " }
            text += word
        }
        return text
    }
}
