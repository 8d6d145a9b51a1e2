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
        var cursor = try file.cursor(after: "TINGENG1")
        count = try cursor.number()
        offsets = try cursor.skip((count + 1) * 4)
        entries = try cursor.skip(file.u32(offsets + count * 4))
    }

    private func word(_ row: Int) -> [UInt8] {
        let start = entries + file.u32(offsets + row * 4)
        return file.slice(start + 1, min(file.u8(start), file.count - start - 1))
    }

    /// All readings of a word that the dictionary has, as units.
    public func readings(of word: String) -> [[String]] {
        let wanted = Array(word.lowercased().utf8)
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if self.word(middle).lexicographicallyPrecedes(wanted) { low = middle + 1 } else { high = middle }
        }
        var found: [[String]] = []
        while low < count, self.word(low).elementsEqual(wanted) {
            let start = entries + file.u32(offsets + low * 4) + 1 + wanted.count
            let end = entries + file.u32(offsets + low * 4 + 4)
            found.append(
                (start..<max(start, end)).map { index in
                    let phone = file.u8(index)
                    return "E_" + (phone < PhoneInventory.english.count ? PhoneInventory.english[phone] : "AH")
                })
            low += 1
        }
        return found
    }

    /// Visits every reading of every word: the word in lower case and its units.
    public func forEachReading(_ body: (String, [String]) -> Void) {
        for row in 0..<count {
            let letters = word(row)
            let start = entries + file.u32(offsets + row * 4) + 1 + letters.count
            let end = entries + file.u32(offsets + row * 4 + 4)
            let units = (start..<max(start, end)).map { index in
                let phone = file.u8(index)
                return "E_" + (phone < PhoneInventory.english.count ? PhoneInventory.english[phone] : "AH")
            }
            body(String(decoding: letters, as: UTF8.self), units)
        }
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
