/// A value in a matching context, in fixed slots or in metadata: what YAML can hold.
public indirect enum ContextValue: Sendable, Hashable {
    /// No value.
    case null
    /// True or false.
    case bool(Bool)
    /// Any number.
    case number(Double)
    /// Text.
    case string(String)
    /// Several values.
    case list([ContextValue])
    /// Named values.
    case map([String: ContextValue])

    init(_ tree: YAMLTree) {
        switch tree.kind {
        case .null: self = .null
        case .bool(let value): self = .bool(value)
        case .number(let value): self = .number(value)
        case .string: self = .string(tree.raw)
        case .list(let items): self = .list(items.map(ContextValue.init))
        case .map(let entries):
            self = .map(Dictionary(entries.map { ($0.key, ContextValue($0.value)) }) { _, last in last })
        }
    }

    /// The `value` of a mapping, anything else itself: contexts may be written as `{value: …, slot: …}`.
    var unpacked: ContextValue {
        if case .map(let entries) = self { return entries["value"] ?? .null }
        return self
    }

    /// Whether an actual value satisfies this wanted one: equal, a member, or anything where nothing is asked.
    func accepts(_ actual: ContextValue) -> Bool {
        switch unpacked {
        case .list(let wanted): wanted.contains(actual.unpacked)
        case .null: true
        case let wanted: wanted == actual.unpacked
        }
    }
}

/// What must and what must not hold around a sentence.
struct ContextRule: Sendable, Hashable {
    var requires: [String: ContextValue] = [:]
    var excludes: [String: ContextValue] = [:]

    var isEmpty: Bool { requires.isEmpty && excludes.isEmpty }

    /// Whether a list value's own context may stand here; keys it does not mention are open.
    func allowsListValue(_ context: [String: ContextValue]) -> Bool {
        for (key, wanted) in requires {
            if let actual = context[key], !wanted.accepts(actual) { return false }
        }
        return excludesNothing(in: context)
    }

    /// Whether the finished context satisfies the rule; answers the slots to copy, or `nil`.
    func finish(_ context: [String: ContextValue]) -> [(name: String, value: ContextValue)]? {
        guard excludesNothing(in: context) else { return nil }
        var copies: [(name: String, value: ContextValue)] = []
        for (key, wanted) in requires.sorted(by: { $0.key < $1.key }) {
            guard let actual = context[key]?.unpacked, actual != .null, wanted.accepts(actual) else { return nil }
            guard case .map(let entries) = wanted, let slot = entries["slot"] else { continue }
            switch slot {
            case .bool(true): copies.append((key, actual))
            case .string(let name): copies.append((name, actual))
            default: break
            }
        }
        return copies
    }

    private func excludesNothing(in context: [String: ContextValue]) -> Bool {
        for (key, unwanted) in excludes {
            guard let actual = context[key]?.unpacked else { continue }
            switch unwanted.unpacked {
            case .list(let values): if values.contains(actual) { return false }
            case let value: if value == actual { return false }
            }
        }
        return true
    }
}
