import Language

/// The sentences of a text, read as they are needed: a long text is divided where sentences end before it is pronounced.
struct ScoreReader: Sendable {
    /// A piece of text longer than this is divided even without a sign.
    static let longestPiece = 400

    private let frontEnd: TextFrontEnd
    private let dialect: Dialect
    private let writer: ScoreWriter
    private let text: [Character]
    private var position = 0
    private var ready: ArraySlice<Score> = []

    init(_ text: String, dialect: Dialect, frontEnd: TextFrontEnd, writer: ScoreWriter) {
        self.text = Array(text)
        self.dialect = dialect
        self.frontEnd = frontEnd
        self.writer = writer
        fill()
    }

    /// Whether nothing is left to say.
    var isAtEnd: Bool { ready.isEmpty }

    /// The next sentence.
    mutating func next() -> Score? {
        guard let score = ready.popFirst() else { return nil }
        if ready.isEmpty { fill() }
        return score
    }

    private mutating func fill() {
        while ready.isEmpty, position < text.count {
            let end = pieceEnd()
            let piece = String(text[position..<end])
            position = end
            ready = writer.scores(frontEnd.pronounce(piece, dialect: dialect, surface: true))[...]
        }
    }

    /// Behind the next sign that ends a sentence.
    ///
    /// A full stop between digits or letters ends none.
    private func pieceEnd() -> Int {
        var index = position
        while index < text.count {
            let character = text[index]
            index += 1
            if "。！？!?\n；;".contains(character) { return index }
            if character == "." {
                let next = index < text.count ? text[index] : " "
                if next.isWhitespace { return index }
            }
            if index - position >= Self.longestPiece { return index }
        }
        return index
    }
}
