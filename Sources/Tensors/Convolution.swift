import CKernels

/// A dense convolution over the rows of [time, channels].
///
/// Weights are a `Linear` of taps · channels inputs in tap-major order (column = tap · channels + channel): with dilation 1
/// a window of rows is one contiguous row for it, so nothing is copied but the padding. INT8 windows are quantised whole.
public struct Convolution1D: Sendable {
    /// The product over one window.
    public let linear: Linear
    /// How many rows a window takes.
    public let taps: Int
    /// How many rows lie between windows.
    public let stride: Int
    /// How many rows lie between taps.
    public let dilation: Int
    /// The width of x.
    public var channels: Int { linear.inputs / taps }

    /// A convolution whose windows go through `linear`.
    public init(linear: Linear, taps: Int, stride: Int = 1, dilation: Int = 1) {
        precondition(taps > 0 && stride > 0 && dilation > 0 && linear.inputs % taps == 0, "inputs = taps x channels")
        self.linear = linear
        self.taps = taps
        self.stride = stride
        self.dilation = dilation
    }

    /// How many rows come out of `rows` rows, padding included.
    public func outputRows(_ rows: Int) -> Int {
        let reach = (taps - 1) * dilation + 1
        return rows < reach ? 0 : (rows - reach) / stride + 1
    }

    /// The convolution of x with so many rows of zeros before and after it.
    public func apply(_ x: Matrix, padLeft: Int = 0, padRight: Int = 0) -> Matrix {
        precondition(x.columns == channels, "rows of \(channels) values, not \(x.columns)")
        var values = x.values
        if padLeft > 0 || padRight > 0 {
            values = [Float](repeating: 0, count: padLeft * channels)
            values.reserveCapacity((padLeft + x.rows + padRight) * channels)
            values.append(contentsOf: x.values)
            values.append(contentsOf: repeatElement(0, count: padRight * channels))
        }
        let rows = outputRows(padLeft + x.rows + padRight)
        var y = Matrix(rows: rows, columns: linear.outputs)
        if dilation == 1 || taps == 1 {
            linear.apply(values, rows: rows, stride: stride * channels, into: &y)
        } else {
            linear.apply(windows(values, rows: rows), rows: rows, stride: linear.inputs, into: &y)
        }
        return y
    }

    private func windows(_ values: [Float], rows: Int) -> [Float] {
        var result: [Float] = []
        result.reserveCapacity(rows * linear.inputs)
        for row in 0..<rows {
            for tap in 0..<taps {
                let start = (row * stride + tap * dilation) * channels
                result.append(contentsOf: values[start..<start + channels])
            }
        }
        return result
    }
}

/// A convolution of each channel by itself; weights [taps, channels], floats.
public struct DepthwiseConvolution: Sendable {
    private let weight: Stored<Float>
    private let bias: Stored<Float>?
    /// How many rows a window takes.
    public let taps: Int
    /// The width of x and y.
    public let channels: Int
    /// How many rows lie between windows.
    public let stride: Int
    /// How many rows lie between taps.
    public let dilation: Int

    /// A convolution of given weights [taps, channels].
    public init(weight: Matrix, bias: [Float]? = nil, stride: Int = 1, dilation: Int = 1) {
        precondition(bias == nil || bias?.count == weight.columns, "a bias for each channel")
        self.init(
            weight: .owned(weight.values), bias: bias.map { .owned($0) }, taps: weight.rows, channels: weight.columns,
            stride: stride, dilation: dilation)
    }

    init(weight: Stored<Float>, bias: Stored<Float>?, taps: Int, channels: Int, stride: Int, dilation: Int) {
        precondition(stride > 0 && dilation > 0, "steps forward")
        self.weight = weight
        self.bias = bias
        self.taps = taps
        self.channels = channels
        self.stride = stride
        self.dilation = dilation
    }

    /// The convolution of x with so many rows of zeros before and after it.
    public func apply(_ x: Matrix, padLeft: Int = 0, padRight: Int = 0) -> Matrix {
        precondition(x.columns == channels, "rows of \(channels) values, not \(x.columns)")
        let reach = (taps - 1) * dilation + 1
        let padded = padLeft + x.rows + padRight
        let rows = padded < reach ? 0 : (padded - reach) / stride + 1
        var y = Matrix(rows: rows, columns: x.columns)
        weight.withPointer(and: bias) { weight, bias in
            ting_depthwise(
                x.values, x.rows, x.columns, weight, bias, taps, stride, dilation, padLeft, &y.values, rows)
        }
        return y
    }
}

/// A transposed convolution, as upsamplers of vocoders use it.
///
/// Weights are a `Linear` without bias of [taps · outputs, inputs], row = tap · outputs + output: row t of x gives `taps`
/// rows of y, which are added from row t · stride on.
public struct TransposedConvolution1D: Sendable {
    /// What one row of x gives: taps · outputs values.
    public let linear: Linear
    private let bias: Stored<Float>?
    /// How many rows one row of x gives.
    public let taps: Int
    /// How many rows lie between them.
    public let stride: Int
    /// The width of y.
    public var outputs: Int { linear.outputs / taps }

    /// A transposed convolution through `linear`, which has no bias of its own.
    public init(linear: Linear, bias: [Float]? = nil, taps: Int, stride: Int) {
        precondition(bias == nil || bias?.count == linear.outputs / taps, "a bias for each channel")
        self.init(linear: linear, bias: bias.map { .owned($0) }, taps: taps, stride: stride)
    }

    init(linear: Linear, bias: Stored<Float>?, taps: Int, stride: Int) {
        precondition(taps > 0 && stride > 0 && linear.outputs % taps == 0, "outputs = taps x channels")
        self.linear = linear
        self.bias = bias
        self.taps = taps
        self.stride = stride
    }

    /// The (rows − 1) · stride + taps rows that x gives, less `trimLeft` at the start and `trimRight` at the end.
    public func apply(_ x: Matrix, trimLeft: Int = 0, trimRight: Int = 0) -> Matrix {
        let whole = x.rows == 0 ? 0 : (x.rows - 1) * stride + taps
        let rows = max(0, whole - trimLeft - trimRight)
        var y = Matrix(rows: rows, columns: outputs)
        bias?.withPointer { ting_add_to_rows(&y.values, $0, rows, outputs) }
        ting_overlap_add(linear(x).values, x.rows, taps, outputs, stride, trimLeft, &y.values, rows)
        return y
    }
}
