/// The words of a `LanguageModel` by the units they are spoken with, looked up in place in a file written by
/// `Models/training/lexicon/build_lm.py`.
///
/// Walk it along a row of units from `root`: every node whose `words` are not empty ends words. Readings are lexical
/// (no sandhi), with the neutral tones of running speech as second readings.
public struct LexiconTrie: Sendable {
    private let file: ByteFile
    private let labels: Int
    private let children: Int
    private let firstWords: Int
    private let wordNumbers: Int

    /// Number of nodes.
    public let nodeCount: Int
    /// The node before any unit.
    public static let root = 0

    /// Reads the file; throws `unreadable` or `malformed`.
    public init(path: String) throws(LanguageError) {
        file = try ByteFile(path: path)
        var cursor = try file.cursor(after: "TINGTRI1")
        nodeCount = try cursor.number()
        let words = try cursor.number()
        labels = try cursor.skip(nodeCount * 2)
        children = try cursor.skip((nodeCount + 1) * 3)
        firstWords = try cursor.skip((nodeCount + 1) * 3)
        wordNumbers = try cursor.skip(words * 3)
        let end = file.u24(children + nodeCount * 3)
        guard nodeCount > 0, end == nodeCount, file.u24(firstWords + nodeCount * 3) == words else {
            throw .malformed(path: path, expected: "\(nodeCount) nodes and \(words) words", found: "\(end) nodes")
        }
    }

    /// The nodes one unit further; each has its unit as `unit(of:)`.
    public func children(of node: Int) -> Range<Int> {
        let first = file.u24(children + node * 3)
        return first..<max(first, min(nodeCount, file.u24(children + node * 3 + 3)))
    }

    /// Index in `PhoneInventory.units` of the unit that leads to a node.
    public func unit(of node: Int) -> Int { file.u16(labels + node * 2) }

    /// Numbers in the language model of the words that end at a node.
    public func words(at node: Int) -> [Int] {
        let first = file.u24(firstWords + node * 3)
        return (first..<max(first, file.u24(firstWords + node * 3 + 3))).map { file.u24(wordNumbers + $0 * 3) }
    }
}
