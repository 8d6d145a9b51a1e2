import Glibc
import Yams

/// A YAML (or JSON) value that remembers the line it stood on.
struct YAMLTree: Sendable {
    indirect enum Kind: Sendable {
        case null
        case bool(Bool)
        case number(Double)
        case string
        case list([YAMLTree])
        case map([Entry])
    }

    struct Entry: Sendable {
        var key: String
        var line: Int
        var value: YAMLTree
    }

    var kind: Kind
    /// The scalar as written, empty for collections.
    var raw: String
    /// 1-based.
    var line: Int

    /// Reads a whole file.
    static func read(path: String) throws(ThinkError) -> YAMLTree {
        let text = try TextFile.read(path: path)
        return try parse(text, path: path)
    }

    /// Parses text; `path` is only for the message.
    static func parse(_ text: String, path: String) throws(ThinkError) -> YAMLTree {
        do {
            guard let node = try Yams.compose(yaml: text) else {
                throw ThinkError.malformed(path: path, line: 1, expected: "a domain", found: "an empty file")
            }
            return YAMLTree(node, depth: 0)
        } catch let error as ThinkError {
            throw error
        } catch let error as YamlError {
            throw error.asThinkError(path: path)
        } catch {
            throw .malformed(path: path, line: 0, expected: "YAML", found: "\(error)")
        }
    }

    private init(_ node: Node, depth: Int) {
        line = node.mark?.line ?? 0
        raw = ""
        guard depth < 64 else {
            kind = .null
            return
        }
        switch node {
        case .scalar(let scalar):
            raw = scalar.string
            kind = scalar.style == .plain || scalar.style == .any ? Self.resolve(raw) : .string
        case .sequence(let sequence):
            kind = .list(sequence.map { YAMLTree($0, depth: depth + 1) })
        case .mapping(let mapping):
            kind = .map(
                mapping.map { pair in
                    Entry(
                        key: pair.key.scalar?.string ?? "", line: pair.key.mark?.line ?? 0,
                        value: YAMLTree(pair.value, depth: depth + 1))
                })
        case .alias:
            kind = .null
        }
    }

    private static func resolve(_ text: String) -> Kind {
        switch text {
        case "", "~", "null", "Null", "NULL": return .null
        case "true", "True", "TRUE": return .bool(true)
        case "false", "False", "FALSE": return .bool(false)
        default: break
        }
        guard let first = text.unicodeScalars.first, "+-.0123456789".unicodeScalars.contains(first),
            let number = Double(text), number.isFinite
        else { return .string }
        return .number(number)
    }

    subscript(key: String) -> YAMLTree? { entries?.last { $0.key == key }?.value }

    var entries: [Entry]? {
        if case .map(let entries) = kind { return entries }
        return nil
    }

    var elements: [YAMLTree]? {
        if case .list(let list) = kind { return list }
        return nil
    }

    /// A scalar's text as written; `nil` for collections and null.
    var text: String? {
        switch kind {
        case .null, .list, .map: nil
        default: raw
        }
    }

    var number: Double? {
        if case .number(let value) = kind { return value }
        return Double(raw)
    }

    var bool: Bool? {
        if case .bool(let value) = kind { return value }
        return nil
    }

    /// What the value is, for messages.
    var summary: String {
        switch kind {
        case .null: "nothing"
        case .list: "a list"
        case .map: "a mapping"
        default: "'\(raw)'"
        }
    }
}

extension YamlError {
    fileprivate func asThinkError(path: String) -> ThinkError {
        switch self {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            .malformed(path: path, line: mark.line, expected: "YAML", found: problem)
        case .duplicatedKeysInMapping(let duplicates, let context):
            .malformed(
                path: path, line: context.mark.line, expected: "every key once in a mapping",
                found: "\(duplicates.joined(separator: ", ")) twice")
        default:
            .malformed(
                path: path, line: 0, expected: "YAML", found: description.split(separator: "\n").joined(separator: " "))
        }
    }
}

/// Reading small text files without Foundation.
enum TextFile {
    /// A domain file larger than this is a mistake.
    static let sizeLimit = 64 << 20

    static func read(path: String) throws(ThinkError) -> String {
        guard let file = fopen(path, "rb") else {
            throw .unreadable(path: path, reason: String(cString: strerror(errno)))
        }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = fread(&buffer, 1, buffer.count, file)
            if count == 0 { break }
            bytes.append(contentsOf: buffer[..<count])
            if bytes.count > sizeLimit { throw .unreadable(path: path, reason: "larger than \(sizeLimit >> 20) MiB") }
        }
        if ferror(file) != 0 { throw .unreadable(path: path, reason: String(cString: strerror(errno))) }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw .unreadable(path: path, reason: "expected UTF-8 text, found other bytes")
        }
        return text
    }
}
