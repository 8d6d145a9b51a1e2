/// Reads one language section: a plain hassil file, or a language of a Ting domain file.
struct GrammarReader {
    let path: String
    /// Problems are collected, so that one report names them all.
    var problems: [DomainProblem] = []

    init(path: String) { self.path = path }

    private func place(_ line: Int) -> SourcePlace { SourcePlace(path: path, line: line) }

    mutating func report(_ line: Int, _ message: String, _ suggestion: String, kind: DomainProblem.Kind = .structure) {
        problems.append(
            DomainProblem(kind: kind, place: place(line), message: message, suggestion: suggestion))
    }

    /// Reads a section; whatever is wrong in it is reported and left out.
    mutating func read(_ tree: YAMLTree, language: String, isPlainHassil: Bool) -> GrammarSource {
        let ignores = tree["settings"]?["ignore_whitespace"]?.bool
        var source = GrammarSource(
            language: language, ignoresWhitespace: ignores ?? (!isPlainHassil && !language.hasPrefix("en")))
        source.isPlainHassil = isPlainHassil
        source.setsWhitespace = ignores != nil
        source.skipWords = tree["skip_words"]?.elements?.compactMap(\.text) ?? []
        for entry in tree["lists"]?.entries ?? [] {
            if let list = readList(entry) { source.lists[entry.key] = list }
        }
        source.rules = readRules(tree["expansion_rules"])
        for entry in tree["intents"]?.entries ?? [] {
            source.blocks += readIntent(entry)
        }
        guard !isPlainHassil else { return source }
        source.particles = tree["particles"]?.elements?.compactMap(\.text) ?? []
        for entry in tree["examples"]?.entries ?? [] { source.examples += readExamples(entry) }
        source.replies = readTexts(tree["replies"])
        for entry in tree["replies"]?.entries ?? [] { source.replyPlaces[entry.key] = place(entry.line) }
        source.prompts = readTexts(tree["prompts"])
        source.phrases = readTexts(tree["phrases"])
        for entry in tree["spoken"]?.entries ?? [] {
            for value in entry.value.entries ?? [] {
                source.spoken[entry.key, default: [:]][value.key] = value.value.text
            }
        }
        return source
    }

    private mutating func readExamples(_ entry: YAMLTree.Entry) -> [Example] {
        let intent = entry.key == Example.nothing ? nil : entry.key
        return (entry.value.elements ?? []).compactMap { item in
            if let text = item.text, let example = Example(marked: text, intent: intent), !example.text.isEmpty {
                return example
            }
            report(
                item.line, "the example '\(item.raw)' of '\(entry.key)' cannot be read",
                "mark slots as [words](slot), and put the sentence into quotes")
            return nil
        }
    }

    private mutating func readIntent(_ entry: YAMLTree.Entry) -> [SentenceBlock] {
        // `intent: [sentences]` is Ting's short form of `intent: {data: [{sentences: […]}]}`.
        if let sentences = entry.value.elements {
            let texts = sentences.compactMap { tree in tree.text.map { (text: $0, line: tree.line) } }
            return [SentenceBlock(intent: entry.key, place: place(entry.line), sentences: texts)]
        }
        guard let data = entry.value["data"]?.elements else {
            report(
                entry.line, "intent '\(entry.key)' has no sentences, found \(entry.value.summary)",
                "write a list of sentences, or 'data:' with a list of blocks")
            return []
        }
        return data.compactMap { readBlock($0, intent: entry.key) }
    }

    private mutating func readBlock(_ tree: YAMLTree, intent: String) -> SentenceBlock? {
        guard let sentences = tree["sentences"]?.elements else {
            report(
                tree.line, "a block of intent '\(intent)' has no sentences",
                "add 'sentences:' with at least one sentence")
            return nil
        }
        var block = SentenceBlock(
            intent: intent, place: place(tree.line),
            sentences: sentences.compactMap { item in item.text.map { (text: $0, line: item.line) } })
        block.slots = tree["slots"]?.entries?.map { ($0.key, ContextValue($0.value)) } ?? []
        block.context.requires = readMap(tree["requires_context"])
        block.context.excludes = readMap(tree["excludes_context"])
        block.response = tree["response"]?.text
        block.metadata = readMap(tree["metadata"])
        block.requiredKeywords = Set(tree["required_keywords"]?.elements?.compactMap(\.text) ?? [])
        for entry in tree["lists"]?.entries ?? [] {
            if let list = readList(entry) { block.lists[entry.key] = list }
        }
        block.rules = readRules(tree["expansion_rules"])
        return block
    }

