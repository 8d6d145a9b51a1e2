import Glibc

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
        try YAMLReader.read(text, path: path)
    }

    /// What a scalar without quotes means.
    static func resolve(_ text: String) -> Kind {
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
