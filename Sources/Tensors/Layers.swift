import CKernels

/// Normalises every row to mean 0 and variance 1, then scales and shifts each column.
public struct LayerNorm: Sendable {
    private let weight: Stored<Float>
    private let bias: Stored<Float>
    private let count: Int
    /// A copy of the factor of each column.
    public var factors: [Float] { (0..<count).map { weight[$0] } }
    /// What keeps the variance from zero.
    public let epsilon: Float

    /// A layer of given factors and shifts, one a column.
    public init(weight: [Float], bias: [Float], epsilon: Float = 1e-5) {
        precondition(weight.count == bias.count, "a bias for each weight")
        self.init(weight: .owned(weight), bias: .owned(bias), count: weight.count, epsilon: epsilon)
    }

    init(weight: Stored<Float>, bias: Stored<Float>, count: Int, epsilon: Float) {
        self.weight = weight
        self.bias = bias
        self.count = count
        self.epsilon = epsilon
    }

    /// The normalised copy of x.
    public func callAsFunction(_ x: Matrix) -> Matrix {
        var result = x
        apply(&result)
        return result
    }

    /// Normalises in place.
    public func apply(_ x: inout Matrix) {
        precondition(x.columns == count, "rows of \(count) values, not \(x.columns)")
        weight.withPointer { weight in
            bias.withPointer { bias in ting_layer_norm(&x.values, x.rows, x.columns, weight, bias, epsilon) }
        }
    }
}

/// x · (1 + erf(x / √2)) / 2, in place.
public func gelu(_ x: inout Matrix) { ting_gelu(&x.values, x.values.count) }

/// x / (1 + e⁻ˣ), in place.
public func silu(_ x: inout Matrix) { ting_silu(&x.values, x.values.count) }

/// 1 / (1 + e⁻ˣ), in place.
public func sigmoid(_ x: inout Matrix) { ting_sigmoid(&x.values, x.values.count) }

/// The hyperbolic tangent, in place.
public func tanh(_ x: inout Matrix) { ting_tanh(&x.values, x.values.count) }

/// eˣ, in place; at most e⁸⁸.
public func exp(_ x: inout Matrix) { ting_exp(&x.values, x.values.count) }

/// max(x, 0), in place.
public func relu(_ x: inout Matrix) { ting_leaky_relu(&x.values, x.values.count, 0) }

/// x, or slope · x where x is negative, in place.
public func leakyRelu(_ x: inout Matrix, slope: Float = 0.1) { ting_leaky_relu(&x.values, x.values.count, slope) }

/// The first half of the columns, each times the sigmoid of its counterpart in the second half.
public func glu(_ x: Matrix) -> Matrix {
    precondition(x.columns % 2 == 0, "an even number of columns")
    var result = Matrix(rows: x.rows, columns: x.columns / 2)
    ting_glu(x.values, x.rows, result.columns, &result.values)
    return result
}

/// The softmax of every row, in place.
///
/// A row of −∞ becomes zeros.
public func softmax(_ x: inout Matrix) { ting_softmax(&x.values, x.rows, x.columns) }

/// The logarithm of the softmax of every row, in place.
public func logSoftmax(_ x: inout Matrix) { ting_log_softmax(&x.values, x.rows, x.columns) }

/// Multi-head attention of every query over the keys it may see.
///
/// - Parameters:
///   - query: [queries, heads · d].
///   - key: [keys, heads · d].
///   - value: [keys, heads · d].
///   - heads: How many heads share the columns, one after the other.
///   - scale: What scores are multiplied by; 1/√d when nil.
///   - bias: Added to the scaled scores: [queries, keys] for all heads, or [heads · queries, keys], head after head.
///   - visible: For each query the keys it sees; all when nil. A query that sees none becomes zeros.
/// - Returns: [queries, heads · d].
public func attention(
    query: Matrix, key: Matrix, value: Matrix, heads: Int, scale: Float? = nil, bias: Matrix? = nil,
    visible: [Range<Int>]? = nil
) -> Matrix {
    precondition(heads > 0 && query.columns % heads == 0, "heads that share the columns evenly")
    precondition(key.columns == query.columns && value.columns == query.columns, "one width for query, key and value")
    precondition(key.rows == value.rows, "a value for each key")
    precondition(visible == nil || visible?.count == query.rows, "a range for each query")
    let size = query.columns / heads
    var perHead = 0
    if let bias {
        precondition(bias.columns == key.rows, "a bias for each key")
        precondition(bias.rows == query.rows || bias.rows == heads * query.rows, "a bias for each query")
        perHead = bias.rows == query.rows ? 0 : query.rows * key.rows
    }
    var result = Matrix(rows: query.rows, columns: query.columns)
    guard query.rows > 0, key.rows > 0 else { return result }
    ting_attention(
        query.values, query.columns, query.rows, key.values, key.columns, value.values, value.columns, key.rows, heads,
        size, bias?.values, perHead, visible?.map(\.lowerBound), visible?.map(\.upperBound),
        scale ?? 1 / Float(size).squareRoot(), &result.values, result.columns)
    return result
}

/// a · b in 32-bit floats through OpenBLAS, either of them turned over first.
public func product(_ a: Matrix, _ b: Matrix, turningA: Bool = false, turningB: Bool = false) -> Matrix {
    BLAS.product(a, b, turningA: turningA, turningB: turningB)
}
