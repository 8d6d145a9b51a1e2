/// A domain as read from its files: sections by language and what is true in all languages.
struct DomainSource: Sendable {
    var name = ""
    var sections: [GrammarSource] = []
    var frames: [String: FrameRule] = [:]
    var framePlaces: [String: SourcePlace] = [:]
    var problems: [DomainProblem] = []
    /// Files whose sentences are in, so that what two domains include is said once.
    private var sentenceFiles: Set<String> = []
    /// Files on the way from the root to the one being read.
    private var openFiles: [String] = []
    /// Where the sections of the root being read begin: each root keeps its own lists and rules.
    private var rootStart = 0

    /// Reads files and everything they include; a file that cannot be read or is no YAML is an error.
    static func read(paths: [String]) throws(ThinkError) -> DomainSource {
        var source = DomainSource()
        for path in paths {
            source.rootStart = source.sections.count
            try source.add(YAMLTree.read(path: path), path: path)
        }
        return source
    }

    mutating func add(_ tree: YAMLTree, path: String) throws(ThinkError) {
        guard !openFiles.contains(path) else {
            throw .malformed(path: path, line: 1, expected: "includes without a circle", found: "it includes itself")
        }
        openFiles.append(path)
        defer { openFiles.removeLast() }
        try addContents(of: tree, path: path)
    }

    private mutating func addContents(of tree: YAMLTree, path: String) throws(ThinkError) {
        guard tree.entries != nil else {
            throw .malformed(path: path, line: tree.line, expected: "a mapping", found: tree.summary)
        }
        for include in tree["include"]?.elements?.compactMap(\.text) ?? [] {
            let folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
            let file = include.hasSuffix(".yaml") ? include : include + ".yaml"
            let place = include.hasPrefix("/") ? file : (folder + [file[...]]).joined(separator: "/")
            try add(YAMLTree.read(path: place), path: place)
        }
        var reader = GrammarReader(path: path)
        let isNew = sentenceFiles.insert(path).inserted
        if let language = tree["language"]?.text {
            merge(reader.read(tree, language: language, isPlainHassil: true))
        } else if let languages = tree["languages"]?.entries {
            for entry in languages {
                var section = reader.read(entry.value, language: entry.key, isPlainHassil: false)
                if !isNew { (section.blocks, section.examples) = ([], []) }
                merge(section)
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
        if let domain = tree["domain"]?.text, openFiles.count == 1, name.isEmpty { name = domain }
        if isNew { problems += reader.problems }
    }

    /// Adds a section to the one of the same language; what comes later wins.
    private mutating func merge(_ section: GrammarSource) {
        // Plain hassil files of a language are one set of sentences, whatever file they come from.
        let own = section.isPlainHassil ? sections[...] : sections[rootStart...]
        let known = own.firstIndex { $0.language == section.language && $0.isPlainHassil == section.isPlainHassil }
        guard let place = known else {
            sections.append(section)
            return
        }
        if section.setsWhitespace { sections[place].ignoresWhitespace = section.ignoresWhitespace }
        sections[place].skipWords += section.skipWords
        sections[place].particles += section.particles
        sections[place].blocks += section.blocks
        sections[place].examples += section.examples
        sections[place].lists.merge(section.lists) { _, new in new }
        sections[place].rules.merge(section.rules) { _, new in new }
        sections[place].replies.merge(section.replies) { _, new in new }
        sections[place].replyPlaces.merge(section.replyPlaces) { _, new in new }
        sections[place].prompts.merge(section.prompts) { _, new in new }
        sections[place].phrases.merge(section.phrases) { _, new in new }
        for (list, words) in section.spoken {
            sections[place].spoken[list, default: [:]].merge(words) { _, new in new }
        }
    }
}
