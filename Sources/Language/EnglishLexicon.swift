/// English words as ARPAbet units; the file is written by `Models/training/lexicon/build_english.py`.
public struct EnglishLexicon: Sendable {
    private let file: ByteFile
    private let offsets: Int
    private let entries: Int

    /// Number of readings.
    public let count: Int

    /// Reads the file; throws `unreadable` or `malformed`.
    public init(path: String) throws(LanguageError) {
        file = try ByteFile(path: path)
        var cursor = try file.cursor(after: "TINGENG2")
        count = try cursor.number()
        offsets = try cursor.skip((count + 1) * 4)
        entries = try cursor.skip(file.u32(offsets + count * 4))
    }

    private func word(_ row: Int) -> [UInt8] {
        let start = entries + file.u32(offsets + row * 4)
        return file.slice(start + 1, min(file.u8(start), file.count - start - 1))
    }

    /// The places in the file of the entries of a word, one for each of its readings.
    private func rows(of word: String) -> Range<Int> {
        let wanted = Array(word.lowercased().utf8)
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if self.word(middle).lexicographicallyPrecedes(wanted) { low = middle + 1 } else { high = middle }
        }
        let first = low
        while low < count, self.word(low).elementsEqual(wanted) { low += 1 }
        return first..<low
    }

    /// The bytes of an entry's phones: a phone's number and, times 64, the stress of a vowel.
    private func phones(_ row: Int) -> [Int] {
        let start = entries + file.u32(offsets + row * 4)
        let end = entries + file.u32(offsets + row * 4 + 4)
        let first = start + 1 + file.u8(start)
        return (first..<max(first, end)).map { file.u8($0) }
    }

    private func unit(_ phone: Int) -> String {
        let number = phone & 63
        return "E_" + (number < PhoneInventory.english.count ? PhoneInventory.english[number] : "AH")
    }

    /// All readings of a word that the dictionary has, as units.
    public func readings(of word: String) -> [[String]] { rows(of: word).map { phones($0).map(unit) } }

    /// Visits every reading of every word: the word in lower case and its units.
    public func forEachReading(_ body: (String, [String]) -> Void) {
        for row in 0..<count { body(String(decoding: word(row), as: UTF8.self), phones(row).map(unit)) }
    }

    /// The word as it is spoken: its units, with `1` behind a vowel that bears the main stress and `2` behind one that
    /// bears a lesser one, as CMUdict writes them.
    ///
    /// A letter by itself is named, but for the article "a".
    public func spoken(_ word: String) -> [String] {
        if word == "a" { return ["E_AH"] }
        let plain = units(of: word)
        for row in rows(of: word) {
            let phones = phones(row)
            if phones.map(unit) == plain { return phones.map { unit($0) + ($0 < 64 ? "" : "\($0 >> 6)") } }
        }
        return LetterToSound.stressed(word, plain)
    }

    /// The units of a word: from the dictionary, letter by letter for a row of capitals, else by spelling rules.
    public func units(of word: String) -> [String] { allUnits(of: word).first ?? [] }

    /// All plausible readings of a word as units, the likeliest first.
    public func allUnits(of word: String) -> [[String]] {
        let spelled = word.lowercased().flatMap { LetterToSound.letter($0) }
        if word.count == 1 { return spelled.isEmpty ? [] : [spelled] }
        let capitals = word.allSatisfy { $0.isUppercase }
        let listed = readings(of: word)
        let vowels = word.lowercased().contains { "aeiouy".contains($0) }
        if !listed.isEmpty { return capitals && word.count <= 4 ? [spelled] + listed : listed }
        if (capitals && word.count <= 5) || !vowels { return [spelled] }
        return [LetterToSound.units(of: word)]
    }
}
