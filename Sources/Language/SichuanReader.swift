/// Chengdu readings: regular correspondences, with a short list of characters that do not follow them.
struct SichuanReader: Sendable {
    /// Chengdu readings of a character by its Mandarin syllable; tones are Chengdu's own (1–4).
    private let exceptions: [String: [String]]
    /// UTF-16 codes of the characters that have a reading of their own.
    let irregular: Set<UInt16>

    /// Reads lines "character mandarin chengdu[ chengdu…]".
    init(path: String) throws(LanguageError) {
        let file = try ByteFile(path: path)
        var table: [String: [String]] = [:]
        for line in file.text(0, file.count).split(separator: "\n") where !line.hasPrefix("#") {
            let parts = line.split(whereSeparator: { $0 == " " || $0 == "\t" }).map(String.init)
            guard parts.count > 2 else {
                throw .malformed(path: path, expected: "character, Mandarin and Chengdu syllable", found: String(line))
            }
            table[parts[0] + parts[1]] = Array(parts.dropFirst(2))
        }
        exceptions = table
        irregular = Set(table.keys.compactMap(\.utf16.first))
    }

    /// The reading that a character with a Mandarin syllable has of its own, with Chengdu's tone; nil where a rule gives it.
    func reading(of code: UInt16, mandarin: String) -> String? {
        exceptions[String(decoding: [code], as: UTF16.self) + mandarin]?.first
    }

    /// Readings of a word in Mandarin spelling with the Mandarin tones that Chengdu's sound like: as listed, by rule.
    func readings(of word: Sandhi.Word) -> [[String]] {
        var listed: [String] = []
        let regular = word.syllables.map { Chengdu.syllable($0) }
        for (index, syllable) in word.syllables.enumerated() {
            let curled = syllable.dropLast().hasSuffix("r") && !syllable.hasPrefix("er")
            let plain = curled ? String(syllable.dropLast(2)) + syllable.suffix(1) : syllable
            let key = (word.text.indices.contains(index) ? String(word.text[index]) : "") + plain
            if let chengdu = exceptions[key]?.first, let tone = chengdu.last {
                listed.append(chengdu.dropLast() + (curled ? "r" : "") + String(Chengdu.soundingTone(tone)))
            } else {
                listed.append(regular[index])
            }
        }
        return listed == regular ? [regular] : [listed, regular]
    }
}
