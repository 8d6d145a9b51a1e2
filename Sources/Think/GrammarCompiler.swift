/// Turns a grammar as read into one that matches; problems are collected, never thrown.
struct GrammarCompiler {
    private let source: GrammarSource
    private(set) var problems: [DomainProblem] = []

    private var nodes: [Grammar.Node] = [.empty]
    private var lists: [Grammar.List] = []
    private var textNodes: [String: Int] = [:]
    private var global = Scope()

    /// The lists and rules that a block sees.
    private struct Scope {
        var lists: [String: Int] = [:]
        var rules: [String: Int] = [:]
        var rulesInProgress: Set<String> = []
        var localLists: [String: ListSource] = [:]
        var localRules: [String: RuleSource] = [:]
    }

    /// Compiles a source.
    static func compile(_ source: GrammarSource) -> (grammar: Grammar, problems: [DomainProblem]) {
        var compiler = GrammarCompiler(source)
        let grammar = compiler.run()
        return (grammar, compiler.problems)
    }

    private init(_ source: GrammarSource) { self.source = source }

    private mutating func run() -> Grammar {
        var blocks: [Grammar.Block] = []
        var sentences: [Grammar.Sentence] = []
        for block in source.blocks {
            var local = global
            let hasLocal = !block.lists.isEmpty || !block.rules.isEmpty
            if hasLocal { local = Scope(localLists: block.lists, localRules: block.rules) }
            var compiled: [(sentence: Grammar.Sentence, order: Int)] = []
            for (text, line) in block.sentences {
                let place = SourcePlace(path: block.place.path, line: line)
                guard let template = parse(text, at: place, what: "sentence") else { continue }
                let root =
                    hasLocal
                    ? node(template, scope: &local, place: place)
                    : globalNode(template, place: place)
                guard let root else { continue }
                compiled.append(sentence(template, text: text, place: place, block: blocks.count, root: root))
            }
            // Sentences with wildcards come in the order of their literal chunks, as in hassil.
            for (index, item) in compiled.enumerated().sorted(by: {
                ($0.element.order, $0.offset) < ($1.element.order, $1.offset)
            }) {
                _ = index
                sentences.append(item.sentence)
            }
            blocks.append(
                Grammar.Block(
                    intent: block.intent, slots: block.slots, context: block.context, response: block.response,
                    metadata: block.metadata, requiredKeywords: block.requiredKeywords))
        }
        // Lists that only replies or open questions use are compiled as well.
        for (name, list) in source.lists.sorted(by: { $0.key < $1.key }) where global.lists[name] == nil {
            _ = globalList(name, place: list.place)
        }
        var clauses = ClauseCollector(nodes: nodes, lists: lists)
        let index = SentenceIndex(clauses: sentences.map { clauses.clauses(of: $0.root) })
        return Grammar(
            source: source, nodes: nodes, lists: lists, listIndex: global.lists, blocks: blocks, sentences: sentences,
            index: index)
    }

    private func sentence(
        _ template: Template, text: String, place: SourcePlace, block: Int, root: Int
    ) -> (sentence: Grammar.Sentence, order: Int) {
        var result = Grammar.Sentence(
            text: text, place: place, block: block, root: root, startsOpen: false, endsOpen: false, isOpen: false)
        if case .sequence(let items) = template, let first = items.first, let last = items.last {
            result.isOpen = items.count == 1 && isWildcard(first)
            result.startsOpen = items.count > 1 && isWildcard(first)
            result.endsOpen = items.count > 1 && isWildcard(last)
        }
        let hasWildcard = template.listReferences.contains { isWildcard(.list($0)) }
        return (result, hasWildcard ? -template.chunkCount : 0)
    }

    private func isWildcard(_ template: Template) -> Bool {
        guard case .list(let reference) = template, case .wildcard? = source.lists[reference.list]?.kind else {
            return false
        }
        return true
    }

