/// Just enough JSON for a safetensors header: objects, arrays, strings, whole numbers.
enum JSON: Equatable {
    case object([(name: String, value: JSON)])
    case array([JSON])
    case string(String)
    case integer(Int)

    static func == (left: JSON, right: JSON) -> Bool {
        switch (left, right) {
        case (.object(let a), .object(let b)): a.count == b.count && zip(a, b).allSatisfy { $0 == $1 }
        case (.array(let a), .array(let b)): a == b
        case (.string(let a), .string(let b)): a == b
        case (.integer(let a), .integer(let b)): a == b
        default: false
        }
    }

    /// What was wrong, and at which byte.
    struct Fault: Error {
        var expected: String
        var position: Int
    }

    /// Reads one value and the white space after it.
    init(parsing bytes: [UInt8]) throws(Fault) {
        var reader = JSONReader(bytes: bytes)
        self = try reader.value(depth: 0)
        guard reader.atEnd() else { throw Fault(expected: "the end", position: reader.position) }
    }
}

private struct JSONReader {
    let bytes: [UInt8]
    var position = 0

    private mutating func next() -> UInt8? {
        while position < bytes.count, [0x20, 0x0A, 0x0D, 0x09].contains(bytes[position]) { position += 1 }
        return position < bytes.count ? bytes[position] : nil
    }

    mutating func atEnd() -> Bool { next() == nil }

    private mutating func take(_ character: Character) -> Bool {
        guard let byte = next(), byte == character.asciiValue else { return false }
        position += 1
        return true
    }

    private mutating func expect(_ character: Character) throws(JSON.Fault) {
        guard take(character) else { throw JSON.Fault(expected: "'\(character)'", position: position) }
    }

    mutating func value(depth: Int) throws(JSON.Fault) -> JSON {
        guard depth < 8 else { throw JSON.Fault(expected: "less nesting", position: position) }
        if take("{") {
            var members: [(name: String, value: JSON)] = []
            if take("}") { return .object(members) }
            repeat {
                let name = try string()
                try expect(":")
                members.append((name, try value(depth: depth + 1)))
            } while take(",")
            try expect("}")
            return .object(members)
        }
        if take("[") {
            var elements: [JSON] = []
            if take("]") { return .array(elements) }
            repeat { elements.append(try value(depth: depth + 1)) } while take(",")
            try expect("]")
            return .array(elements)
        }
        if next() == UInt8(ascii: "\"") { return .string(try string()) }
        return .integer(try integer())
    }

    private mutating func integer() throws(JSON.Fault) -> Int {
        let start = position
        while position < bytes.count, bytes[position] == UInt8(ascii: "-") || (0x30...0x39).contains(bytes[position]) {
            position += 1
        }
        guard let number = Int(String(decoding: bytes[start..<position], as: UTF8.self)) else {
            throw JSON.Fault(expected: "a whole number", position: start)
        }
        return number
    }

    private mutating func string() throws(JSON.Fault) -> String {
        try expect("\"")
        var units: [UInt8] = []
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let text = String(validating: units, as: UTF8.self) else {
                    throw JSON.Fault(expected: "valid UTF-8", position: position)
                }
                return text
            case UInt8(ascii: "\\"): try units.append(contentsOf: escape())
            default: units.append(byte)
            }
        }
        throw JSON.Fault(expected: "'\"'", position: position)
    }

    private mutating func escape() throws(JSON.Fault) -> [UInt8] {
        guard position < bytes.count else { throw JSON.Fault(expected: "an escape", position: position) }
        let byte = bytes[position]
        position += 1
        switch byte {
        case UInt8(ascii: "n"): return [0x0A]
        case UInt8(ascii: "t"): return [0x09]
        case UInt8(ascii: "r"): return [0x0D]
        case UInt8(ascii: "b"): return [0x08]
        case UInt8(ascii: "f"): return [0x0C]
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
        case UInt8(ascii: "u"):
            var units = [try codeUnit()]
            if UTF16.isLeadSurrogate(units[0]), position + 1 < bytes.count, bytes[position] == UInt8(ascii: "\\"),
                bytes[position + 1] == UInt8(ascii: "u")
            {
                position += 2
                units.append(try codeUnit())
            }
            return Array(String(decoding: units, as: UTF16.self).utf8)
        default: throw JSON.Fault(expected: "an escape", position: position)
        }
    }

    private mutating func codeUnit() throws(JSON.Fault) -> UInt16 {
        guard position + 4 <= bytes.count,
            let unit = UInt16(String(decoding: bytes[position..<position + 4], as: UTF8.self), radix: 16)
        else { throw JSON.Fault(expected: "four hexadecimal digits", position: position) }
        position += 4
        return unit
    }
}
