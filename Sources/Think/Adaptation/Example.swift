/// A sentence with its meaning, as a domain writes it to be learned from: `挂一个[明天上午](date)的[内科](department)号`.
public struct Example: Sendable, Equatable {
    /// The intent; nil when the sentence is not meant for the device.
    public var intent: String?
    /// The words.
    public var text: String
    /// The slots and where their words stand, in Unicode scalars.
    public var slots: [Slot]

    /// A slot's words.
    public struct Slot: Sendable, Equatable {
        /// The slot.
        public var name: String
        /// Which scalars of the text.
        public var range: Range<Int>
    }

    /// The name under which a domain lists sentences that are not meant for the device.
    public static let nothing = "none"

    /// A sentence.
    public init(intent: String?, text: String, slots: [Slot] = []) {
        self.intent = intent
        self.text = text
        self.slots = slots
    }

    /// Reads the marks out of a sentence; nil when a bracket is not closed or a slot has no name.
    public init?(marked: String, intent: String?) {
        var words: [Unicode.Scalar] = []
        var slots: [Slot] = []
        var rest = Array(marked.unicodeScalars)[...]
        while let scalar = rest.popFirst() {
            guard scalar == "[" else {
                words.append(scalar)
                continue
            }
            guard let end = rest.firstIndex(of: "]"),
                let open = rest.index(end, offsetBy: 1, limitedBy: rest.endIndex - 1),
                rest[open] == "(", let close = rest[open...].firstIndex(of: ")"), close > open + 1,
                end > rest.startIndex
            else { return nil }
            let start = words.count
            words += rest[rest.startIndex..<end]
            slots.append(Slot(name: Self.text(rest[open + 1..<close]), range: start..<words.count))
            rest = rest[(close + 1)...]
        }
        self.init(intent: intent, text: Self.text(words[...]), slots: slots)
    }

    private static func text(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars)
        return String(view)
    }

    /// The same meaning in the words that a recogniser heard; nil when too little of the sentence, or nothing of a slot,
    /// came through.
    ///
    /// Both texts are laid along each other by their edit distance.
    public func heard(as words: String) -> Example? {
        let said = Array(text.unicodeScalars)
        let heard = Array(words.unicodeScalars)
        guard !said.isEmpty, !heard.isEmpty, said.count <= 96, heard.count <= 96 else { return nil }
        let width = heard.count + 1
        var costs = [Int](repeating: 0, count: (said.count + 1) * width)
        for i in 0...said.count {
            for j in 0...heard.count {
                guard i > 0, j > 0 else {
                    costs[i * width + j] = i + j
                    continue
                }
                let change = costs[(i - 1) * width + j - 1] + (said[i - 1] == heard[j - 1] ? 0 : 1)
                costs[i * width + j] = min(change, costs[(i - 1) * width + j] + 1, costs[i * width + j - 1] + 1)
            }
        }
        guard costs[said.count * width + heard.count] * 2 <= said.count else { return nil }
        var places = [Int?](repeating: nil, count: said.count)
        var (i, j) = (said.count, heard.count)
        while i > 0, j > 0 {
            let here = costs[i * width + j]
            if here == costs[(i - 1) * width + j - 1] + (said[i - 1] == heard[j - 1] ? 0 : 1) {
                places[i - 1] = j - 1
                (i, j) = (i - 1, j - 1)
            } else if here == costs[(i - 1) * width + j] + 1 {
                i -= 1
            } else {
                j -= 1
            }
        }
        var found: [Slot] = []
        for slot in slots {
            let kept = places[slot.range].compactMap { $0 }
            guard let first = kept.first, let last = kept.last else { return nil }
            found.append(Slot(name: slot.name, range: first..<last + 1))
        }
        return Example(intent: intent, text: words, slots: found)
    }
}
