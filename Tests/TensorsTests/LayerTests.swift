import Glibc
import Tensors
import Testing

@Suite("Layers compute what their formulas say")
struct LayerTests {
    private func product(_ x: Matrix, _ w: Matrix, _ bias: [Float]) -> Matrix {
        var y = Matrix(rows: x.rows, columns: w.rows)
        for i in 0..<x.rows {
            for j in 0..<w.rows {
                y[i, j] = Float((0..<x.columns).reduce(Double(bias[j])) { $0 + Double(x[i, $1]) * Double(w[j, $1]) })
            }
        }
        return y
    }

    @Test("float32 and int8 products agree within the quantiser's step", arguments: [1, 3, 20])
    func precisions(rows: Int) {
        var dice = Dice(1)
        let w = dice.matrix(96, 512)
        let bias = dice.floats(96)
        let x = dice.matrix(rows, 512)
        let expected = product(x, w, bias)
        let float = Linear(weights: w, bias: bias, precision: .float32)(x)
        let integer = Linear(weights: w, bias: bias, precision: .int8)(x)
        #expect(largestDifference(float.values, expected.values) < 1e-4)
        let size = expected.values.map(abs).reduce(0, +) / Float(expected.values.count)
        #expect(largestDifference(integer.values, expected.values) < 0.05 * size)
    }

