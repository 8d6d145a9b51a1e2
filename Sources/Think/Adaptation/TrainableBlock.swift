import Glibc
import Tensors

/// A frozen layer of the network in 32-bit floats that also tells how its output changes with its input.
///
/// Only what learning prompts needs: no weight has a gradient, and attention into sound is left out.
struct TrainableBlock {
    private let attentionNorm: LayerNorm
    private let queryKeyValue: (weight: Matrix, bias: [Float])
    private let attentionOut: (weight: Matrix, bias: [Float])
    private let relative: Matrix
    private let feedNorm: LayerNorm
    private let up: (weight: Matrix, bias: [Float])
    private let down: (weight: Matrix, bias: [Float])
    private let heads: Int

    /// What a pass leaves behind for the way back.
    struct Tape {
        var input: Matrix
        var normed: Matrix
        var projected: Matrix
        /// Attention weights, [heads · rows, rows].
        var weights: Matrix
        var middle: Matrix
        var inner: Matrix
    }

    init(_ file: WeightFile, index: Int, shape: NetworkShape) throws(TensorError) {
        let name = "blocks.\(index)"
        let width = shape.width
        func layer(_ part: String, _ inputs: Int, _ outputs: Int) throws(TensorError) -> (Matrix, [Float]) {
            (
                try file.matrix("\(name).\(part)", rows: outputs, columns: inputs),
                try file.vector("\(name).\(part).bias", count: outputs)
            )
        }
        attentionNorm = try file.layerNorm("\(name).norm1", count: width)
        queryKeyValue = try layer("qkv", width, 3 * width)
        attentionOut = try layer("out", width, width)
        relative = try file.matrix("\(name).relative", rows: shape.relativeCount, columns: shape.heads)
        feedNorm = try file.layerNorm("\(name).norm2", count: width)
        up = try layer("up", width, shape.feedWidth)
        down = try layer("down", shape.feedWidth, width)
        heads = shape.heads
    }

    /// One pass over rows; `pairs` names the learned bias of every two rows, −1 for none.
    func forward(_ x: inout Matrix, pairs: [Int]) -> Tape {
        let input = x
        let normed = attentionNorm(x)
        let projected = Self.affine(normed, queryKeyValue)
        let width = x.columns
        let size = width / heads
        let scale = 1 / Float(size).squareRoot()
        var weights = Matrix(rows: heads * x.rows, columns: x.rows)
        var mixed = Matrix(rows: x.rows, columns: width)
        for head in 0..<heads {
            let query = projected.columns(head * size..<(head + 1) * size)
            let key = projected.columns(width + head * size..<width + (head + 1) * size)
            let value = projected.columns(2 * width + head * size..<2 * width + (head + 1) * size)
            var scores = product(query, key, turningB: true)
            for place in scores.values.indices {
                scores.values[place] *= scale
                if pairs[place] >= 0 { scores.values[place] += relative[pairs[place], head] }
            }
            softmax(&scores)
            let start = head * x.rows * x.rows
            weights.values.replaceSubrange(start..<start + scores.values.count, with: scores.values)
            mixed.put(product(scores, value), at: head * size)
        }
        x += Self.affine(mixed, attentionOut)
        let middle = x
        let inner = Self.affine(feedNorm(x), up)
        var active = inner
        gelu(&active)
        x += Self.affine(active, down)
        return Tape(input: input, normed: normed, projected: projected, weights: weights, middle: middle, inner: inner)
    }

    /// The loss's slope at the input, from its slope at the output.
    func backward(_ slope: Matrix, _ tape: Tape) -> Matrix {
        // Feed-forward: y = m + down(gelu(up(norm(m)))).
        var inner = product(slope, down.weight)
        for place in inner.values.indices { inner.values[place] *= Self.geluSlope(tape.inner.values[place]) }
        var middle = slope
        middle += Self.backThroughNorm(product(inner, up.weight), input: tape.middle, feedNorm)
        // Attention: m = x + out(mixed).
        let mixed = product(middle, attentionOut.weight)
        let width = slope.columns
        let size = width / heads
        let scale = 1 / Float(size).squareRoot()
        let rows = slope.rows
        var projected = Matrix(rows: rows, columns: 3 * width)
        for head in 0..<heads {
            let query = tape.projected.columns(head * size..<(head + 1) * size)
            let key = tape.projected.columns(width + head * size..<width + (head + 1) * size)
            let value = tape.projected.columns(2 * width + head * size..<2 * width + (head + 1) * size)
            let weights = tape.weights.rows(head * rows..<(head + 1) * rows)
            let out = mixed.columns(head * size..<(head + 1) * size)
            projected.put(product(weights, out, turningA: true), at: 2 * width + head * size)
            var scores = product(out, value, turningB: true)
            for row in 0..<rows {
                var sum: Float = 0
                for column in 0..<rows { sum += scores[row, column] * weights[row, column] }
                for column in 0..<rows {
                    scores[row, column] = (scores[row, column] - sum) * weights[row, column] * scale
                }
            }
            projected.put(product(scores, key), at: head * size)
            projected.put(product(scores, query, turningA: true), at: width + head * size)
        }
        var result = middle
        result += Self.backThroughNorm(product(projected, queryKeyValue.weight), input: tape.input, attentionNorm)
        return result
    }

    static func affine(_ x: Matrix, _ layer: (weight: Matrix, bias: [Float])) -> Matrix {
        var y = product(x, layer.weight, turningB: true)
        y.addToRows(layer.bias)
        return y
    }

    private static func geluSlope(_ x: Float) -> Float {
        let normal = expf(-x * x / 2) * 0.398_942_28
        return 0.5 * (1 + erff(x * 0.707_106_78)) + x * normal
    }

    /// The slope at a layer norm's input.
    static func backThroughNorm(_ slope: Matrix, input: Matrix, _ norm: LayerNorm) -> Matrix {
        var result = Matrix(rows: slope.rows, columns: slope.columns)
        let count = Float(slope.columns)
        let factors = norm.factors
        for row in 0..<slope.rows {
            let x = Array(input.row(row))
            let mean = x.reduce(0, +) / count
            let variance = x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count
            let inverse = 1 / (variance + norm.epsilon).squareRoot()
            var sum: Float = 0
            var along: Float = 0
            for column in 0..<slope.columns {
                let part = slope[row, column] * factors[column]
                sum += part
                along += part * (x[column] - mean) * inverse
            }
            for column in 0..<slope.columns {
                let part = slope[row, column] * factors[column]
                let normal = (x[column] - mean) * inverse
                result[row, column] = inverse * (part - sum / count - normal * along / count)
            }
        }
        return result
    }
}

extension Matrix {
    /// Writes a narrower matrix of as many rows over the columns from `first` on.
    mutating func put(_ other: Matrix, at first: Int) {
        for row in 0..<rows {
            let start = row * columns + first
            values.replaceSubrange(start..<start + other.columns, with: other.row(row))
        }
    }
}
