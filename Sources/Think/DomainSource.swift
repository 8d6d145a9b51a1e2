/// A domain as read from its files: sections by language and what is true in all languages.
struct DomainSource: Sendable {
    var name = ""
    var sections: [GrammarSource] = []
    var frames: [String: FrameRule] = [:]
    var framePlaces: [String: SourcePlace] = [:]
    var problems: [DomainProblem] = []
    /// Places of intents by section, to find the ones written twice.
    private var includedFiles: Set<String> = []

    /// Reads files and everything they include; a file that cannot be read or is no YAML is an error.
    static func read(paths: [String]) throws(ThinkError) -> DomainSource {
        var source = DomainSource()
        for path in paths { try source.add(path: path) }
        return source
    }

    private mutating func add(path: String) throws(ThinkError) {
        guard includedFiles.insert(path).inserted else { return }
        try add(YAMLTree.read(path: path), path: path)
    }

    mutating func add(_ tree: YAMLTree, path: String) throws(ThinkError) {
        guard tree.entries != nil else {
            throw .malformed(path: path, line: tree.line, expected: "a mapping", found: tree.summary)
        }
        for include in tree["include"]?.elements?.compactMap(\.text) ?? [] {
            let folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
            let file = include.hasSuffix(".yaml") ? include : include + ".yaml"
            try add(path: include.hasPrefix("/") ? file : (folder + [file[...]]).joined(separator: "/"))
        }
        var reader = GrammarReader(path: path)
        if let language = tree["language"]?.text {
            sections.append(reader.read(tree, language: language, isPlainHassil: true))
        } else if let languages = tree["languages"]?.entries {
            for entry in languages {
                merge(reader.read(entry.value, language: entry.key, isPlainHassil: false))
            }
            for entry in tree["frames"]?.entries ?? [] {
                framePlaces[entry.key] = SourcePlace(path: path, line: entry.line)
                var rule = frames[entry.key] ?? FrameRule()
                rule.read(entry.value, intent: entry.key, reader: &reader)
                frames[entry.key] = rule
            }
        } else {
            throw .malformed(
                path: path, line: tree.line, expected: "'languages:' (or 'language:' of a hassil file)",
                found: "only \(tree.entries?.map(\.key).joined(separator: ", ") ?? "nothing")")
        }
        if let domain = tree["domain"]?.text { name = domain }
        problems += reader.problems
    }

    /// Adds a section to the one of the same language; what comes later wins.
    private mutating func merge(_ section: GrammarSource) {
        guard let place = sections.firstIndex(where: { $0.language == section.language && !$0.isPlainHassil }) else {
            sections.append(section)
            return
        }
        sections[place].skipWords += section.skipWords
        sections[place].blocks += section.blocks
        sections[place].lists.merge(section.lists) { _, new in new }
        sections[place].rules.merge(section.rules) { _, new in new }
        sections[place].replies.merge(section.replies) { _, new in new }
        sections[place].prompts.merge(section.prompts) { _, new in new }
        sections[place].phrases.merge(section.phrases) { _, new in new }
        for (list, words) in section.spoken {
            sections[place].spoken[list, default: [:]].merge(words) { _, new in new }
        }
    }
}
