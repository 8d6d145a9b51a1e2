import Glibc
import Tensors
import Testing

/// A small generator whose numbers are the same in every run.
struct Dice: RandomNumberGenerator {
    var state: UInt64

    init(_ seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }

    mutating func byte() -> Int8 { Int8(truncatingIfNeeded: next() >> 24) }

    mutating func floats(_ count: Int, in range: ClosedRange<Float> = -1...1) -> [Float] {
        (0..<count).map { _ in Float.random(in: range, using: &self) }
    }

    mutating func matrix(_ rows: Int, _ columns: Int, in range: ClosedRange<Float> = -1...1) -> Matrix {
        Matrix(rows: rows, columns: columns, values: floats(rows * columns, in: range))
    }
}

/// One tensor to be written: its kind as the header names it, and its bytes.
struct WrittenTensor {
    var name: String
    var type: String
    var shape: [Int]
    var bytes: [UInt8]

    static func floats(_ name: String, _ shape: [Int], _ values: [Float]) -> WrittenTensor {
        WrittenTensor(
            name: name, type: "F32", shape: shape,
            bytes: values.flatMap { withUnsafeBytes(of: $0.bitPattern.littleEndian, Array.init) })
    }

    static func halves(_ name: String, _ shape: [Int], _ bits: [UInt16]) -> WrittenTensor {
        WrittenTensor(name: name, type: "F16", shape: shape, bytes: bits.flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] })
    }

    static func integers(_ name: String, _ shape: [Int], _ values: [Int8]) -> WrittenTensor {
        WrittenTensor(name: name, type: "I8", shape: shape, bytes: values.map { UInt8(bitPattern: $0) })
    }
}

/// The bytes of a safetensors file; `edit` may spoil the header's text.
func safetensors(
    _ tensors: [WrittenTensor], metadata: String = "", edit: (String) -> String = { $0 }
) -> [UInt8] {
    var parts: [String] = metadata.isEmpty ? [] : ["\"__metadata__\":\(metadata)"]
    var data: [UInt8] = []
    for tensor in tensors {
        let begin = data.count
        data += tensor.bytes
        parts.append(
            "\"\(tensor.name)\":{\"dtype\":\"\(tensor.type)\",\"shape\":\(tensor.shape),"
                + "\"data_offsets\":[\(begin),\(data.count)]}")
    }
    var header = Array(edit("{" + parts.joined(separator: ",") + "}").utf8)
    while header.count % 8 != 0 { header.append(0x20) }
    return withUnsafeBytes(of: UInt64(header.count).littleEndian, Array.init) + header + data
}

/// A file of its own in the temporary directory, removed after `body`.
func withFile<Result>(_ bytes: [UInt8], _ body: (String) throws -> Result) throws -> Result {
    var template = Array("/tmp/ting-tensors-XXXXXX".utf8CString)
    let descriptor = mkstemp(&template)
    try #require(descriptor >= 0)
    let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    defer { unlink(path) }
    try #require(write(descriptor, bytes, bytes.count) == bytes.count)
    close(descriptor)
    return try body(path)
}

/// The largest difference between two equally long lists.
func largestDifference(_ a: [Float], _ b: [Float]) -> Float {
    #expect(a.count == b.count)
    return zip(a, b).map { abs($0 - $1) }.max() ?? 0
}
