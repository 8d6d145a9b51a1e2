/// Text to speech sounds, for speaking and for recognising.
public final class TextFrontEnd: Sendable {
    /// The Mandarin word list with readings and frequencies.
    public let mandarin: Lexicon
    /// The Cantonese word list with readings and frequencies.
    public let cantonese: Lexicon
    /// English words.
    public let english: EnglishLexicon
    let reader: MandarinReader
    let sichuanese: SichuanReader

    /// Reads the lexicons in `directory` (`Models/lexicon`); throws `unreadable` or `malformed`.
    public init(directory: String) throws(LanguageError) {
        mandarin = try Lexicon(path: directory + "/mandarin.lex")
        cantonese = try Lexicon(path: directory + "/cantonese.lex")
        english = try EnglishLexicon(path: directory + "/english.lex")
        reader = try MandarinReader(lexicon: mandarin, neutralPath: directory + "/neutral.txt")
        sichuanese = try SichuanReader(path: directory + "/sichuan.tsv")
    }

    /// Writes digits, dates, times, units and signs out as words; Han and Latin text and punctuation stay.
    public func normalise(_ text: String, dialect: Dialect) -> String {
        Normaliser.normalise(text, dialect: dialect)
    }

    /// The words of a text as they are spoken.
    ///
    /// Tones are lexical (what Hear's units mean) unless `surface` asks for those of running speech: 一 and 不, third
    /// tones, neutral tones; English vowels then bear their stress. Sichuanese gives Mandarin phones with the Mandarin
    /// tones that Chengdu's sound like.
    public func pronounce(_ text: String, dialect: Dialect, surface: Bool = false) -> [SpokenToken] {
        var tokens: [SpokenToken] = []
        for span in TextSpan.split(normalise(text, dialect: dialect)) {
            switch span {
            case .pause(let pause):
                if !tokens.isEmpty { tokens[tokens.count - 1].pause = max(tokens[tokens.count - 1].pause, pause) }
            case .latin(let word):
                let units = surface ? english.spoken(word) : english.units(of: word)
                guard !units.isEmpty else { continue }
                tokens.append(SpokenToken(text: word, syllables: [word.lowercased()], units: units))
            case .han(let run):
                tokens += spoken(run, dialect: dialect, surface: surface)
            }
        }
        return tokens
    }

    private func spoken(_ run: String, dialect: Dialect, surface: Bool) -> [SpokenToken] {
        if dialect == .cantonese { return cantoneseTokens(run) }
        let words = MandarinReader.mergeErhua(reader.words(run))
        if dialect == .sichuanese {
            return words.compactMap { token($0, sichuanese.readings(of: $0)[0]) }
        }
        return (surface ? reader.surface(words) : words).compactMap { token($0, $0.syllables) }
    }

    private func token(_ word: Sandhi.Word, _ syllables: [String]) -> SpokenToken? {
        let known = syllables.filter { $0 != "?" }
        let units = known.flatMap { Pinyin.units($0) ?? [] }
        return units.isEmpty ? nil : SpokenToken(text: String(word.text), syllables: known, units: units)
    }

    private func cantoneseTokens(_ run: String) -> [SpokenToken] {
        let codes = Array(run.utf16)
        return cantonese.segment(codes).compactMap { range in
            let syllables =
                cantonese.entries(of: codes[range]).first?.syllables
                ?? codes[range].compactMap { cantonese.readings(of: $0).first }
            let units = syllables.flatMap { Jyutping.units($0) ?? [] }
            guard !units.isEmpty else { return nil }
            return SpokenToken(text: String(decoding: codes[range], as: UTF16.self), syllables: syllables, units: units)
        }
    }

    // ------------------------------------------------------------------------------------------ recognition

    /// The characters, as UTF-16 codes, of which no rule gives the reading in Chengdu.
    public var irregularInChengdu: Set<UInt16> { sichuanese.irregular }

    /// How Chengdu says such a character where Mandarin says `mandarin`: in Mandarin spelling with Chengdu's own tone; nil
    /// where a rule gives it.
    public func chengdu(_ code: UInt16, mandarin: String) -> String? {
        sichuanese.reading(of: code, mandarin: mandarin)
    }

    /// Most readings that `units(of:dialect:)` gives.
    public static let mostReadings = 8

    /// All plausible citation readings of a word or phrase as units, the likeliest first; empty if it cannot be said.
    ///
    /// Beside the lexical reading come other dictionary readings, the neutral tone of running speech, and with
    /// `surface` also the sandhi form.
    public func units(of word: String, dialect: Dialect, surface: Bool = false) -> [[String]] {
        var readings: [[String]] = [[]]
        func extend(_ choices: [[String]]) {
            let kept = unique(choices.filter { !$0.isEmpty })
            guard !kept.isEmpty else { return }
            var grown: [[String]] = []
            for choice in kept { for reading in readings { grown.append(reading + choice) } }
            readings = Array(grown.prefix(TextFrontEnd.mostReadings))
        }
        for span in TextSpan.split(normalise(word, dialect: dialect)) {
            switch span {
            case .pause: continue
            case .latin(let text): extend(english.allUnits(of: text))
            case .han(let run):
                if dialect == .cantonese {
                    for choice in choices(run, in: cantonese, units: Jyutping.units) { extend(choice) }
                } else {
                    for choice in mandarinChoices(run, dialect: dialect) { extend(choice) }
                    if surface, dialect == .mandarin {
                        let units = spoken(run, dialect: dialect, surface: true).flatMap(\.units)
                        if readings.count < TextFrontEnd.mostReadings, TextSpan.split(word).count == 1 {
                            readings.append(units)
                        }
                    }
                }
            }
        }
        return unique(readings.filter { !$0.isEmpty })
    }

    private func unique(_ items: [[String]]) -> [[String]] {
        var seen: Set<[String]> = []
        return items.filter { seen.insert($0).inserted }
    }

    private func mandarinChoices(_ run: String, dialect: Dialect) -> [[[String]]] {
        MandarinReader.mergeErhua(reader.words(run)).map { word in
            let text = String(word.text)
            var readings = [word.syllables]
            if !word.text.contains("儿") {
                readings += mandarin.entries(of: text).map(\.syllables)
                if let soft = reader.spoken(text, word.syllables) { readings.append(soft) }
            }
            if word.text.count == 1, let code = text.utf16.first, word.syllables.count == 1 {
                readings += mandarin.readings(of: code).prefix(2).map { [$0] }
            }
            if dialect == .sichuanese {
                readings = sichuanese.readings(of: word) + readings.prefix(1)
            }
            return readings.map { $0.flatMap { Pinyin.units($0) ?? [] } }
        }
    }

    private func choices(_ run: String, in lexicon: Lexicon, units: (String) -> [String]?) -> [[[String]]] {
        let codes = Array(run.utf16)
        return lexicon.segment(codes).map { range in
            var readings = lexicon.entries(of: codes[range]).map(\.syllables)
            if range.count == 1 { readings += lexicon.readings(of: codes[range.lowerBound]).prefix(2).map { [$0] } }
            return readings.map { $0.flatMap { units($0) ?? [] } }
        }
    }
}
