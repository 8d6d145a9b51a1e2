import CKernels
import COpenBLAS
import Glibc

/// y = x · Wᵀ + b over the rows of x.
///
/// INT8 weights are multiplied as integers, the rows of x quantised as they come. Weights that a file keeps as floats go
/// through this project's own float product when the precision is `.int8`, because there a row's result does not depend
/// on how many rows come with it, which streaming needs; with `.float32` all weights go through OpenBLAS.
public struct Linear: Sendable {
    enum Weights: Sendable {
        case int8(Stored<Int8>, scale: Stored<Float>)
        case float(Stored<Float>)
        case blas([Float])
    }

    /// The width of a row of x.
    public let inputs: Int
    /// The width of a row of y.
    public let outputs: Int
    let weights: Weights
    let bias: Stored<Float>?

    init(inputs: Int, outputs: Int, weights: Weights, bias: Stored<Float>?) {
        self.inputs = inputs
        self.outputs = outputs
        self.weights = weights
        self.bias = bias
    }

    /// A layer of float weights [outputs, inputs]: quantised here for `.int8`, through OpenBLAS for `.float32`.
    public init(weights: Matrix, bias: [Float]? = nil, precision: Precision) {
        precondition(bias == nil || bias?.count == weights.rows, "a bias for each output")
        let stored: Weights
        switch precision {
        case .float32: stored = .blas(weights.values)
        case .int8:
            var integers = [Int8](repeating: 0, count: weights.values.count)
            var scale = [Float](repeating: 0, count: weights.rows)
            for row in 0..<weights.rows {
                let values = Array(weights.row(row))
                var quantised = [Int8](repeating: 0, count: values.count)
                var sum: Int32 = 0
                scale[row] = ting_quantise_row(-1, values, values.count, &quantised, values.count, &sum)
                integers.replaceSubrange(row * weights.columns..<(row + 1) * weights.columns, with: quantised)
            }
            stored = .int8(.owned(integers), scale: .owned(scale))
        }
        self.init(
            inputs: weights.columns, outputs: weights.rows, weights: stored, bias: bias.map { .owned($0) })
    }

    /// y for every row of x.
    public func callAsFunction(_ x: Matrix) -> Matrix {
        var y = Matrix(rows: x.rows, columns: outputs)
        apply(x, into: &y)
        return y
    }

    /// y for every row of x, into a matrix that is kept from call to call.
    public func apply(_ x: Matrix, into y: inout Matrix) {
        precondition(x.columns == inputs, "rows of \(inputs) values, not \(x.columns)")
        apply(x.values, rows: x.rows, stride: inputs, into: &y)
    }

    /// y for `rows` rows of x that begin `stride` values apart (they may overlap, as a convolution's windows do).
    func apply(_ x: [Float], rows: Int, stride: Int, into y: inout Matrix) {
        if y.rows != rows || y.columns != outputs { y = Matrix(rows: rows, columns: outputs) }
        guard rows > 0 else { return }
        precondition(x.count >= (rows - 1) * stride + inputs, "enough values for all rows")
        switch weights {
        case .int8(let stored, let scale):
            stored.withPointer { pointer in
                scale.withPointer(and: bias) { scale, bias in
                    ting_linear_int8(-1, x, stride, rows, pointer, scale, bias, inputs, outputs, &y.values, outputs)
                }
            }
        case .float(let stored):
            stored.withPointer(and: bias) { pointer, bias in
                ting_linear_float(x, stride, rows, pointer, bias, inputs, outputs, &y.values, outputs)
            }
        case .blas(let weights):
            BLAS.product(x, stride: stride, rows: rows, weights, inputs: inputs, outputs: outputs, into: &y.values)
            bias?.withPointer { ting_add_to_rows(&y.values, $0, rows, outputs) }
        }
    }

    /// How many bytes the weights take, and how many of them were copied from the file.
    public var weightBytes: (total: Int, copied: Int) {
        let count = inputs * outputs
        return switch weights {
        case .int8(.mapped, _): (count + 4 * outputs, 0)
        case .int8(.owned, _): (count + 4 * outputs, count + 4 * outputs)
        case .float(.mapped): (4 * count, 0)
        case .float(.owned), .blas: (4 * count, 4 * count)
        }
    }
}

/// Float products through OpenBLAS, on one thread unless `OPENBLAS_NUM_THREADS` says otherwise.
enum BLAS {
    private static let prepared: Bool = {
        if getenv("OPENBLAS_NUM_THREADS") == nil { openblas_set_num_threads(1) }
        return true
    }()

    /// The library, and which processor's routines it chose.
    static var name: String {
        guard let core = openblas_get_corename() else { return "openblas" }
        return "openblas " + String(cString: core)
    }

    static func product(
        _ x: [Float], stride: Int, rows: Int, _ weights: [Float], inputs: Int, outputs: Int, into y: inout [Float]
    ) {
        guard prepared, rows > 0, inputs > 0, outputs > 0 else { return }
        // BLAS wants rows at least as far apart as they are long; overlapping windows are copied apart.
        let apart = stride < inputs && rows > 1 ? Self.copied(x, stride: stride, rows: rows, width: inputs) : x
        let leading = max(stride, inputs)
        cblas_sgemm(
            CblasRowMajor, CblasNoTrans, CblasTrans, blasint(rows), blasint(outputs), blasint(inputs), 1, apart,
            blasint(leading), weights, blasint(inputs), 0, &y, blasint(outputs))
    }

    static func product(_ a: Matrix, _ b: Matrix, turningA: Bool, turningB: Bool) -> Matrix {
        let (rows, inner) = turningA ? (a.columns, a.rows) : (a.rows, a.columns)
        let (other, columns) = turningB ? (b.columns, b.rows) : (b.rows, b.columns)
        precondition(inner == other, "\(inner) columns against \(other) rows")
        var result = Matrix(rows: rows, columns: columns)
        guard prepared, rows > 0, columns > 0, inner > 0 else { return result }
        cblas_sgemm(
            CblasRowMajor, turningA ? CblasTrans : CblasNoTrans, turningB ? CblasTrans : CblasNoTrans, blasint(rows),
            blasint(columns), blasint(inner), 1, a.values, blasint(a.columns), b.values, blasint(b.columns), 0,
            &result.values, blasint(columns))
        return result
    }

    private static func copied(_ x: [Float], stride: Int, rows: Int, width: Int) -> [Float] {
        var result: [Float] = []
        result.reserveCapacity(rows * width)
        for row in 0..<rows { result.append(contentsOf: x[row * stride..<row * stride + width]) }
        return result
    }
}
