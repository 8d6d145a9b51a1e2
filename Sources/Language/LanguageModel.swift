/// A trigram model over Mandarin words; logarithms are natural.
///
/// It is looked up in place in a file written by `Models/training/lexicon/build_lm.py`, which documents the format.
public struct LanguageModel: Sendable {
    /// What the model remembers of the words before: compare states to merge search paths.
    public struct State: Sendable, Hashable {
        /// Number of the last word.
        public var last: Int32
        /// Row of the pair of the last two words, −1 if the model has no such pair.
        var pair: Int32
    }

    private struct Section: Sendable {
        var count: Int
        var codes: Int
        var first: Int
    }

    private let file: ByteFile
    private let sections: [Section]
    private let probabilities: Int
    private let backoffs: Int
    private let pairStarts: Int
    private let pairWords: Int
    private let pairProbabilities: Int
    private let pairBackoffs: Int
    private let tripleStarts: Int
    private let tripleWords: Int
    private let tripleProbabilities: Int
    private let pairCount: Int

    /// Number of words, the four specials included.
    public let wordCount: Int
    /// Number of a word the model does not have.
    public static let unknown = 0
    /// Number of the sentence start; never predicted.
    public static let sentenceStart = 1
    /// Number of the sentence end.
    public static let sentenceEnd = 2
    /// Number that stands for any run of Latin letters.
    public static let latin = 3

    /// The state before the first word.
    public var start: State { State(last: Int32(LanguageModel.sentenceStart), pair: -1) }

    /// Reads the file; throws `unreadable` or `malformed`.
    public init(path: String) throws(LanguageError) {
        file = try ByteFile(path: path)
        var cursor = try file.cursor(after: "TINGNGR1")
        var next = try cursor.number()
        let longest = try cursor.number()
        guard next == 4, longest < 64 else {
            throw .malformed(
                path: path, expected: "4 specials and words below 64 characters", found: "\(next), \(longest)")
        }
        var sections: [Section] = []
        for length in stride(from: 1, through: longest, by: 1) {
            let count = try cursor.number()
            sections.append(Section(count: count, codes: try cursor.skip(count * length * 2), first: next))
            next += count
        }
        self.sections = sections
        wordCount = try cursor.number()
        guard wordCount == next else {
            throw .malformed(path: path, expected: "\(next) words", found: "\(wordCount)")
        }
        pairCount = try cursor.number()
        let triples = try cursor.number()
        probabilities = try cursor.skip(wordCount)
        backoffs = try cursor.skip(wordCount)
        pairStarts = try cursor.skip((wordCount + 1) * 4)
        pairWords = try cursor.skip(pairCount * 3)
        pairProbabilities = try cursor.skip(pairCount)
        pairBackoffs = try cursor.skip(pairCount)
        tripleStarts = try cursor.skip((pairCount + 1) * 3)
        tripleWords = try cursor.skip(triples * 3)
        tripleProbabilities = try cursor.skip(triples)
    }

    // ------------------------------------------------------------------------------------------------ words

    /// Number of a word, or nil.
    public func number(of word: String) -> Int? {
        let codes = Array(word.utf16)
        guard !codes.isEmpty, codes.count <= sections.count else { return nil }
        let section = sections[codes.count - 1]
        var low = 0
        var high = section.count
        while low < high {
            let middle = (low + high) / 2
            if order(codes, section, middle) < 0 { low = middle + 1 } else { high = middle }
        }
        return low < section.count && order(codes, section, low) == 0 ? section.first + low : nil
    }

    private func order(_ codes: [UInt16], _ section: Section, _ row: Int) -> Int {
        var offset = section.codes + row * codes.count * 2
        for code in codes {
            let other = file.u16(offset)
            if other != Int(code) { return other - Int(code) }
            offset += 2
        }
        return 0
    }

    /// The word of a number; "" for the specials.
    public func word(_ number: Int) -> String { String(decoding: codes(of: number), as: UTF16.self) }

    /// The UTF-16 codes of a word, one a character; none for the specials.
    public func codes(of number: Int) -> [UInt16] {
        for (index, section) in sections.enumerated()
        where number >= section.first && number < section.first + section.count {
            let length = index + 1
            let offset = section.codes + (number - section.first) * length * 2
            return (0..<length).map { UInt16(file.u16(offset + $0 * 2)) }
        }
        return []
    }

    // ------------------------------------------------------------------------------------------------ scores

    /// ln of the word's probability by itself.
    public func logProbability(of number: Int) -> Double { -Double(file.u8(probabilities + number)) / 8 }

    /// ln of the probability that the word follows, and the state after it.
    public func score(_ number: Int, after state: State) -> (logProbability: Double, state: State) {
        let last = Int(state.last)
        let low = file.u32(pairStarts + last * 4)
        let high = file.u32(pairStarts + last * 4 + 4)
        let row = find(number, pairWords, low, high)
        let next = State(last: Int32(truncatingIfNeeded: number), pair: Int32(truncatingIfNeeded: row ?? -1))
        var total = 0.0
        if state.pair >= 0 {
            let pair = Int(state.pair)
            let first = file.u24(tripleStarts + pair * 3)
            let end = file.u24(tripleStarts + pair * 3 + 3)
            if let triple = find(number, tripleWords, first, end) {
                return (-Double(file.u8(tripleProbabilities + triple)) / 8, next)
            }
            total -= Double(file.u8(pairBackoffs + pair)) / 16
        }
        if let row { return (total - Double(file.u8(pairProbabilities + row)) / 8, next) }
        return (total - Double(file.u8(backoffs + last)) / 16 + logProbability(of: number), next)
    }

    private func find(_ number: Int, _ words: Int, _ first: Int, _ end: Int) -> Int? {
        var low = first
        var high = end
        while low < high {
            let middle = (low + high) / 2
            let other = file.u24(words + middle * 3)
            if other == number { return middle }
            if other < number { low = middle + 1 } else { high = middle }
        }
        return nil
    }

    /// ln of the probability that the sentence ends here.
    public func end(after state: State) -> Double { score(LanguageModel.sentenceEnd, after: state).logProbability }

    /// ln of the probability of `word` after the words of `context` (the sentence start if empty).
    public func logProbability(of word: String, context: [String]) -> Double {
        var state = start
        for before in context { state = score(number(of: before) ?? LanguageModel.unknown, after: state).state }
        return score(number(of: word) ?? LanguageModel.unknown, after: state).logProbability
    }
}
