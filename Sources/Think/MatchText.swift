/// Text made ready for matching, with the scalars as they were written beside the folded ones.
///
/// Folding is one scalar to one scalar (case, full-width forms, the curly apostrophe), so positions agree.
struct MatchText: Sendable {
    private(set) var folded: [UInt32]
    private(set) var original: [Unicode.Scalar]

    var count: Int { folded.count }

    /// Folds text, makes whitespace single and removes punctuation that does not join two words.
    init(_ text: String, ignoresWhitespace: Bool) {
        folded = []
        original = []
        folded.reserveCapacity(text.utf8.count)
        var inSpace = true
        for scalar in text.unicodeScalars {
            if scalar.properties.isWhitespace {
                if !inSpace { append(" ", " ") }
                inSpace = true
            } else {
                append(Scalars.fold(scalar), scalar)
                inSpace = false
            }
        }
        removePunctuation(joinsHan: !ignoresWhitespace)
        trim()
    }

    private init() {
        folded = []
        original = []
    }

    private mutating func append(_ fold: Unicode.Scalar, _ scalar: Unicode.Scalar) {
        folded.append(fold.value)
        original.append(scalar)
    }

    /// What was written between two positions, without the spaces around it.
    func substring(_ range: Range<Int>) -> String {
        var range = range.clamped(to: 0..<count)
        while let first = range.first, folded[first] == Scalars.space { range = (first + 1)..<range.upperBound }
        while let last = range.last, folded[last] == Scalars.space { range = range.lowerBound..<last }
        var view = String.UnicodeScalarView()
        view.append(contentsOf: original[range])
        return String(view)
    }

    /// Keeps the positions for which the answer is true.
    private mutating func filter(_ keep: (Int) -> Bool) {
        var result = MatchText()
        for index in folded.indices where keep(index) { result.append(index, of: self) }
        self = result
    }

    private mutating func append(_ index: Int, of other: MatchText) {
        folded.append(other.folded[index])
        original.append(other.original[index])
    }

    private mutating func removePunctuation(joinsHan: Bool) {
        var dropped = [Bool](repeating: false, count: count)
        var start = 0
        while start < count {
            guard Scalars.isPunctuation(folded[start]) else {
                start += 1
                continue
            }
            var end = start + 1
            while end < count, Scalars.isPunctuation(folded[end]) { end += 1 }
            if !keepsPunctuation(start..<end, joinsHan: joinsHan) {
                for index in start..<end { dropped[index] = true }
            }
            start = end
        }
        filter { !dropped[$0] }
    }

    private func keepsPunctuation(_ run: Range<Int>, joinsHan: Bool) -> Bool {
        let before = run.lowerBound > 0 ? folded[run.lowerBound - 1] : Scalars.space
        let after = run.upperBound < count ? folded[run.upperBound] : Scalars.space
        if Scalars.isWord(before), Scalars.isWord(after) {
            return joinsHan || (!Scalars.isHan(before) && !Scalars.isHan(after))
        }
        // The last dot of an initialism such as A.C.
        return run.count == 1 && folded[run.lowerBound] == Scalars.dot && Scalars.isWord(before)
            && run.lowerBound > 1 && folded[run.lowerBound - 2] == Scalars.dot
    }

    private mutating func trim() {
        var range = 0..<count
        while let first = range.first, folded[first] == Scalars.space { range = (first + 1)..<range.upperBound }
        while let last = range.last, folded[last] == Scalars.space { range = range.lowerBound..<last }
        if range.count != count { filter { range.contains($0) } }
    }

    /// Removes whitespace next to a Han character, which means nothing there.
    mutating func removeHanWhitespace() {
        let copy = self
        filter { index in
            guard copy.folded[index] == Scalars.space, index > 0, index + 1 < copy.count else { return true }
            return !Scalars.isHan(copy.folded[index - 1]) && !Scalars.isHan(copy.folded[index + 1])
        }
    }

    /// Ends the text with a space, so that the last word has a boundary.
    mutating func appendBoundary() { append(" ", " ") }

    /// Which ends skip words are removed from.
    enum SkipScope { case everywhere, start, end }