    private mutating func parse(_ text: String, at place: SourcePlace, what: String) -> Template? {
        do {
            return try TemplateParser.parse(text)
        } catch {
            var message = "\(what) '\(text)' does not parse"
            var suggestion = "check its brackets"
            if case .template(_, let column, let expected, let found) = error {
                message = "\(what) '\(text)', column \(column): expected \(expected), found \(found)"
                suggestion = "add the missing bracket, or write \\ before a bracket that is said"
            }
            report(.syntax, place, message, suggestion)
            return nil
        }
    }

    private mutating func report(
        _ kind: DomainProblem.Kind, _ place: SourcePlace, _ message: String, _ suggestion: String
    ) {
        let problem = DomainProblem(kind: kind, place: place, message: message, suggestion: suggestion)
        if !problems.contains(problem) { problems.append(problem) }
    }

    private mutating func globalNode(_ template: Template, place: SourcePlace) -> Int? {
        var scope = global
        let result = node(template, scope: &scope, place: place)
        global = scope
        return result
    }

    private mutating func globalList(_ name: String, place: SourcePlace) -> Int? {
        var scope = global
        let result = list(name, inline: nil, scope: &scope, place: place)
        global = scope
        return result
    }

    private mutating func add(_ node: Grammar.Node) -> Int {
        nodes.append(node)
        return nodes.count - 1
    }

    /// Compiles a template; `nil` where something in it is unknown.
    private mutating func node(_ template: Template, scope: inout Scope, place: SourcePlace) -> Int? {
        switch template {
        case .text(let text): return textNode(text)
        case .sequence(let items):
            guard let inner = children(items, scope: &scope, place: place) else { return nil }
            return inner.count == 1 ? inner[0] : add(.sequence(inner))
        case .alternative(let items, _):
            guard let inner = children(items, scope: &scope, place: place) else { return nil }
            return add(.alternative(inner))
        case .permutation(let items):
            guard items.count <= 6 else {
                report(
                    .syntax, place, "a permutation of \(items.count) items has too many orders",
                    "split it into sentences with at most 6 items")
                return nil
            }
            guard let inner = children(items, scope: &scope, place: place) else { return nil }
            return add(.permutation(inner))
        case .list(let reference):
            let number = list(reference.list, inline: reference.inlineRange, scope: &scope, place: place)
            guard let number else { return nil }
            return add(
                .list(
                    Grammar.ListUse(
                        list: number, slot: reference.slot, isCapture: reference.isCapture,
                        isEndOfWord: reference.isEndOfWord)))
        case .rule(let name):
            return rule(name, scope: &scope, place: place)
        }
    }

    private mutating func children(_ items: [Template], scope: inout Scope, place: SourcePlace) -> [Int]? {
        var result: [Int] = []
        for item in items {
            guard let child = node(item, scope: &scope, place: place) else { return nil }
            result.append(child)
        }
        return result
    }

    private mutating func textNode(_ text: String) -> Int {
        if text.isEmpty { return 0 }
        if let known = textNodes[text] { return known }
        var scalars = Scalars.fold(text)
        if source.ignoresWhitespace {
            let isHan = scalars.map(Scalars.isHan)
            scalars = scalars.enumerated().filter { index, scalar in
                guard scalar == Scalars.space else { return true }
                return index > 0 && index + 1 < isHan.count && !isHan[index - 1] && !isHan[index + 1]
            }.map(\.element)
        }
        let lead = scalars.prefix { $0 == Scalars.space }.count
        let trail = scalars.reversed().prefix { $0 == Scalars.space }.count
        let last = scalars.last
        let chunk = Grammar.Chunk(
            scalars: scalars, lead: lead, strippedCount: max(0, scalars.count - lead - trail),
            endsWord: last == Scalars.space || last == 0x27, written: text)
        let number = scalars.isEmpty ? 0 : add(.text(chunk))
        textNodes[text] = number
        return number
    }

