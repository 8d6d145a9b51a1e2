/// Gives runs of Han characters their Mandarin readings.
struct MandarinReader: Sendable {
    let lexicon: Lexicon
    /// Words whose last syllable is neutral in speech, or the whole reading where that is not all that changes.
    let neutral: [String: [String]]

    init(lexicon: Lexicon, neutralPath: String) throws(LanguageError) {
        self.lexicon = lexicon
        let file = try ByteFile(path: neutralPath)
        var table: [String: [String]] = [:]
        for line in file.text(0, file.count).split(separator: "\n") {
            let parts = line.split(separator: " ").map(String.init)
            if let word = parts.first { table[word] = Array(parts.dropFirst()) }
        }
        neutral = table
    }

    /// Words with one lexical syllable a character ("?" for a character without a reading).
    func words(_ run: String) -> [Sandhi.Word] {
        let codes = Array(run.utf16)
        let ranges = lexicon.segment(codes)
        var result: [Sandhi.Word] = []
        for (index, range) in ranges.enumerated() {
            let text = String(decoding: codes[range], as: UTF16.self)
            var syllables: [String]
            if let entry = lexicon.entries(of: codes[range]).first {
                syllables = entry.syllables
            } else {
                syllables = codes[range].map { lexicon.readings(of: $0).first ?? "?" }
            }
            if range.count == 1, let character = text.first {
                func neighbour(_ other: Int) -> String {
                    ranges.indices.contains(other) ? String(decoding: codes[ranges[other]], as: UTF16.self) : ""
                }
                let after = String(decoding: codes[range.upperBound...].prefix(4), as: UTF16.self)
                let context = Polyphones.Context(before: neighbour(index - 1), after: after, sentence: run)
                if let chosen = Polyphones.reading(of: character, in: context) { syllables = [chosen] }
            }
            result.append(Sandhi.Word(text: Array(text), syllables: syllables))
        }
        return result
    }

    /// Tones as spoken: neutral tones, 一 and 不, third tones.
    func surface(_ words: [Sandhi.Word]) -> [Sandhi.Word] {
        let softened = words.map { word in
            guard let spoken = spoken(String(word.text), word.syllables) else { return word }
            return Sandhi.Word(text: word.text, syllables: spoken)
        }
        return Sandhi.apply(softened) { lexicon.contains($0) }
    }

    /// The reading with neutral tone that a listed word has in speech.
    func spoken(_ text: String, _ syllables: [String]) -> [String]? {
        guard let whole = neutral[text] else { return nil }
        if whole.count == syllables.count { return whole }
        guard let last = syllables.last else { return nil }
        return syllables.dropLast() + [Pinyin.withTone(5, last)]
    }

    private static let fullWords: Set<String> = [
        "女儿", "婴儿", "幼儿", "少儿", "孤儿", "男儿", "胎儿", "健儿", "宠儿", "弃儿", "患儿", "妻儿", "产儿", "育儿", "生儿",
        "小儿", "胖儿", "侄儿", "犬儿", "血儿", "能儿", "运儿", "骄儿", "托儿", "巴儿",
    ]
    private static let fullNext = Set<Character>("子童女科歌媳孙戏茶时郎皇行化辈臣")

    /// Merges 儿 into the syllable before it where it is a suffix: hua1 er2 → huar1.
    static func mergeErhua(_ words: [Sandhi.Word]) -> [Sandhi.Word] {
        let all = words.flatMap(\.text)
        var result: [Sandhi.Word] = []
        var position = 0
        for word in words {
            var merged = Sandhi.Word(text: word.text, syllables: [])
            for (character, syllable) in zip(word.text, word.syllables) {
                let before = position > 0 ? String(all[position - 1]) : ""
                let after = position + 1 < all.count ? all[position + 1] : " "
                position += 1
                guard character == "儿", !before.isEmpty, !fullWords.contains(before + "儿"), !fullNext.contains(after)
                else {
                    merged.syllables.append(syllable)
                    continue
                }
                if let last = merged.syllables.last, last != "?" {
                    merged.syllables[merged.syllables.count - 1] = curled(last)
                } else if merged.syllables.isEmpty, let last = result.last?.syllables.last, last != "?" {
                    result[result.count - 1].syllables[result[result.count - 1].syllables.count - 1] = curled(last)
                    result[result.count - 1].text.append(character)
                    merged.text.removeFirst()
                } else {
                    merged.syllables.append(syllable)
                }
            }
            if !merged.syllables.isEmpty || !merged.text.isEmpty { result.append(merged) }
        }
        return result
    }

    private static func curled(_ syllable: String) -> String {
        guard !syllable.hasPrefix("er"), let tone = syllable.last, tone.isNumber else { return syllable }
        let body = syllable.dropLast()
        return body.hasSuffix("r") ? syllable : body + "r" + String(tone)
    }
}