    @Test("a row's int8 result does not depend on the rows around it")
    func rowsAlone() {
        var dice = Dice(2)
        let x = dice.matrix(29, 130)
        let layer = Linear(weights: dice.matrix(70, 130), precision: .int8)
        let whole = layer(x)
        for row in 0..<x.rows { #expect(layer(x.rows(row..<row + 1)).values == Array(whole.row(row))) }
    }

    @Test("convolution with stride, dilation and padding equals the sum over taps")
    func convolution() {
        var dice = Dice(3)
        for (taps, stride, dilation, left, right) in [
            (3, 1, 1, 1, 1), (3, 2, 1, 1, 1), (5, 1, 3, 6, 6), (1, 1, 1, 0, 0),
        ] {
            let w = dice.matrix(8, taps * 6)
            let bias = dice.floats(8)
            let x = dice.matrix(17, 6)
            let layer = Convolution1D(
                linear: Linear(weights: w, bias: bias, precision: .float32), taps: taps, stride: stride,
                dilation: dilation)
            let y = layer.apply(x, padLeft: left, padRight: right)
            #expect(y.rows == (17 + left + right - (taps - 1) * dilation - 1) / stride + 1)
            var expected = y
            for t in 0..<y.rows {
                for out in 0..<8 {
                    var sum = bias[out]
                    for tap in 0..<taps {
                        let from = t * stride + tap * dilation - left
                        guard (0..<17).contains(from) else { continue }
                        for c in 0..<6 { sum += w[out, tap * 6 + c] * x[from, c] }
                    }
                    expected[t, out] = sum
                }
            }
            #expect(largestDifference(y.values, expected.values) < 1e-4)
        }
    }

    @Test("an int8 convolution equals the layer over its windows")
    func integerConvolution() {
        var dice = Dice(4)
        let x = dice.matrix(12, 40)
        let linear = Linear(weights: dice.matrix(24, 120), precision: .int8)
        let y = Convolution1D(linear: linear, taps: 3).apply(x)
        for t in 0..<10 {
            let window = Matrix(rows: 1, columns: 120, values: x.rows(t..<t + 3).values)
            #expect(Array(y.row(t)) == linear(window).values)
        }
    }

    @Test("depthwise convolution equals the sum over taps")
    func depthwise() {
        var dice = Dice(5)
        let w = dice.matrix(15, 33)
        let bias = dice.floats(33)
        let x = dice.matrix(40, 33)
        let y = DepthwiseConvolution(weight: w, bias: bias).apply(x, padLeft: 14)
        #expect(y.rows == 40)
        for t in 0..<40 {
            for c in 0..<33 {
                let sum = (0..<15).reduce(bias[c]) { t + $1 - 14 < 0 ? $0 : $0 + w[$1, c] * x[t + $1 - 14, c] }
                #expect(abs(y[t, c] - sum) < 1e-4)
            }
        }
    }

    @Test("transposed convolution adds each row's taps from its stride on")
    func transposed() {
        var dice = Dice(6)
        let w = dice.matrix(4 * 3, 5)
        let x = dice.matrix(6, 5)
        let layer = TransposedConvolution1D(
            linear: Linear(weights: w, precision: .float32), bias: [1, 2, 3], taps: 4, stride: 2)
        let y = layer.apply(x, trimLeft: 1, trimRight: 1)
        #expect(y.rows == 12)
        var expected = Matrix(rows: 12, columns: 3)
        expected.addToRows([1, 2, 3])
        for t in 0..<6 {
            for tap in 0..<4 where (0..<12).contains(t * 2 + tap - 1) {
                for o in 0..<3 { for i in 0..<5 { expected[t * 2 + tap - 1, o] += w[tap * 3 + o, i] * x[t, i] } }
            }
        }
        #expect(largestDifference(y.values, expected.values) < 1e-4)
    }

    @Test("activations equal their formulas")
    func activations() {
        let points = (-1200...1200).map { Float($0) / 100 }
        func check(_ apply: (inout Matrix) -> Void, _ tolerance: Float, _ formula: (Double) -> Double) {
            var x = Matrix(rows: 1, columns: points.count, values: points)
            apply(&x)
            #expect(largestDifference(x.values, points.map { Float(formula(Double($0))) }) < tolerance)
        }
        check({ gelu(&$0) }, 1e-6) { $0 * 0.5 * (1 + erf($0 / 2.0.squareRoot())) }
        check({ silu(&$0) }, 2e-6) { $0 / (1 + exp(-$0)) }
        check({ sigmoid(&$0) }, 3e-7) { 1 / (1 + exp(-$0)) }
        check({ tanh(&$0) }, 3e-7) { Glibc.tanh($0) }
        check({ relu(&$0) }, 1e-9) { max(0, $0) }
        check({ leakyRelu(&$0, slope: 0.1) }, 1e-6) { $0 < 0 ? 0.1 * $0 : $0 }
    }

    @Test(
        "softmax, log-softmax, GLU and layer norm equal their formulas, at odd widths too", arguments: [1, 5, 16, 37])
    func rowFunctions(width: Int) {
        var dice = Dice(7)
        let x = dice.matrix(3, width, in: -8...8)
        var soft = x
        var logarithm = x
        softmax(&soft)
        logSoftmax(&logarithm)
        let weight = dice.floats(width)
        let bias = dice.floats(width)
        let normal = LayerNorm(weight: weight, bias: bias)(x)
        for row in 0..<3 {
            let values = x.row(row).map(Double.init)
            let sum = values.map { exp($0) }.reduce(0, +)
            let mean = values.reduce(0, +) / Double(width)
            let variance = values.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / Double(width)
            for column in 0..<width {
                #expect(abs(Double(soft[row, column]) - exp(values[column]) / sum) < 1e-6)
                #expect(abs(Double(logarithm[row, column]) - (values[column] - log(sum))) < 1e-5)
                let expected =
                    (values[column] - mean) / (variance + 1e-5).squareRoot() * Double(weight[column])
                    + Double(bias[column])
                #expect(abs(Double(normal[row, column]) - expected) < 1e-4)
            }
        }
        let pair = dice.matrix(3, 2 * width, in: -4...4)
        let gated = glu(pair)
        for row in 0..<3 {
            for column in 0..<width {
                let gate = 1 / (1 + exp(-Double(pair[row, width + column])))
                #expect(abs(Double(gated[row, column]) - Double(pair[row, column]) * gate) < 1e-5)
            }
        }
    }

    @Test("a softmax over nothing but minus infinity is zero")
    func hiddenRow() {
        var x = Matrix(rows: 1, columns: 3, repeating: -.infinity)
        softmax(&x)
        #expect(x.values == [0, 0, 0])
    }

    @Test("attention equals its formula, with bias and limits", arguments: [1, 4, 6])
    func attending(queries: Int) {
        var dice = Dice(8)
        let (heads, size, keys) = (3, 20, 11)
        let q = dice.matrix(queries, heads * size)
        let k = dice.matrix(keys, heads * size)
        let v = dice.matrix(keys, heads * size)
        let bias = dice.matrix(heads * queries, keys)
        let visible = (0..<queries).map { $0 == 2 ? 5..<5 : $0..<min(keys, $0 + 7) }
        let y = attention(query: q, key: k, value: v, heads: heads, bias: bias, visible: visible)
        for head in 0..<heads {
            for i in 0..<queries {
                let weights = visible[i].map { j -> Double in
                    let dot = (0..<size).reduce(0.0) {
                        $0 + Double(q[i, head * size + $1]) * Double(k[j, head * size + $1])
                    }
                    return exp(dot / Double(size).squareRoot() + Double(bias[head * queries + i, j]))
                }
                let sum = weights.reduce(0, +)
                for c in head * size..<(head + 1) * size {
                    let expected = zip(weights, visible[i]).reduce(0.0) { $0 + $1.0 / sum * Double(v[$1.1, c]) }
                    #expect(abs(Double(y[i, c]) - expected) < 1e-5)
                }
            }
        }
    }
}
