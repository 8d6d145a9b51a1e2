import Tensors

/// One layer: attention over the rows, in some layers attention into Hear's states, feed-forward.
struct NetworkBlock: Sendable {
    private let attentionNorm: LayerNorm
    private let queryKeyValue: Linear
    private let attentionOut: Linear
    private let relative: Table
    private let feedNorm: LayerNorm
    private let up: Linear
    private let down: Linear
    private let cross: NetworkCrossAttention?
    private let shape: NetworkShape

    init(_ file: WeightFile, index: Int, shape: NetworkShape, precision: Precision) throws(TensorError) {
        let name = "blocks.\(index)"
        let width = shape.width
        attentionNorm = try file.layerNorm("\(name).norm1", count: width)
        queryKeyValue = try file.linear("\(name).qkv", inputs: width, outputs: 3 * width, precision: precision)
        attentionOut = try file.linear("\(name).out", inputs: width, outputs: width, precision: precision)
        relative = try file.table("\(name).relative", rows: shape.relativeCount, columns: shape.heads)
        feedNorm = try file.layerNorm("\(name).norm2", count: width)
        up = try file.linear("\(name).up", inputs: width, outputs: shape.feedWidth, precision: precision)
        down = try file.linear("\(name).down", inputs: shape.feedWidth, outputs: width, precision: precision)
        cross =
            shape.crossLayers.contains(index)
            ? try NetworkCrossAttention(file, name: "\(name).cross", shape: shape, precision: precision) : nil
        self.shape = shape
    }

    /// x: [rows, width]; `pairs` names the learned bias of every two rows, −1 for none; memory: [states, width] or none.
    func apply(_ x: inout Matrix, pairs: [Int], memory: Matrix?) {
        let projected = queryKeyValue(attentionNorm(x))
        let width = shape.width
        var bias = Matrix(rows: shape.heads * x.rows, columns: x.rows)
        for head in 0..<shape.heads {
            let start = head * pairs.count
            for (place, pair) in pairs.enumerated() where pair >= 0 {
                bias.values[start + place] = relative[pair, head]
            }
        }
        x += attentionOut(
            attention(
                query: projected.columns(0..<width), key: projected.columns(width..<2 * width),
                value: projected.columns(2 * width..<3 * width), heads: shape.heads, bias: bias))
        if let memory, let cross { x += cross(x, memory: memory) }
        var inner = up(feedNorm(x))
        gelu(&inner)
        x += down(inner)
    }
}

/// Attention into projected acoustic states, through a learned gate that text alone never opens.
struct NetworkCrossAttention: Sendable {
    private let norm: LayerNorm
    private let query: Linear
    private let keyValue: Linear
    private let out: Linear
    private let gate: [Float]
    private let heads: Int
    /// False when the gate is shut: the weights have not learned from sound.
    let isOpen: Bool

    init(_ file: WeightFile, name: String, shape: NetworkShape, precision: Precision) throws(TensorError) {
        let width = shape.width
        norm = try file.layerNorm("\(name).norm", count: width)
        query = try file.linear("\(name).query", inputs: width, outputs: width, precision: precision)
        keyValue = try file.linear("\(name).keyvalue", inputs: width, outputs: 2 * width, precision: precision)
        out = try file.linear("\(name).out", inputs: width, outputs: width, precision: precision)
        var opened = Matrix(
            rows: 1, columns: width, values: try file.table("\(name).gate", count: width).row(0))
        isOpen = opened.values.contains { $0 != 0 }
        tanh(&opened)
        gate = opened.values
        heads = shape.heads
    }

    func callAsFunction(_ x: Matrix, memory: Matrix) -> Matrix {
        guard isOpen else { return Matrix(rows: x.rows, columns: x.columns) }
        let both = keyValue(memory)
        var y = out(
            attention(
                query: query(norm(x)), key: both.columns(0..<x.columns), value: both.columns(x.columns..<2 * x.columns),
                heads: heads))
        for row in 0..<y.rows {
            for column in 0..<y.columns { y[row, column] *= gate[column] }
        }
        return y
    }
}
