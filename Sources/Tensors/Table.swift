import CKernels

/// Learned numbers of a weight file, [rows, columns], read where they lie in the mapped file.
///
/// For what is looked up and not multiplied: embeddings, regression tables, hashes. INT8 rows are scaled as they are read.
public struct Table: Sendable {
    enum Numbers: Sendable {
        case floats(Stored<Float>)
        case integers(Stored<Int8>, scale: Stored<Float>)
    }

    /// How many rows there are.
    public let rows: Int
    /// The width of a row.
    public let columns: Int
    private let numbers: Numbers

    init(rows: Int, columns: Int, numbers: Numbers) {
        self.rows = rows
        self.columns = columns
        self.numbers = numbers
    }

    /// The number at a place.
    public subscript(row: Int, column: Int) -> Float {
        precondition((0..<rows).contains(row) && (0..<columns).contains(column), "a place in the table")
        return switch numbers {
        case .floats(let stored): stored[row * columns + column]
        case .integers(let stored, let scale): Float(stored[row * columns + column]) * scale[row]
        }
    }

    /// A copy of one row.
    public func row(_ index: Int) -> [Float] {
        var result = [Float](repeating: 0, count: columns)
        add(row: index, times: 1, to: &result, at: 0)
        return result
    }

    /// Adds `factor` times a row to the values that begin at `start`.
    public func add(row index: Int, times factor: Float, to values: inout [Float], at start: Int) {
        precondition((0..<rows).contains(index), "a row of the table")
        precondition(start >= 0 && start + columns <= values.count, "room for a row")
        switch numbers {
        case .floats(let stored):
            stored.add(from: index * columns, times: factor, count: columns, to: &values, at: start)
        case .integers(let stored, let scale):
            let factor = factor * scale[index]
            for column in 0..<columns { values[start + column] += Float(stored[index * columns + column]) * factor }
        }
    }
}
