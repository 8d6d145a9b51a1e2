import Tensors

/// What the network's rows stand for: characters with their sounds, intents and slot tags of every learned domain.
///
/// All of it is read from the weight file, so that text and weights cannot drift apart.
struct NetworkVocabulary: Sendable {
    /// A character as the network sees it; zero is none, character 1 is unknown.
    struct Token: Sendable, Hashable {
        var character = 0
        var syllable = 0
        var tone = 0
    }

    /// An intent with the slots it was ever seen with.
    struct Intent: Sendable {
        var name: String
        var slots: Set<String>
    }

    /// A learned domain: its slice of the intent head and of the tag head.
    struct Labels: Sendable {
        var intents: [Intent] = []
        var firstIntent = 0
        /// `O`, then pairs of `B-slot` and `I-slot`.
        var tags: [String] = []
        var firstTag = 0
        /// The intent that means nothing for the device, if the domain has one.
        var nothing: String?
    }

    /// The row of a session's text itself, before its characters.
    static let textToken = Token(character: 2)

    let tokens: [Unicode.Scalar: Token]
    /// Syllables without tone; token syllable n is `syllables[n - 1]`.
    let syllables: [String]
    let characterCount: Int
    /// Condition embeddings: learned domains, then scenes.
    let domains: [String]
    let acts: [String]
    let lists: [String]
    let labels: [String: Labels]
    let intentCount: Int
    let tagCount: Int
    /// Domains whose earlier turns the network was trained to use.
    let contextual: Set<String>

    init(_ file: WeightFile) throws(ThinkError) {
        func entry(_ name: String) throws(ThinkError) -> String {
            guard let text = file.metadata[name] else {
                throw .model(path: file.path, expected: "metadata '\(name)'", found: "none")
            }
            return text
        }
        let own = Array(try entry("characters").unicodeScalars)
        let soundOnly = Array(try entry("characters.sound").unicodeScalars)
        let readings: Table
        do {
            readings = try file.table("readings", rows: own.count + soundOnly.count, columns: 2)
        } catch {
            throw .model(path: file.path, expected: "a reading for each character", found: "\(error)")
        }
        var tokens: [Unicode.Scalar: Token] = [:]
        tokens.reserveCapacity(own.count + soundOnly.count)
        for (index, scalar) in (own + soundOnly).enumerated() {
            tokens[scalar] = Token(
                character: index < own.count ? index + 3 : 1, syllable: Int(readings[index, 0]),
                tone: Int(readings[index, 1]))
        }
        self.tokens = tokens
        characterCount = own.count + 3
        syllables = try entry("syllables").split(separator: " ").map(String.init)
        domains = try entry("domains").split(separator: " ").map(String.init)
        acts = try entry("acts").split(separator: " ").map(String.init)
        lists = try entry("lists").split(separator: " ").map(String.init)
        contextual = Set(try entry("contextual").split(separator: " ").map(String.init))
        var labels: [String: Labels] = [:]
        var nothing: [String: String] = [:]
        for pair in try entry("nothing").split(separator: " ") {
            let parts = pair.split(separator: "=").map(String.init)
            if parts.count == 2 { nothing[parts[0]] = parts[1] }
        }
        var count = 0
        for line in try entry("intents").split(separator: "\n") {
            let fields = line.split(separator: "\t", omittingEmptySubsequences: false)
            guard fields.count == 3 else {
                throw .model(path: file.path, expected: "domain, intent, slots", found: String(line))
            }
            labels[String(fields[0]), default: Labels(firstIntent: count)].intents.append(
                Intent(name: String(fields[1]), slots: Set(fields[2].split(separator: " ").map(String.init))))
            count += 1
        }
        intentCount = count
        count = 0
        for line in try entry("tags").split(separator: "\n") {
            let fields = line.split(separator: "\t", omittingEmptySubsequences: false)
            guard fields.count == 2, labels[String(fields[0])] != nil else {
                throw .model(path: file.path, expected: "domain, tag", found: String(line))
            }
            let domain = String(fields[0])
            if labels[domain]?.tags.isEmpty == true { labels[domain]?.firstTag = count }
            labels[domain]?.tags.append(String(fields[1]))
            count += 1
        }
        tagCount = count
        for (domain, intent) in nothing { labels[domain]?.nothing = intent }
        self.labels = labels
        guard tokens.values.allSatisfy({ (0...syllables.count).contains($0.syllable) && (0...5).contains($0.tone) }),
            labels.values.allSatisfy({ $0.tags.first == "O" && $0.tags.count % 2 == 1 })
        else { throw .model(path: file.path, expected: "readings and tags in range", found: "others") }
    }

    /// The token of a normalised character.
    func token(_ scalar: Unicode.Scalar) -> Token { tokens[scalar] ?? Token(character: 1) }

    /// Full-width forms narrowed and capitals lowered, one scalar in, one out: positions stay positions.
    static func normalise(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        var value = scalar.value
        if (0xFF01...0xFF5E).contains(value) { value -= 0xFEE0 }
        if value == 0x3000 { value = 0x20 }
        if (0x41...0x5A).contains(value) { value += 0x20 }
        return Unicode.Scalar(value) ?? scalar
    }
}