    private func readMap(_ tree: YAMLTree?) -> [String: ContextValue] {
        if case .map(let map)? = tree.map(ContextValue.init) { return map }
        return [:]
    }

    private mutating func readRules(_ tree: YAMLTree?) -> [String: RuleSource] {
        var rules: [String: RuleSource] = [:]
        for entry in tree?.entries ?? [] {
            guard let text = entry.value.text else {
                report(
                    entry.line, "rule '\(entry.key)' is \(entry.value.summary)", "write the rule's sentence as text")
                continue
            }
            rules[entry.key] = RuleSource(text: text, place: place(entry.line))
        }
        return rules
    }

    private func readTexts(_ tree: YAMLTree?) -> [String: [String]] {
        var result: [String: [String]] = [:]
        for entry in tree?.entries ?? [] {
            if let text = entry.value.text {
                result[entry.key] = [text]
            } else if let texts = entry.value.elements {
                result[entry.key] = texts.compactMap(\.text)
            }
        }
        return result
    }

    private mutating func readList(_ entry: YAMLTree.Entry) -> ListSource? {
        let tree = entry.value
        var list = ListSource(name: entry.key, place: place(entry.line), kind: .wildcard, unit: tree["unit"]?.text)
        if let type = tree["type"]?.text {
            list.kind = .builtin(type, readRange(tree["range"], of: entry.key))
            return list
        }
        if let values = tree["values"]?.elements {
            list.kind = .values(values.compactMap { readValue($0, of: entry.key) })
            return list
        }
        if tree["range"] != nil {
            guard let range = readRange(tree["range"], of: entry.key) else { return nil }
            list.kind = .range(range)
            return list
        }
        if tree["wildcard"]?.bool == true {
            list.names = tree["names"]?.elements?.compactMap(\.text) ?? []
            for file in tree["names_from"]?.elements ?? [] { list.names += readNames(file, of: entry.key) }
            return list
        }
        report(
            entry.line, "list '\(entry.key)' has neither values nor a range nor 'wildcard: true'",
            "add one of 'values:', 'range:', 'wildcard: true' or 'type:'")
        return nil
    }

    /// The names of a list file; its path counts from the folder of the domain file.
    private mutating func readNames(_ tree: YAMLTree, of list: String) -> [String] {
        let file = tree.text ?? ""
        let folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        let place = file.hasPrefix("/") || folder.isEmpty ? file : folder + "/" + file
        do throws(ThinkError) {
            return try NameList.names(inFile: place)
        } catch {
            report(
                tree.line, "the names of list '\(list)': \(error)", "write 'names_from: [FILE]', one name a line in it")
            return []
        }
    }

    private mutating func readValue(_ tree: YAMLTree, of list: String) -> ListValueSource? {
        if let text = tree.text {
            let isTemplate = TemplateParser.isTemplate(text)
            return ListValueSource(text: text, output: isTemplate ? nil : .string(text), line: tree.line)
        }
        guard let text = tree["in"]?.text else {
            report(tree.line, "a value of list '\(list)' has no 'in'", "write the words that are said as 'in:'")
            return nil
        }
        let output = tree["out"].map(ContextValue.init)
        return ListValueSource(
            text: text, output: output == .null ? nil : output, context: readMap(tree["context"]),
            metadata: readMap(tree["metadata"]), line: tree.line)
    }

    private mutating func readRange(_ tree: YAMLTree?, of list: String) -> RangeSource? {
        guard let tree else { return nil }
        guard let from = tree["from"]?.number, let to = tree["to"]?.number, from <= to, from.magnitude < 1e9, to < 1e9
        else {
            report(tree.line, "the range of list '\(list)' needs 'from' ≤ 'to'", "write 'range: {from: 0, to: 100}'")
            return nil
        }
        var range = RangeSource(from: Int(from), to: Int(to))
        if let step = tree["step"]?.number {
            guard step >= 1, step < 1e9 else {
                report(tree.line, "the range of list '\(list)' has step \(step)", "use a whole step of 1 or more")
                return nil
            }
            range.step = Int(step)
        }
        range.kind = tree["type"]?.text.flatMap(RangeSource.Kind.init) ?? .number
        range.fractions = tree["fractions"]?.text.flatMap(RangeSource.Fractions.init)
        range.multiplier = tree["multiplier"]?.number
        range.allowsDigits = tree["digits"]?.bool ?? true
        range.allowsWords = tree["words"]?.bool ?? true
        range.wordsLanguage = tree["words_language"]?.text
        return range
    }
}
