import CKernels
import Synchronization

/// A safetensors file, mapped read-only.
///
/// Opening checks the whole header; asking for a tensor checks its kind, its shape
/// and, for floats, that all are finite. INT8 weights are neither copied nor scanned.
public final class WeightFile: Sendable {
    /// Where the file lies.
    public let path: String
    /// The header's `__metadata__`.
    public let metadata: [String: String]
    let tensors: [String: TensorEntry]
    let file: MappedFile
    private static let copied = Atomic<Int>(0)

    /// Bytes of weights that this process has copied out of weight files so far; what is used where it lies does not count.
    public static var copiedBytes: Int { copied.load(ordering: .relaxed) }

    /// The form of file that this program reads: the file's metadata `format`, 1 where it does not say.
    ///
    /// To be raised when tensors are renamed or mean something else.
    public static let format = "1"

    /// Maps a file and checks that its header describes it.
    public init(path: String) throws(TensorError) {
        try Kernels.check()
        self.path = path
        file = try MappedFile(path: path)
        let header = try SafetensorsHeader(file: file, path: path)
        metadata = header.metadata
        tensors = header.tensors
        let found = metadata["format"] ?? "1"
        guard found == Self.format else { throw .wrongFormat(path: path, expected: Self.format, found: found) }
    }

    /// The names of all tensors, sorted.
    public var tensorNames: [String] { tensors.keys.sorted() }

    /// A tensor's shape, nil when there is none of that name.
    public func shape(of name: String) -> [Int]? { tensors[name]?.shape }

    /// How many numbers were learned: all tensors but the scales that quantising added and the `_pad.` bytes that align.
    public var parameterCount: Int {
        tensors.reduce(0) { $0 + (isScale($1.key) || $1.key.hasPrefix("_pad.") ? 0 : $1.value.count) }
    }

    /// The size of the file.
    public var byteCount: Int { file.count }

    private func isScale(_ name: String) -> Bool {
        guard name.hasSuffix(".scale") else { return false }
        let stem = String(name.dropLast(".scale".count))
        return (tensors[stem + ".weight"] ?? tensors[stem])?.type == .int8
    }

    func entry(_ name: String, _ types: [TensorType], shape: [Int]) throws(TensorError) -> TensorEntry {
        guard let entry = tensors[name] else { throw .missing(path: path, tensor: name) }
        guard types.contains(entry.type) else {
            let expected = types.map(\.rawValue).joined(separator: " or ")
            throw .wrongType(path: path, tensor: name, expected: expected, found: entry.type.rawValue)
        }
        guard entry.shape == shape else {
            throw .wrongShape(path: path, tensor: name, expected: shape, found: entry.shape)
        }
        return entry
    }

    private func floats(_ name: String, _ entry: TensorEntry) throws(TensorError) -> [Float] {
        let values =
            entry.type == .float16
            ? file.halves(at: entry.offset, count: entry.count) : file.floats(at: entry.offset, count: entry.count)
        guard ting_all_finite(values, values.count) else { throw .notFinite(path: path, tensor: name) }
        Self.copied.add(4 * values.count, ordering: .relaxed)
        return values
    }

    /// A copy of a vector of floats, F32 or F16.
    public func vector(_ name: String, count: Int) throws(TensorError) -> [Float] {
        try floats(name, entry(name, [.float32, .float16], shape: [count]))
    }

    /// Floats where they lie; F16 becomes a copy.
    func stored(_ name: String, _ entry: TensorEntry) throws(TensorError) -> Stored<Float> {
        guard entry.type == .float32 else { return .owned(try floats(name, entry)) }
        guard file.areFinite(at: entry.offset, count: entry.count) else { throw .notFinite(path: path, tensor: name) }
        return .mapped(file, offset: entry.offset)
    }

    /// A vector of floats, F32 or F16, where it lies.
    func stored(_ name: String, count: Int) throws(TensorError) -> Stored<Float> {
        try stored(name, entry(name, [.float32, .float16], shape: [count]))
    }

    /// The bias of the layer `name`, nil when it has none.
    func bias(of name: String, count: Int) throws(TensorError) -> Stored<Float>? {
        tensors[name + ".bias"] == nil ? nil : try stored(name + ".bias", count: count)
    }

    /// The tensor of a layer's weights: named as the layer, or `.weight` of it.
    private func weightName(_ name: String) -> String { tensors[name] == nil ? name + ".weight" : name }

    /// The scales of an INT8 tensor's rows: positive, or 0 for a row of zeros.
    private func scales(_ name: String, count: Int) throws(TensorError) -> Stored<Float> {
        let scales = try stored(name, count: count)
        guard (0..<count).allSatisfy({ scales[$0] >= 0 }) else { throw .notFinite(path: path, tensor: name) }
        return scales
    }

    /// Numbers to be looked up where they lie: F32, F16 (a copy), or I8 with `.scale`.
    ///
    /// `name` is the tensor, or stands for `name.weight`.
    public func table(_ name: String, rows: Int, columns: Int) throws(TensorError) -> Table {
        let full = weightName(name)
        let entry = try entry(full, [.float32, .float16, .int8], shape: [rows, columns])
        guard entry.type == .int8 else {
            return Table(rows: rows, columns: columns, numbers: .floats(try stored(full, entry)))
        }
        let stem = full.hasSuffix(".weight") ? String(full.dropLast(".weight".count)) : full
        let scale = try scales(stem + ".scale", count: rows)
        return Table(
            rows: rows, columns: columns, numbers: .integers(.mapped(file, offset: entry.offset), scale: scale))
    }

    /// The one row of a vector, looked up where it lies: F32, F16 (a copy).
    public func table(_ name: String, count: Int) throws(TensorError) -> Table {
        Table(rows: 1, columns: count, numbers: .floats(try stored(name, count: count)))
    }

    /// A matrix as floats: F32, F16, or I8 with `.scale`.
    ///
    /// This copies: for comparison in 32-bit floats and for weights that are to be changed. See `table` and `linear`.
    public func matrix(_ name: String, rows: Int, columns: Int) throws(TensorError) -> Matrix {
        let table = try table(name, rows: rows, columns: columns)
        Self.copied.add(4 * rows * columns, ordering: .relaxed)
        var result = Matrix(rows: rows, columns: columns)
        for row in 0..<rows { table.add(row: row, times: 1, to: &result.values, at: row * columns) }
        return result
    }

    /// The layer `name`: `.weight` (or the tensor of that very name) [outputs, inputs] as I8 with `.scale`, as F32 or as
    /// F16, and `.bias` [outputs] if there.
    ///
    /// With `.int8`, I8 and F32 weights are used where the file holds them. With `.float32`, weights are copied as floats.
    public func linear(
        _ name: String, inputs: Int, outputs: Int, precision: Precision
    ) throws(TensorError) -> Linear {
        let bias = try bias(of: name, count: outputs)
        let weights = try weights(name, inputs: inputs, outputs: outputs, precision: precision)
        return Linear(inputs: inputs, outputs: outputs, weights: weights, bias: bias)
    }

    func weights(
        _ name: String, inputs: Int, outputs: Int, precision: Precision
    ) throws(TensorError) -> Linear.Weights {
        let weight = weightName(name)
        let entry = try entry(weight, [.int8, .float32, .float16], shape: [outputs, inputs])
        switch (entry.type, precision) {
        case (.int8, .int8):
            return .int8(.mapped(file, offset: entry.offset), scale: try scales(name + ".scale", count: outputs))
        case (_, .int8):
            return .float(try stored(weight, entry))
        case (_, .float32):
            return .blas(try matrix(weight, rows: outputs, columns: inputs).values)
        }
    }
}
