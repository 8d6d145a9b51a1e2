/// Where something in a domain file stands.
public struct SourcePlace: Sendable, Hashable, CustomStringConvertible {
    /// The file's path.
    public var path: String
    /// 1-based, 0 when unknown.
    public var line: Int

    /// `path:line`.
    public var description: String { "\(path):\(line)" }
}

/// One language's sentences, lists and rules, as read: nothing is resolved yet.
struct GrammarSource: Sendable {
    /// The language code in the file: `zh-CN`, `yue`, `en`.
    var language: String
    /// Whether whitespace between Han characters is ignored.
    var ignoresWhitespace: Bool
    /// Whether the file says so itself.
    var setsWhitespace = false
    /// Whether the file is a plain hassil one, whose numbers follow hassil's word forms exactly.
    var isPlainHassil = false
    var skipWords: [String] = []
    /// Words that may end any sentence without meaning anything: 吧, 好吗.
    var particles: [String] = []
    var blocks: [SentenceBlock] = []
    var lists: [String: ListSource] = [:]
    var rules: [String: RuleSource] = [:]
    /// Reply templates by intent.
    var replies: [String: [String]] = [:]
    /// Where the replies of an intent stand.
    var replyPlaces: [String: SourcePlace] = [:]
    /// Questions by slot, or by `intent.slot`.
    var prompts: [String: [String]] = [:]
    /// How an option is said: list → identifier → words.
    var spoken: [String: [String: String]] = [:]
    /// Sentences to learn from, for `ting adapt`.
    var examples: [Example] = []
    /// Fixed phrases of the dialogue, such as `not_understood`.
    var phrases: [String: [String]] = [:]
}

/// Sentences of one intent that share slots and context.
struct SentenceBlock: Sendable {
    var intent: String
    var place: SourcePlace
    var sentences: [(text: String, line: Int)]
    var slots: [(name: String, value: ContextValue)] = []
    var context = ContextRule()
    var response: String?
    var metadata: [String: ContextValue] = [:]
    var requiredKeywords: Set<String> = []
    var lists: [String: ListSource] = [:]
    var rules: [String: RuleSource] = [:]
}

/// An expansion rule as written.
struct RuleSource: Sendable {
    var text: String
    var place: SourcePlace
}

/// A list as written.
struct ListSource: Sendable {
    enum Kind: Sendable {
        case values([ListValueSource])
        case range(RangeSource)
        case wildcard
        /// A value type that Ting knows: `time`, `date`, `duration`, `percentage`, `temperature`.
        case builtin(String, RangeSource?)
    }

    var name: String
    var place: SourcePlace
    var kind: Kind
    /// The unit of the numbers in it, if any.
    var unit: String?
    /// For a wildcard, the names that it is matched against by sound, the more usual first, if the domain gives any.
    var names: [String] = []
}

/// One value of a list.
struct ListValueSource: Sendable {
    var text: String
    var output: ContextValue?
    var context: [String: ContextValue] = [:]
    var metadata: [String: ContextValue] = [:]
    var line: Int
}

/// A range of numbers.
struct RangeSource: Sendable, Hashable {
    enum Fractions: String, Sendable { case halves, tenths }
    enum Kind: String, Sendable { case number, percentage, temperature }

    var from: Int
    var to: Int
    var step = 1
    var kind = Kind.number
    var fractions: Fractions?
    var multiplier: Double?
    var allowsDigits = true
    var allowsWords = true
    var wordsLanguage: String?

    /// Whether a number is one of the range.
    func contains(_ number: Double) -> Bool {
        let whole = number.rounded(.down)
        guard whole >= Double(from), whole <= Double(to) else { return false }
        guard (Int(whole) - from).isMultiple(of: step) else { return false }
        let rest = number - whole
        if rest == 0 { return true }
        switch fractions {
        case nil: return false
        case .halves: return rest == 0.5
        case .tenths: return ((rest * 10).rounded() - rest * 10).magnitude < 1e-6
        }
    }

    /// Every number of the range, fractions included.
    var numbers: [Double] {
        var result: [Double] = []
        for whole in stride(from: from, through: to, by: step) {
            result.append(Double(whole))
            switch fractions {
            case nil: break
            case .halves: result.append(Double(whole) + 0.5)
            case .tenths: result += (1...9).map { Double(whole) + Double($0) / 10 }
            }
        }
        return result
    }
}