    private mutating func rule(_ name: String, scope: inout Scope, place: SourcePlace) -> Int? {
        if let known = scope.rules[name] { return known }
        guard let rule = scope.localRules[name] ?? source.rules[name] else {
            let near = NearestName.suggestion(for: name, among: source.rules.keys)
            report(.unknownRule, place, "rule <\(name)> is not defined", near ?? "define it in 'expansion_rules:'")
            return nil
        }
        guard scope.rulesInProgress.insert(name).inserted else {
            report(.unknownRule, rule.place, "rule <\(name)> contains itself", "write the repeated part out")
            return nil
        }
        defer { scope.rulesInProgress.remove(name) }
        guard let template = parse(rule.text, at: rule.place, what: "rule"),
            let result = node(template, scope: &scope, place: rule.place)
        else { return nil }
        scope.rules[name] = result
        return result
    }

    private mutating func list(
        _ name: String, inline: ListReference.InlineRange?, scope: inout Scope, place: SourcePlace
    ) -> Int? {
        if let known = scope.lists[name] { return known }
        if let list = scope.localLists[name] ?? source.lists[name] {
            guard let kind = kind(of: list, scope: &scope) else { return nil }
            lists.append(
                Grammar.List(name: name, kind: kind, unit: list.unit, place: list.place, names: Set(list.names)))
        } else if let inline {
            let range = RangeSource(from: inline.from, to: max(inline.from, inline.to), step: inline.step)
            lists.append(Grammar.List(name: name, kind: .range(range), unit: nil, place: place))
        } else {
            let near = NearestName.suggestion(for: name, among: source.lists.keys)
            report(.unknownList, place, "list {\(name)} is not defined", near ?? "define it in 'lists:'")
            return nil
        }
        scope.lists[name] = lists.count - 1
        return lists.count - 1
    }

    private mutating func kind(of list: ListSource, scope: inout Scope) -> Grammar.List.Kind? {
        switch list.kind {
        case .wildcard: return .wildcard
        case .range(let range): return .range(range)
        case .values(let values): return .values(compile(values, scope: &scope, path: list.place.path))
        case .builtin(let type, let range):
            guard let builtin = BuiltinKind(rawValue: type) else {
                let known = BuiltinKind.allCases.map(\.rawValue).joined(separator: ", ")
                report(
                    .structure, list.place, "list '\(list.name)' has the unknown type '\(type)'", "use one of \(known)")
                return nil
            }
            var inner = Scope(localLists: builtin.lists(range: range), localRules: [:])
            let text = builtin.template(language: source.language)
            guard let template = parse(text, at: list.place, what: "built-in list"),
                let root = node(template, scope: &inner, place: list.place)
            else { return nil }
            return .builtin(builtin, node: root)
        }
    }

    private mutating func compile(
        _ values: [ListValueSource], scope: inout Scope, path: String
    ) -> Grammar.Values {
        var result = Grammar.Values(items: [], byFirst: [:], open: [])
        for value in values {
            let place = SourcePlace(path: path, line: value.line)
            var root: Int?
            if TemplateParser.isTemplate(value.text) {
                guard let template = parse(value.text, at: place, what: "list value") else { continue }
                root = node(template, scope: &scope, place: place)
            } else {
                root = textNode(value.text.split(whereSeparator: \.isWhitespace).joined(separator: " "))
            }
            guard let root, root != 0 else { continue }
            let number = result.items.count
            result.items.append(
                Grammar.Value(node: root, output: value.output, text: value.text, context: value.context))
            if let firsts = firstScalars(of: root) {
                for first in firsts { result.byFirst[first, default: []].append(number) }
            } else {
                result.open.append(number)
            }
        }
        return result
    }

    /// The scalars a node's text can start with; `nil` where it may be empty or is open.
    private func firstScalars(of number: Int) -> Set<UInt32>? {
        switch nodes[number] {
        case .empty, .list, .permutation: return nil
        case .text(let chunk):
            let scalars = chunk.scalars.drop { $0 == Scalars.space }
            return scalars.first.map { [$0] }
        case .sequence(let items): return items.first.flatMap(firstScalars(of:))
        case .alternative(let items):
            var result = Set<UInt32>()
            for item in items {
                guard let firsts = firstScalars(of: item) else { return nil }
                result.formUnion(firsts)
            }
            return result
        }
    }
}
