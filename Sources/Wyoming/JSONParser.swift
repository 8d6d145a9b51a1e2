extension JSONValue {
    /// Parses one JSON text (RFC 8259), nothing after it but white space.
    ///
    /// At most 64 levels deep.
    /// - Throws: `WyomingError.json` that names what was expected and the byte where it was not found.
    public init(parsing text: String) throws(WyomingError) {
        try self.init(parsing: Array(text.utf8))
    }

    /// Parses the UTF-8 bytes of one JSON text.
    public init(parsing bytes: [UInt8]) throws(WyomingError) {
        guard String(validating: bytes, as: UTF8.self) != nil else { throw .notUTF8 }
        var parser = JSONParser(bytes: bytes)
        self = try parser.value(depth: 0)
        parser.skipSpace()
        guard parser.at == bytes.count else { throw parser.expected("the end") }
    }
}

/// Recursive descent over UTF-8 bytes that are known to be valid.
private struct JSONParser {
    let bytes: [UInt8]
    var at = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    func expected(_ what: String) -> WyomingError {
        let found =
            at < bytes.count ? "'\(String(decoding: bytes[at..<min(bytes.count, at + 12)], as: UTF8.self))'" : "the end"
        return .json("at byte \(at): expected \(what), found \(found)")
    }

    private var next: UInt8? { at < bytes.count ? bytes[at] : nil }

    mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { at += 1 }
    }

    mutating func value(depth: Int) throws(WyomingError) -> JSONValue {
        guard depth < 64 else { throw .json("at byte \(at): more than 64 levels deep") }
        skipSpace()
        switch next {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try array(depth: depth)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return .number(try number())
        }
    }

    private mutating func word(_ text: String, _ value: JSONValue) throws(WyomingError) -> JSONValue {
        guard bytes[at...].starts(with: text.utf8) else { throw expected("a value") }
        at += text.utf8.count
        return value
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard next == UInt8(ascii: character) else { return false }
        at += 1
        return true
    }

    private mutating func object(depth: Int) throws(WyomingError) -> JSONValue {
        at += 1
        var members: [JSONValue.Member] = []
        skipSpace()
        if take("}") { return .object(members) }
        while true {
            skipSpace()
            guard next == UInt8(ascii: "\"") else { throw expected("a name in quotes") }
            let name = try string()
            skipSpace()
            guard take(":") else { throw expected("':'") }
            members.append(JSONValue.Member(name, try value(depth: depth + 1)))
            skipSpace()
            if take("}") { return .object(members) }
            guard take(",") else { throw expected("',' or '}'") }
        }
    }

    private mutating func array(depth: Int) throws(WyomingError) -> JSONValue {
        at += 1
        var elements: [JSONValue] = []
        skipSpace()
        if take("]") { return .array(elements) }
        while true {
            elements.append(try value(depth: depth + 1))
            skipSpace()
            if take("]") { return .array(elements) }
            guard take(",") else { throw expected("',' or ']'") }
        }
    }

    private mutating func number() throws(WyomingError) -> Double {
        let start = at
        _ = take("-")
        let leading = next
        let digits = skipDigits()
        guard digits > 0, digits == 1 || leading != UInt8(ascii: "0") else {
            at = start
            throw expected("a value")
        }
        if take(".") { guard skipDigits() > 0 else { throw expected("a digit") } }
        if take("e") || take("E") {
            if !take("+") { _ = take("-") }
            guard skipDigits() > 0 else { throw expected("a digit") }
        }
        let text = String(decoding: bytes[start..<at], as: UTF8.self)
        guard let value = Double(text), value.isFinite else { throw .json("at byte \(start): number too large") }
        return value
    }

    private mutating func skipDigits() -> Int {
        let start = at
        while let byte = next, byte >= 0x30 && byte <= 0x39 { at += 1 }
        return at - start
    }

    private mutating func string() throws(WyomingError) -> String {
        at += 1
        var output: [UInt8] = []
        while let byte = next {
            at += 1
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: output, as: UTF8.self)
            case UInt8(ascii: "\\"): output += Array(String(try escape()).utf8)
            case 0..<0x20:
                at -= 1
                throw expected("no control character in a string")
            default: output.append(byte)
            }
        }
        throw expected("the closing quote")
    }

    private mutating func escape() throws(WyomingError) -> Character {
        guard let byte = next else { throw expected("an escape") }
        at += 1
        switch byte {
        case UInt8(ascii: "\""): return "\""
        case UInt8(ascii: "\\"): return "\\"
        case UInt8(ascii: "/"): return "/"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return Character(try unicode())
        default:
            at -= 1
            throw expected("an escape")
        }
    }

    private mutating func unicode() throws(WyomingError) -> Unicode.Scalar {
        let first = try hexadecimal()
        if let scalar = Unicode.Scalar(first) { return scalar }
        // A pair of surrogates is one character; a lone one is none.
        guard first < 0xDC00, take("\\"), take("u") else { return "\u{FFFD}" }
        let second = try hexadecimal()
        guard (0xDC00..<0xE000).contains(second) else { return "\u{FFFD}" }
        return Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00)) ?? "\u{FFFD}"
    }

    private mutating func hexadecimal() throws(WyomingError) -> UInt32 {
        guard at + 4 <= bytes.count, bytes[at..<at + 4].allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
            let value = UInt32(String(decoding: bytes[at..<at + 4], as: UTF8.self), radix: 16)
        else { throw expected("four hexadecimal digits") }
        at += 4
        return value
    }
}
