import Language

/// What may be said and what it means: one or more domain files, compiled.
///
/// A domain is immutable; reloading makes another one, and whoever holds the old one finishes with it.
public final class Domain: Sendable {
    /// The name the files give themselves, `car` or `home`.
    public let name: String
    /// The first of the files; empty for a domain that was read from text.
    public let path: String
    /// What the files declare about intents.
    public let frames: [String: FrameRule]
    /// What could not be compiled or looks wrong; fatal ones make `load` throw.
    public let problems: [DomainProblem]
    let framePlaces: [String: SourcePlace]
    let grammars: [Grammar]
    let sources: [GrammarSource]
    let slotTables: [SlotTable]

    /// The graph of all Mandarin sentences, or of the first language where there is no Mandarin.
    public var graph: SentenceGraph { graph(for: .mandarin) }

    /// Loads one file and what it includes; throws the first problem that makes it unusable.
    public static func load(path: String) throws(ThinkError) -> Domain { try load(paths: [path]) }

    /// Loads several files as one domain.
    public static func load(paths: [String]) throws(ThinkError) -> Domain {
        let domain = Domain(source: try DomainSource.read(paths: paths), path: paths.first ?? "")
        if let problem = domain.problems.first(where: \.isFatal) {
            throw .malformed(
                path: problem.place.path, line: problem.place.line, expected: problem.suggestion, found: problem.message
            )
        }
        return domain
    }

    /// Reads a domain from text; `path` only names it in messages.
    public static func parse(_ text: String, path: String = "domain.yaml") throws(ThinkError) -> Domain {
        var source = DomainSource()
        try source.add(YAMLTree.parse(text, path: path), path: path)
        let domain = Domain(source: source)
        if let problem = domain.problems.first(where: \.isFatal) {
            throw .malformed(
                path: problem.place.path, line: problem.place.line, expected: problem.suggestion, found: problem.message
            )
        }
        return domain
    }

    init(source: DomainSource, path: String = "") {
        self.path = path
        name = source.name
        frames = source.frames
        framePlaces = source.framePlaces
        sources = source.sections
        var found = source.problems
        var compiled: [Grammar] = []
        for section in source.sections {
            let (grammar, more) = GrammarCompiler.compile(section)
            compiled.append(grammar)
            found += more
        }
        grammars = compiled
        slotTables = compiled.map(SlotTable.init)
        problems = found
    }

    /// The languages that the files have sentences in.
    public var languages: [String] { grammars.map(\.language) }

    /// Every intent that a sentence has, in file order.
    public var intents: [String] {
        var seen = Set<String>()
        return grammars.flatMap(\.blocks).map(\.intent).filter { seen.insert($0).inserted }
    }

    /// Sentences to learn from, of all languages.
    public var examples: [Example] { sources.flatMap(\.examples) }

    /// Whether the domain lives by what was learned from its examples, and not by sentences.
    public var isAdapted: Bool { sentenceCount == 0 && !examples.isEmpty }

    /// How many sentence templates there are.
    public var sentenceCount: Int { grammars.reduce(0) { $0 + $1.sentences.count } }

    /// Where the sections of a dialect are; Sichuanese reads Mandarin text, and what is missing falls back to it.
    func sections(for dialect: Dialect) -> [Int] {
        let wanted =
            switch dialect {
            case .mandarin, .sichuanese: ["zh", "zh-cn"]
            case .cantonese: ["yue", "zh-hk"]
            case .english: ["en"]
            }
        let exact = grammars.indices.filter { place in
            let language = grammars[place].language.lowercased()
            return wanted.contains { language == $0 || language.hasPrefix($0 + "-") && $0 != "zh" }
        }
        return exact
    }

    /// What may be said in a dialect, for the spoken search.
    ///
    /// It is built anew at each call: whoever searches it keeps it.
    public func graph(for dialect: Dialect) -> SentenceGraph {
        let places = sections(for: dialect)
        guard let first = places.first ?? grammars.indices.first else { return SentenceGraph() }
        return places.dropFirst().reduce(GraphBuilder.graph(of: grammars[first])) {
            Self.joined($0, GraphBuilder.graph(of: grammars[$1]))
        }
    }

    /// Two graphs side by side.
    static func joined(_ first: SentenceGraph, _ second: SentenceGraph) -> SentenceGraph {
        var result = SentenceGraph(arcs: [[]], finals: [])
        for graph in [first, second] where !graph.arcs.isEmpty {
            let offset = result.arcs.count
            result.arcs[0].append(.init(target: offset, label: .epsilon))
            result.arcs += graph.arcs.map { arcs in arcs.map { .init(target: $0.target + offset, label: $0.label) } }
            for state in graph.finals { result.finals.insert(state + offset) }
        }
        return result
    }

    /// Every way a text matches, best first.
    ///
    /// Without a dialect all languages are tried; `context` satisfies `requires_context` and `excludes_context`.
    public func match(
        _ text: String, dialect: Dialect? = nil, context: [String: ContextValue] = [:]
    ) -> [DomainMatch] {
        var places = Array(grammars.indices)
        if let dialect {
            let own = sections(for: dialect)
            // A dialect's speaker mixes in the other languages of the domain.
            places = own + places.filter { !own.contains($0) }
        }
        var best: [DomainMatch] = []
        for place in places {
            let matches = grammars[place].recognise(text, context: context)
            if dialect != nil, !matches.isEmpty { return matches }
            best = best.isEmpty ? matches : Self.merge(best, matches)
        }
        return best
    }

    private static func merge(_ first: [DomainMatch], _ second: [DomainMatch]) -> [DomainMatch] {
        (first.map { ($0, 0) } + second.map { ($0, 1) }).enumerated().sorted { left, right in
            if left.element.0.isBetter(than: right.element.0) { return true }
            if right.element.0.isBetter(than: left.element.0) { return false }
            return left.offset < right.offset
        }.map(\.element.0)
    }
}