    /// Removes skip words (folded, longest first), as hassil does.
    mutating func removeSkipWords(_ words: [[UInt32]], ignoresWhitespace: Bool, scope: SkipScope) {
        guard !words.isEmpty else { return }
        switch scope {
        case .everywhere: removeEverywhere(words, ignoresWhitespace: ignoresWhitespace)
        case .start:
            while let word = words.first(where: { matches($0, at: 0) && endsWord($0.count, ignoresWhitespace) }) {
                filter { $0 >= word.count }
                trim()
            }
        case .end:
            while let word = words.first(where: {
                let start = count - $0.count
                return start >= 0 && matches($0, at: start) && startsWord(start, ignoresWhitespace)
            }) {
                let start = count - word.count
                filter { $0 < start }
                trim()
            }
        }
    }

    private mutating func removeEverywhere(_ words: [[UInt32]], ignoresWhitespace: Bool) {
        var result = MatchText()
        var index = 0
        while index < count {
            let word = words.first {
                matches($0, at: index) && startsWord(index, ignoresWhitespace)
                    && endsWord(index + $0.count, ignoresWhitespace)
            }
            guard let word else {
                result.append(index, of: self)
                index += 1
                continue
            }
            index += word.count
            guard !ignoresWhitespace else { continue }
            if result.folded.last != Scalars.space { result.append(" ", " ") }
            while index < count, folded[index] == Scalars.space { index += 1 }
        }
        self = result
        trim()
    }

    private func startsWord(_ index: Int, _ ignoresWhitespace: Bool) -> Bool {
        ignoresWhitespace || index == 0 || !Scalars.isWord(folded[index - 1])
    }

    private func endsWord(_ index: Int, _ ignoresWhitespace: Bool) -> Bool {
        ignoresWhitespace || index >= count || !Scalars.isWord(folded[index])
    }

    private func matches(_ word: [UInt32], at index: Int) -> Bool {
        guard index + word.count <= count else { return false }
        for offset in word.indices where folded[index + offset] != word[offset] { return false }
        return true
    }
}

/// What matching needs to know about single scalars.
enum Scalars {
    static let space: UInt32 = 0x20
    static let dot: UInt32 = 0x2E
    static let hyphen: UInt32 = 0x2D
    static let underscore: UInt32 = 0x5F

    /// Case, full-width forms and the curly apostrophe removed.
    static func fold(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        let value = scalar.value
        if value < 0x80 {
            return (0x41...0x5A).contains(value) ? Unicode.Scalar(UInt8(value + 0x20)) : scalar
        }
        if isHan(value) { return scalar }
        if value == 0x2019 { return "'" }
        if (0xFF01...0xFF5E).contains(value), let plain = Unicode.Scalar(value - 0xFEE0) { return fold(plain) }
        let lower = scalar.properties.lowercaseMapping.unicodeScalars
        return lower.count == 1 ? lower.first ?? scalar : scalar
    }

    /// Folds a whole string.
    static func fold(_ text: String) -> [UInt32] { text.unicodeScalars.map { fold($0).value } }

    /// Han, kana and hangul: scripts without spaces between words.
    static func isHan(_ value: UInt32) -> Bool {
        (0x4E00...0x9FFF).contains(value) || (0x3400...0x4DBF).contains(value) || (0x3040...0x30FF).contains(value)
            || (0xAC00...0xD7AF).contains(value) || (0x20000...0x323AF).contains(value) || value == 0x3007
    }

    /// A letter, digit or underscore of any script.
    static func isWord(_ value: UInt32) -> Bool {
        if value < 0x80 {
            return (0x30...0x39).contains(value) || (0x61...0x7A).contains(value) || (0x41...0x5A).contains(value)
                || value == underscore
        }
        if isHan(value) { return true }
        guard let scalar = Unicode.Scalar(value) else { return false }
        return scalar.properties.isAlphabetic || scalar.properties.numericType != nil
    }

    static func isDigit(_ value: UInt32) -> Bool { (0x30...0x39).contains(value) }

    /// Sentence punctuation, which speech does not have.
    static func isPunctuation(_ value: UInt32) -> Bool {
        switch value {
        case 0x2E, 0x2C, 0x3F, 0x21, 0x3B, 0x3A, 0x3002, 0xBF, 0x61F, 0xA1, 0x2026, 0x2014, 0x2013, 0x2015, 0x3001,
            0x201C, 0x201D, 0x300A, 0x300B, 0x300C, 0x300D, 0x22, 0x7E, 0x30FB:
            true
        default: false
        }
    }
}
