/// Derives which literal fragments a text must contain to match a node, for the sentence index.
struct ClauseCollector {
    private let nodes: [Grammar.Node]
    private let lists: [Grammar.List]
    private var known: [Int: SentenceIndex.Clauses] = [:]

    /// Lists with more values than this constrain nothing: filing them would cost more than it saves.
    private static let valueLimit = 64
    private static let fragmentLimit = 96

    init(nodes: [Grammar.Node], lists: [Grammar.List]) {
        self.nodes = nodes
        self.lists = lists
    }

    mutating func clauses(of number: Int) -> SentenceIndex.Clauses {
        if let clauses = known[number] { return clauses }
        let clauses = compute(number)
        known[number] = clauses
        return clauses
    }

    private mutating func compute(_ number: Int) -> SentenceIndex.Clauses {
        switch nodes[number] {
        case .empty: return []
        case .text(let chunk):
            return chunk.scalars.split(separator: Scalars.space).compactMap { piece in
                piece.contains(where: Scalars.isPunctuation) ? nil : [Array(piece)]
            }
        case .sequence(let items), .permutation(let items):
            return items.flatMap { clauses(of: $0) }
        case .alternative(let items): return any(of: items)
        case .list(let use):
            switch lists[use.list].kind {
            case .values(let values):
                return values.items.count <= Self.valueLimit ? any(of: values.items.map(\.node)) : []
            case .builtin(_, let node): return clauses(of: node)
            case .range, .wildcard: return []
            }
        }
    }

    /// One clause that holds whichever branch matched: the longest-keyed clause of each, joined.
    private mutating func any(of items: [Int]) -> SentenceIndex.Clauses {
        var merged: [[UInt32]] = []
        for item in items {
            let branch = clauses(of: item)
            guard
                let smallest = branch.min(by: {
                    ($0.count, -($0[0].count)) < ($1.count, -($1[0].count))
                })
            else { return [] }
            merged += smallest
            if merged.count > Self.fragmentLimit { return [] }
        }
        return merged.isEmpty ? [] : [merged]
    }
}
