/// Reads hassil sentence templates.
///
/// The grammar is hassil's: words keep the spaces after them, `|` binds looser than `;` within one group, an
/// optional is an alternative with an empty last branch, and the items of a permutation are padded with spaces.
public struct TemplateParser {
    private let source: String
    private let scalars: [Unicode.Scalar]
    private var position = 0

    /// Parses a whole template; the error names the column.
    public static func parse(_ text: String) throws(ThinkError) -> Template {
        var parser = TemplateParser(text)
        let template = try parser.group(until: nil)
        // A group that holds nothing but one group is that group.
        if case .sequence(let items) = template, items.count == 1 {
            switch items[0] {
            case .sequence, .alternative, .permutation: return items[0]
            default: break
            }
        }
        return template
    }

    /// Whether text uses template syntax at all.
    public static func isTemplate(_ text: String) -> Bool {
        text.unicodeScalars.contains { "(){}<>[]|@".unicodeScalars.contains($0) }
    }

    private init(_ text: String) {
        source = text
        var scalars = Array(text.unicodeScalars)
        while let last = scalars.last, last.properties.isWhitespace { scalars.removeLast() }
        let lead = scalars.prefix { $0.properties.isWhitespace }.count
        scalars.removeFirst(lead)
        self.scalars = scalars
    }

    private func failure(expected: String) -> ThinkError {
        let found = position < scalars.count ? "'\(scalars[position])'" : "the end"
        return .template(text: source, column: position + 1, expected: expected, found: found)
    }

    /// Parses items up to the closing delimiter, which is consumed.
    private mutating func group(until close: Unicode.Scalar?) throws(ThinkError) -> Template {
        var builder = GroupBuilder()
        let start = position
        while position < scalars.count {
            let scalar = scalars[position]
            if scalar == close {
                if position == start { throw failure(expected: "something before it") }
                position += 1
                return try finish(builder)
            }
            switch scalar {
            case "(":
                position += 1
                try add(try group(until: ")"), to: &builder)
            case "[":
                position += 1
                try add(optional(try group(until: "]")), to: &builder)
            case "{":
                let body = try delimited(until: "}", what: "a list name")
                let ends = position < scalars.count && scalars[position].properties.isWhitespace
                try add(.list(ListReference(body: body, isEndOfWord: ends)), to: &builder)
            case "<":
                try add(.rule(try delimited(until: ">", what: "a rule name")), to: &builder)
            case "|":
                builder.split(permutation: false)
                position += 1
            case ";":
                builder.split(permutation: true)
                position += 1
            case ")", "]", "}", ">":
                throw failure(
                    expected: close.map { "'\($0)' before any other closing bracket" } ?? "no closing bracket")
            default:
                try add(.text(word()), to: &builder)
            }
        }
        if let close { throw failure(expected: "'\(close)'") }
        if scalars.isEmpty { throw failure(expected: "a sentence") }
        return try finish(builder)
    }

    private func add(_ item: Template, to builder: inout GroupBuilder) throws(ThinkError) {
        if !builder.append(item) { throw failure(expected: "'|' and ';' in brackets of their own") }
    }

    private func finish(_ builder: GroupBuilder) throws(ThinkError) -> Template {
        guard let template = builder.template else {
            throw failure(expected: "'|' and ';' in brackets of their own")
        }
        return template
    }

    private func optional(_ group: Template) -> Template {
        if case .alternative(let items, _) = group {
            return .alternative(items + [.text("")], isOptional: true)
        }
        return .alternative([group, .text("")], isOptional: true)
    }

    /// A name in braces or angle brackets, with escapes removed.
    private mutating func delimited(until close: Unicode.Scalar, what: String) throws(ThinkError) -> String {
        position += 1
        var body = String.UnicodeScalarView()
        while position < scalars.count, scalars[position] != close {
            if scalars[position] == "\\", position + 1 < scalars.count { position += 1 }
            body.append(scalars[position])
            position += 1
        }
        if position >= scalars.count { throw failure(expected: "'\(close)'") }
        if body.isEmpty { throw failure(expected: what) }
        position += 1
        return String(body)
    }

    /// A word with the whitespace that follows it, up to the next word or bracket.
    private mutating func word() -> String {
        var text = String.UnicodeScalarView()
        var afterSpace = false
        let start = position
        scan: while position < scalars.count {
            let scalar = scalars[position]
            if scalar == "\\" {
                if afterSpace { break scan }
                position += 1
                if position < scalars.count {
                    text.append(scalars[position])
                    position += 1
                }
                continue
            }
            if scalar.properties.isWhitespace {
                if position > start { afterSpace = true }
                text.append(scalar)
                position += 1
                continue
            }
            if afterSpace || "()[]{}<>|;".unicodeScalars.contains(scalar) { break scan }
            text.append(scalar)
            position += 1
        }
        return Self.normalised(text)
    }

    /// One space for each run of whitespace, and the plain apostrophe.
    private static func normalised(_ scalars: String.UnicodeScalarView) -> String {
        var result = String.UnicodeScalarView()
        var inSpace = false
        for scalar in scalars {
            if scalar.properties.isWhitespace {
                if !inSpace { result.append(" ") }
                inSpace = true
            } else {
                result.append(scalar == "\u{2019}" ? "'" : scalar)
                inSpace = false
            }
        }
        return String(result)
    }
}

/// A group under construction: it starts as a sequence and turns into what its separators say.
private struct GroupBuilder {
    private enum Kind { case sequence, alternative, permutation }
    private var kind = Kind.sequence
    private var items: [Template] = []

    /// Adds an item to the newest branch; false where that branch is a finished group.
    mutating func append(_ item: Template) -> Bool {
        guard kind != .sequence else {
            items.append(item)
            return true
        }
        guard case .sequence(var branch)? = items.last else { return false }
        branch.append(item)
        items[items.count - 1] = .sequence(branch)
        return true
    }

    /// Starts a new branch after `|` or `;`.
    mutating func split(permutation: Bool) {
        let wanted: Kind = permutation ? .permutation : .alternative
        if kind != wanted {
            items = [template ?? .sequence(items)]
            kind = wanted
        }
        items.append(.sequence([]))
    }

    var template: Template? {
        switch kind {
        case .sequence: return .sequence(items)
        case .alternative: return .alternative(items, isOptional: false)
        case .permutation:
            var padded: [Template] = []
            for item in items {
                guard case .sequence(let inner) = item else { return nil }
                padded.append(.sequence([.text(" ")] + inner + [.text(" ")]))
            }
            return .permutation(padded)
        }
    }
}
