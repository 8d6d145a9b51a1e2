/// The kinds of numbers a tensor may hold here, by their safetensors names.
enum TensorType: String {
    case float32 = "F32"
    case float16 = "F16"
    case int8 = "I8"

    var byteCount: Int {
        switch self {
        case .float32: 4
        case .float16: 2
        case .int8: 1
        }
    }
}

/// Where one tensor lies in its file.
struct TensorEntry {
    var type: TensorType
    var shape: [Int]
    /// Bytes from the start of the file.
    var offset: Int
    /// The number of values.
    var count: Int
}

/// A safetensors header: 8 bytes of length, JSON, then the tensors' bytes without holes.
struct SafetensorsHeader {
    var metadata: [String: String] = [:]
    var tensors: [String: TensorEntry] = [:]

    init(file: MappedFile, path: String) throws(TensorError) {
        func malformed(_ detail: String) -> TensorError { .malformed(path: path, detail: detail) }
        guard file.count >= 8 else { throw malformed("expected at least 8 bytes, found \(file.count)") }
        let length = file.bytes(0..<8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard length <= UInt64(file.count - 8) else {
            throw malformed("truncated: expected a header of \(length) bytes, found \(file.count - 8)")
        }
        let start = 8 + Int(length)
        let header: JSON
        do throws(JSON.Fault) {
            header = try JSON(parsing: file.bytes(8..<start))
        } catch {
            throw malformed("expected \(error.expected) at byte \(error.position) of the header")
        }
        guard case .object(let members) = header else { throw malformed("expected a JSON object as header") }
        var extents: [(name: String, begin: Int, end: Int)] = []
        for (name, value) in members {
            if name == "__metadata__" {
                guard let texts = Self.texts(value) else { throw malformed("expected texts in __metadata__") }
                metadata = texts
                continue
            }
            guard tensors[name] == nil else { throw malformed("tensor \"\(name)\" is there twice") }
            let (entry, end) = try Self.entry(name, value, start: start, size: file.count, path: path)
            tensors[name] = entry
            extents.append((name, entry.offset, end))
        }
        var reached = start
        for extent in extents.sorted(by: { ($0.begin, $0.end) < ($1.begin, $1.end) }) {
            guard extent.begin >= reached else { throw malformed("tensor \"\(extent.name)\" overlaps another") }
            guard extent.begin == reached else {
                throw malformed("\(extent.begin - reached) bytes before tensor \"\(extent.name)\" belong to none")
            }
            reached = extent.end
        }
        guard reached == file.count else {
            throw malformed("\(file.count - reached) bytes at the end belong to no tensor")
        }
    }

    private static func texts(_ value: JSON) -> [String: String]? {
        guard case .object(let members) = value else { return nil }
        var texts: [String: String] = [:]
        for (name, value) in members {
            guard case .string(let text) = value else { return nil }
            texts[name] = text
        }
        return texts
    }

    private static func integers(_ value: JSON?) -> [Int]? {
        guard case .array(let elements) = value else { return nil }
        var integers: [Int] = []
        for case .integer(let number) in elements where number >= 0 { integers.append(number) }
        return integers.count == elements.count ? integers : nil
    }

    private static func entry(
        _ name: String, _ value: JSON, start: Int, size: Int, path: String
    ) throws(TensorError) -> (TensorEntry, end: Int) {
        func malformed(_ detail: String) -> TensorError {
            .malformed(path: path, detail: "tensor \"\(name)\": " + detail)
        }
        guard case .object(let members) = value else { throw malformed("expected an object") }
        func member(_ key: String) -> JSON? { members.first { $0.name == key }?.value }
        guard case .string(let typeName) = member("dtype") else { throw malformed("expected a dtype") }
        guard let type = TensorType(rawValue: typeName) else {
            throw .wrongType(path: path, tensor: name, expected: "F32, F16 or I8", found: typeName)
        }
        guard let shape = integers(member("shape")) else { throw malformed("expected a shape of whole numbers") }
        guard let offsets = integers(member("data_offsets")), offsets.count == 2, offsets[0] <= offsets[1] else {
            throw malformed("expected two rising data_offsets")
        }
        guard offsets[1] <= size - start else {
            throw malformed("truncated: expected bytes up to \(offsets[1]), found \(size - start)")
        }
        var count = 1
        for dimension in shape {
            let (product, overflow) = count.multipliedReportingOverflow(by: dimension)
            guard !overflow else { throw malformed("expected a shape that fits, found \(shape)") }
            count = product
        }
        let (bytes, overflow) = count.multipliedReportingOverflow(by: type.byteCount)
        guard !overflow, bytes == offsets[1] - offsets[0] else {
            throw malformed(
                "expected \(offsets[1] - offsets[0]) bytes from its offsets, found shape \(shape) of \(typeName)")
        }
        guard (start + offsets[0]) % type.byteCount == 0 else {
            throw malformed("misaligned: expected a multiple of \(type.byteCount), found byte \(start + offsets[0])")
        }
        return (TensorEntry(type: type, shape: shape, offset: start + offsets[0], count: count), start + offsets[1])
    }
}
