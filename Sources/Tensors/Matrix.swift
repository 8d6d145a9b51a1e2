import CKernels

/// How a layer multiplies: 8-bit integers (the product), or floats through OpenBLAS (the comparison).
public enum Precision: String, Sendable, CaseIterable {
    /// Weights and activations as 8-bit integers.
    case int8
    /// Weights dequantised, everything in 32-bit floats.
    case float32
}

/// Row-major floats: `values[row * columns + column]`.
///
/// Over sequences, a row is one moment in time.
public struct Matrix: Sendable, Hashable {
    /// The number of rows.
    public var rows: Int
    /// The number of columns.
    public var columns: Int
    /// `rows * columns` values, row after row.
    public var values: [Float]

    /// A matrix of one value everywhere.
    public init(rows: Int, columns: Int, repeating: Float = 0) {
        self.rows = rows
        self.columns = columns
        values = [Float](repeating: repeating, count: rows * columns)
    }

    /// A matrix of given values, row after row.
    public init(rows: Int, columns: Int, values: [Float]) {
        precondition(values.count == rows * columns, "a matrix needs rows x columns values")
        self.rows = rows
        self.columns = columns
        self.values = values
    }

    /// The value at a place.
    public subscript(row: Int, column: Int) -> Float {
        get { values[row * columns + column] }
        set { values[row * columns + column] = newValue }
    }

    /// A copy of one row.
    public func row(_ index: Int) -> ArraySlice<Float> {
        values[index * columns..<(index + 1) * columns]
    }

    /// A copy of some rows.
    public func rows(_ range: Range<Int>) -> Matrix {
        Matrix(
            rows: range.count, columns: columns,
            values: Array(values[range.lowerBound * columns..<range.upperBound * columns]))
    }

    /// A copy of some columns of every row.
    public func columns(_ range: Range<Int>) -> Matrix {
        var result = [Float]()
        result.reserveCapacity(rows * range.count)
        for row in 0..<rows {
            let start = row * columns
            result.append(contentsOf: values[start + range.lowerBound..<start + range.upperBound])
        }
        return Matrix(rows: rows, columns: range.count, values: result)
    }

    /// Puts another matrix's rows below; an empty matrix takes over the width.
    public mutating func append(_ other: Matrix) {
        if rows == 0 { columns = other.columns }
        precondition(columns == other.columns, "rows of one width")
        values.append(contentsOf: other.values)
        rows += other.rows
    }

    /// Puts one row below.
    public mutating func append(row: some Collection<Float>) {
        if rows == 0 { columns = row.count }
        precondition(columns == row.count, "rows of one width")
        values.append(contentsOf: row)
        rows += 1
    }

    /// Takes away the topmost rows.
    public mutating func removeFirstRows(_ count: Int) {
        values.removeFirst(count * columns)
        rows -= count
    }

    /// Adds another matrix of the same shape.
    public static func += (left: inout Matrix, right: Matrix) {
        precondition(left.rows == right.rows && left.columns == right.columns, "matrices of one shape")
        ting_add(&left.values, right.values, left.values.count)
    }

    /// Adds `factor` times another matrix of the same shape.
    public mutating func add(_ other: Matrix, times factor: Float) {
        precondition(rows == other.rows && columns == other.columns, "matrices of one shape")
        ting_scale_add(&values, other.values, factor, values.count)
    }

    /// Multiplies value by value with another matrix of the same shape.
    public static func *= (left: inout Matrix, right: Matrix) {
        precondition(left.rows == right.rows && left.columns == right.columns, "matrices of one shape")
        ting_multiply(&left.values, right.values, left.values.count)
    }

    /// Multiplies every value by a factor.
    public static func *= (left: inout Matrix, factor: Float) {
        for index in left.values.indices { left.values[index] *= factor }
    }

    /// Adds one row to every row.
    public mutating func addToRows(_ vector: [Float]) {
        precondition(vector.count == columns, "a vector of the matrix's width")
        ting_add_to_rows(&values, vector, rows, columns)
    }
}
