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
    private let families: [UnitFamily]

    /// Nil once it was wanted and not found: then the word list must do.
    private let cantonese = Lazy<TrigramVocabulary?>()
    private let cantoneseWords = Lazy<UnigramVocabulary>()
    private let english = Lazy<UnigramVocabulary>()
    private let sichuanese = Lazy<[(units: [Int], word: Int32)]>()

    private struct Part {
        var texts: [String]
        var units: [Int]
        var syllables: [String]
    }

    /// Which language a unit belongs to.
    private enum UnitFamily { case none, mandarin, cantonese, english }

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
        families = PhoneInventory.units.enumerated().map { index, unit in
            if index == 0 { return .none }
            if unit.hasPrefix("E_") { return .english }
            return unit.hasPrefix("Y_") ? .cantonese : .mandarin
        }
    }

    /// The words that best explain the frames.
    ///
    /// - Parameters:
    ///   - emissions: An utterance, or what there is of it.
    ///   - dialect: Forces the language; nil takes it from the units heard.
    ///   - hotWords: Words of the moment that are likelier than the language thinks.
    public func transcribe(
        _ emissions: Emissions, dialect: Dialect? = nil, hotWords: [String] = []
    ) -> Transcript {
        let dialect = dialect ?? heardDialect(emissions)
        var whole = Part(texts: [], units: [], syllables: [])
        if dialect == .mandarin || dialect == .sichuanese {
            for stretch in stretches(emissions) {
                let part = transcript(
                    emissions.slice(stretch.frames), dialect: stretch.isEnglish ? .english : dialect,
                    hotWords: hotWords)
                whole.texts += part.texts
                whole.units += part.units
                whole.syllables += part.syllables
            }
        } else {
            whole = transcript(emissions, dialect: dialect, hotWords: hotWords)
        }
        var forward = CTCForward(emissions)
        return Transcript(
            text: Self.join(whole.texts), units: whole.units.map { PhoneInventory.units[$0] },
            syllables: whole.syllables, dialect: dialect,
            confidence: confidence(emissions, acoustic: forward.logProbability(of: whole.units)))
    }

    /// The language whose units carry most of what was heard.
    private func heardDialect(_ emissions: Emissions) -> Dialect {
        var mass: [UnitFamily: Int] = [:]
        for (unit, _) in emissions.greedyUnits() { mass[family(of: unit), default: 0] += 1 }
        let mandarin = mass[.mandarin, default: 0]
        let (cantonese, english) = (mass[.cantonese, default: 0], mass[.english, default: 0])
        if cantonese > mandarin, cantonese >= english { return .cantonese }
        return english > mandarin ? .english : .mandarin
    }

    private func family(of unit: Int) -> UnitFamily { unit < families.count ? families[unit] : .none }

    /// The words of one language over the frames, or nil when none fit.
    private func words(_ emissions: Emissions, dialect: Dialect, hotWords: [String]) -> [SpokenWord]? {
        switch dialect {
        case .mandarin: return words(mandarin, emissions, dialect: dialect, hotWords: hotWords)
        case .sichuanese:
            let own = sichuanese.value { mandarin.sichuaneseWords(frontEnd) }
            return words(
                mandarin, Sichuanese.asMandarin(emissions), dialect: dialect, hotWords: hotWords, saidAlso: own)
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

    /// - Parameter others: Further ways to say words of the vocabulary.
    private func words<Language: Vocabulary>(
        _ vocabulary: Language, _ emissions: Emissions, dialect: Dialect, hotWords: [String],
        saidAlso others: [(units: [Int], word: Int32)] = []
    ) -> [SpokenWord]? {
        let values = softening.apply(to: emissions)
        guard !hotWords.isEmpty || !others.isEmpty else {
            var pass = WordPass(
                vocabulary: vocabulary, trie: vocabulary.trie, overlay: nil, emissions: emissions, values: values,
                settings: settings)
            return pass.run()
        }
        let raised = RaisedVocabulary(
            base: vocabulary,
            words: hotWords.map { word in
                (word, Pronunciations.variants(of: word, frontEnd: frontEnd, dialect: dialect))
            }, saidAlso: others)
        var pass = WordPass(
            vocabulary: raised, trie: vocabulary.trie, overlay: raised.trie, emissions: emissions, values: values,
            settings: settings)
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
            while end < units.count, family(of: units[end].unit) == .english { end += 1 }
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
        if let found = words(emissions, dialect: dialect, hotWords: hotWords), !found.isEmpty {
            let units = found.flatMap(\.units)
            let syllables = dialect == .english ? found.map(\.text) : Syllables.spelled(units)
            return Part(texts: found.map(\.text), units: units, syllables: syllables)
        }
        let units = emissions.greedyUnits().map(\.unit)
        return Part(texts: [], units: units, syllables: Syllables.spelled(units))
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
