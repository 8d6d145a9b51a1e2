extension WeightFile {
    /// The dense convolution `name`: a `linear` of taps · channels inputs in tap-major order.
    public func convolution(
        _ name: String, channels: Int, outputs: Int, taps: Int, stride: Int = 1, dilation: Int = 1,
        precision: Precision
    ) throws(TensorError) -> Convolution1D {
        let linear = try linear(name, inputs: taps * channels, outputs: outputs, precision: precision)
        return Convolution1D(linear: linear, taps: taps, stride: stride, dilation: dilation)
    }

    /// The transposed convolution `name`: `.weight` [taps · outputs, inputs], `.scale` one a row, `.bias` [outputs] if there.
    public func transposedConvolution(
        _ name: String, inputs: Int, outputs: Int, taps: Int, stride: Int, precision: Precision
    ) throws(TensorError) -> TransposedConvolution1D {
        let bias = try bias(of: name, count: outputs)
        let weights = try weights(name, inputs: inputs, outputs: taps * outputs, precision: precision)
        let linear = Linear(inputs: inputs, outputs: taps * outputs, weights: weights, bias: nil)
        return TransposedConvolution1D(linear: linear, bias: bias, taps: taps, stride: stride)
    }

    /// The depthwise convolution `name`: `.weight` [taps, channels] and `.bias` [channels] if there, floats.
    public func depthwise(
        _ name: String, channels: Int, taps: Int, stride: Int = 1, dilation: Int = 1
    ) throws(TensorError) -> DepthwiseConvolution {
        let shape = [taps, channels]
        let weight = try stored(name + ".weight", entry(name + ".weight", [.float32, .float16], shape: shape))
        let bias = try bias(of: name, count: channels)
        return DepthwiseConvolution(
            weight: weight, bias: bias, taps: taps, channels: channels, stride: stride, dilation: dilation)
    }

    /// The layer norm `name`: `.weight` and `.bias` of `count` floats.
    public func layerNorm(_ name: String, count: Int, epsilon: Float = 1e-5) throws(TensorError) -> LayerNorm {
        LayerNorm(
            weight: try stored(name + ".weight", count: count), bias: try stored(name + ".bias", count: count),
            count: count, epsilon: epsilon)
    }
}
