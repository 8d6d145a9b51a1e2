/// The sentences of a text one after the other, so that a long one is spoken as it is read and never held whole.
///
/// A sentence ends after 。！？； or a line break; beyond `comfortable` characters also at a comma, and beyond twice that
/// anywhere.
public struct Sentences: Sequence, IteratorProtocol, Sendable {
    private var rest: Substring
    private let comfortable: Int

    /// The sentences of `text`.
    public init(_ text: String, comfortable: Int = 60) {
        rest = text[...]
        self.comfortable = Swift.max(8, comfortable)
    }

    /// The next sentence with its punctuation, or nil at the end.
    public mutating func next() -> String? {
        while let sentence = cut() {
            if sentence.contains(where: { !$0.isWhitespace && TextSpan.pause(of: $0) == nil }) {
                return String(sentence)
            }
        }
        return nil
    }

    private mutating func cut() -> Substring? {
        guard !rest.isEmpty else { return nil }
        var index = rest.startIndex
        var count = 0
        var before: Character = " "
        while index < rest.endIndex {
            let character = rest[index]
            index = rest.index(after: index)
            count += 1
            let next = index < rest.endIndex ? rest[index] : "\n"
            let pause = TextSpan.pause(of: character)
            var ends = pause.map { $0.endsSentence } ?? false
            // The point in 3.5 and in www.baidu.com ends nothing, nor does the first of several marks.
            if character == ".", next.isNumber || TextSpan.isLatin(next) || before == "." { ends = false }
            if ends, let following = TextSpan.pause(of: next), following.endsSentence { ends = false }
            if count >= comfortable, pause != nil, !before.isNumber { ends = true }
            if count >= 2 * comfortable, !(character.isNumber && next.isNumber) { ends = true }
            before = character
            if ends || count >= 4 * comfortable { break }
        }
        let sentence = rest[..<index]
        rest = rest[index...]
        return sentence
    }
}
