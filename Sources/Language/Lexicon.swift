import Glibc

/// Characters and words with their readings and frequencies, looked up in place in a file written by
/// `Models/training/lexicon/lexfile.py` (which documents the format).
public struct Lexicon: Sendable {
    /// One reading of a word.
    public struct Entry: Sendable, Hashable {
        /// −ln of the word's probability.
        public var cost: Double
        /// One numbered syllable a character.
        public var syllables: [String]
    }

    private struct Section: Sendable {
        var count: Int
        var codes: Int
        var which: Int
        var costs: Int
    }

    private let file: ByteFile
    private let syllables: [String]
    private let characterCount: Int
    private let characterCodes: Int
    private let readingStarts: Int
    private let readings: Int
    private let sections: [Section]

    /// Number of words (a word with two readings counts twice).
    public let wordCount: Int
    /// Characters in the longest word.
    public var longestWord: Int { sections.count }
    /// Cost of a character that is no word.
    static let unknownCost = 21.0

    /// Reads a lexicon file; throws `unreadable` or `malformed`.
    public init(path: String) throws(LanguageError) {
        file = try ByteFile(path: path)
        var cursor = try file.cursor(after: "TINGLEX1")
        let textLength = try cursor.number()
        let text = try cursor.skip(textLength)
        syllables = file.text(text, textLength).split(separator: "\n").map(String.init)
        characterCount = try cursor.number()
        characterCodes = try cursor.skip(characterCount * 2)
        readingStarts = try cursor.skip((characterCount + 1) * 4)
        let readingCount = file.u32(readingStarts + characterCount * 4)
        readings = try cursor.skip(readingCount * 2)
        let longest = try cursor.number()
        guard longest < 64 else {
            throw .malformed(path: path, expected: "words of at most 63 characters", found: "\(longest)")
        }
        var sections: [Section] = []
        var total = 0
        for length in stride(from: 1, through: longest, by: 1) {
            let count = try cursor.number()
            let start = try cursor.skip(count * (length * 3 + 1))
            sections.append(
                Section(
                    count: count, codes: start, which: start + count * length * 2, costs: start + count * length * 3))
            total += count
        }
        self.sections = sections
        wordCount = total
    }

    /// All readings of one character, the most common first; empty if it is not listed.
    public func readings(of code: UInt16) -> [String] {
        var low = 0
        var high = characterCount
        while low < high {
            let middle = (low + high) / 2
            if file.u16(characterCodes + middle * 2) < Int(code) { low = middle + 1 } else { high = middle }
        }
        guard low < characterCount, file.u16(characterCodes + low * 2) == Int(code) else { return [] }
        let first = file.u32(readingStarts + low * 4)
        let last = file.u32(readingStarts + low * 4 + 4)
        return stride(from: first, to: last, by: 1).map { syllable(file.u16(readings + $0 * 2)) }
    }

    /// All readings of a word, the most common first; empty if it is not listed.
    public func entries(of word: String) -> [Entry] {
        let codes = Array(word.utf16)
        return rows(codes[...]).map { entry(codes[...], row: $0) }
    }

    /// Visits every reading of every word.
    public func forEachWord(_ body: (String, Entry) -> Void) {
        for (index, section) in sections.enumerated() {
            let length = index + 1
            for row in 0..<section.count {
                let offset = section.codes + row * length * 2
                let codes = (0..<length).map { UInt16(file.u16(offset + $0 * 2)) }
                body(String(decoding: codes, as: UTF16.self), entry(codes[...], row: row))
            }
        }
    }

    /// Whether the word is listed.
    public func contains(_ word: String) -> Bool { !rows(Array(word.utf16)[...]).isEmpty }

    /// −ln of the probability of a word given as UTF-16 codes; nil if it is not listed.
    func cost(of codes: ArraySlice<UInt16>) -> Double? {
        guard let row = rows(codes).first else { return nil }
        return Double(file.u8(sections[codes.count - 1].costs + row)) / 12
    }

    func entries(of codes: ArraySlice<UInt16>) -> [Entry] { rows(codes).map { entry(codes, row: $0) } }

    private func syllable(_ number: Int) -> String { number < syllables.count ? syllables[number] : "" }

    private func entry(_ codes: ArraySlice<UInt16>, row: Int) -> Entry {
        let section = sections[codes.count - 1]
        var spelled: [String] = []
        for (place, code) in codes.enumerated() {
            let all = readings(of: code)
            let which = file.u8(section.which + row * codes.count + place)
            spelled.append(which < all.count ? all[which] : all.first ?? "")
        }
        return Entry(cost: Double(file.u8(section.costs + row)) / 12, syllables: spelled)
    }

    private func compare(_ codes: ArraySlice<UInt16>, _ section: Section, _ row: Int) -> Int {
        var offset = section.codes + row * codes.count * 2
        for code in codes {
            let other = file.u16(offset)
            if other != Int(code) { return other < Int(code) ? -1 : 1 }
            offset += 2
        }
        return 0
    }

    private func rows(_ codes: ArraySlice<UInt16>) -> Range<Int> {
        guard !codes.isEmpty, codes.count <= sections.count else { return 0..<0 }
        let section = sections[codes.count - 1]
        var low = 0
        var high = section.count
        while low < high {
            let middle = (low + high) / 2
            if compare(codes, section, middle) < 0 { low = middle + 1 } else { high = middle }
        }
        var end = low
        while end < section.count, compare(codes, section, end) == 0 { end += 1 }
        return low..<end
    }

    /// Splits a run of Han characters into the most probable words; characters without an entry stand alone.
    public func segment(_ text: String) -> [String] {
        let codes = Array(text.utf16)
        return segment(codes).map { String(decoding: codes[$0], as: UTF16.self) }
    }

    func segment(_ codes: [UInt16]) -> [Range<Int>] {
        guard !codes.isEmpty else { return [] }
        var best = [Double](repeating: .infinity, count: codes.count + 1)
        var length = [Int](repeating: 1, count: codes.count + 1)
        best[codes.count] = 0
        for start in stride(from: codes.count - 1, through: 0, by: -1) {
            for count in 1...min(max(1, longestWord), codes.count - start) {
                let known = cost(of: codes[start..<start + count])
                guard let cost = known ?? (count == 1 ? Lexicon.unknownCost : nil) else { continue }
                if cost + best[start + count] < best[start] {
                    best[start] = cost + best[start + count]
                    length[start] = count
                }
            }
        }
        var words: [Range<Int>] = []
        var position = 0
        while position < codes.count {
            words.append(position..<position + length[position])
            position += length[position]
        }
        return words
    }
}
