import Tensors

/// Sizes of the encoder, fixed by the training recipe.
enum EncoderShape {
    static let width = 512
    static let heads = 8
    static let hidden = 2_048
    static let blockCount = 6
    static let convolutionWidth = 256
    static let convolutionTaps = 15
    /// Frames evaluated together; the grid starts with the stream.
    static let chunkFrames = 20
    /// From this block on the chunks begin half a chunk earlier, so that no frame lacks a future in every block.
    static let firstShiftedBlock = 3
    /// How much earlier, in frames.
    static let shiftFrames = 10
    /// Frames before the chunk that attention still sees.
    static let contextFrames = 100
    /// Positions repeat after this many frames.
    static let positionPeriod = 1_500
}

/// What a block remembers of the frames before a chunk, in buffers of fixed size: they are most of what a stream costs.
struct BlockCache: Sendable {
    /// Keys and values of the last `contextFrames` frames, row after row.
    private(set) var keys: [Float] = []
    private(set) var values: [Float] = []
    /// The inputs of the depthwise convolution in the last `taps − 1` frames.
    fileprivate(set) var convolution: [Float]

    init() {
        keys.reserveCapacity(Self.capacity)
        values.reserveCapacity(Self.capacity)
        convolution = [Float](
            repeating: 0, count: (EncoderShape.convolutionTaps - 1) * EncoderShape.convolutionWidth)
    }

    private static let capacity = EncoderShape.contextFrames * EncoderShape.width

    /// Moves on by a chunk, in place: what the next one no longer sees goes.
    fileprivate mutating func append(keys newKeys: [Float], values newValues: [Float]) {
        Self.append(newKeys, to: &keys)
        Self.append(newValues, to: &values)
    }

    private static func append(_ rows: [Float], to kept: inout [Float]) {
        let newest = rows.suffix(capacity)
        kept.removeFirst(max(0, kept.count + newest.count - capacity))
        kept.append(contentsOf: newest)
    }
}

/// One pre-norm block: chunked self-attention, causal convolution, feed-forward; each adds to its input.
struct ConformerBlock: Sendable {
    private let attentionNorm: LayerNorm
    private let qkv: Linear
    private let attentionOut: Linear
    private let convolutionNorm: LayerNorm
    private let convolutionIn: Linear
    private let depthwise: DepthwiseConvolution
    private let convolutionOut: Linear
    private let feedForwardNorm: LayerNorm
    private let up: Linear
    private let down: Linear

    init(_ file: WeightFile, index: Int, precision: Precision) throws(TensorError) {
        let width = EncoderShape.width
        let inner = EncoderShape.convolutionWidth
        let name = "blocks.\(index)"
        attentionNorm = try file.layerNorm("\(name).attention.norm", count: width)
        qkv = try file.linear("\(name).attention.qkv", inputs: width, outputs: 3 * width, precision: precision)
        attentionOut = try file.linear("\(name).attention.out", inputs: width, outputs: width, precision: precision)
        convolutionNorm = try file.layerNorm("\(name).conv.norm", count: width)
        convolutionIn = try file.linear("\(name).conv.in", inputs: width, outputs: 2 * inner, precision: precision)
        depthwise = try file.depthwise(
            "\(name).conv.depthwise", channels: inner, taps: EncoderShape.convolutionTaps)
        convolutionOut = try file.linear("\(name).conv.out", inputs: inner, outputs: width, precision: precision)
        feedForwardNorm = try file.layerNorm("\(name).ffn.norm", count: width)
        up = try file.linear("\(name).ffn.up", inputs: width, outputs: EncoderShape.hidden, precision: precision)
        down = try file.linear("\(name).ffn.down", inputs: EncoderShape.hidden, outputs: width, precision: precision)
    }

    /// Evaluates a chunk in place, after which the cache has moved on.
    func callAsFunction(_ x: inout Matrix, cache: inout BlockCache) {
        x += attend(attentionNorm(x), cache: &cache)
        x += convolve(convolutionNorm(x), cache: &cache)
        var hidden = up(feedForwardNorm(x))
        gelu(&hidden)
        x += down(hidden)
    }

    private func attend(_ x: Matrix, cache: inout BlockCache) -> Matrix {
        let width = EncoderShape.width
        let projected = qkv(x)
        let query = projected.columns(0..<width)
        let key = projected.columns(width..<2 * width)
        let value = projected.columns(2 * width..<3 * width)
        let rows = cache.keys.count / width + key.rows
        let result = attention(
            query: query, key: Matrix(rows: rows, columns: width, values: cache.keys + key.values),
            value: Matrix(rows: rows, columns: width, values: cache.values + value.values),
            heads: EncoderShape.heads)
        cache.append(keys: key.values, values: value.values)
        return attentionOut(result)
    }

    private func convolve(_ x: Matrix, cache: inout BlockCache) -> Matrix {
        let inner = EncoderShape.convolutionWidth
        let gated = glu(convolutionIn(x))
        var padded = cache.convolution
        padded.append(contentsOf: gated.values)
        cache.convolution = Array(padded.suffix(cache.convolution.count))
        var y = depthwise.apply(Matrix(rows: padded.count / inner, columns: inner, values: padded))
        silu(&y)
        return convolutionOut(y)
    }
}
