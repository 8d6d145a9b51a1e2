import Tensors

/// x + down(relu(up(norm(depthwise(x))))), seven taps, over the rows of [time, width].
struct ConvolutionBlock: Sendable {
    static let taps = 7
    /// How many rows on either side a result depends on.
    static let reach = taps / 2

    let depthwise: DepthwiseConvolution
    let norm: LayerNorm
    let up: Linear
    let down: Linear

    init(_ file: WeightFile, _ name: String, width: Int, hidden: Int, precision: Precision) throws(TensorError) {
        depthwise = try file.depthwise(name + ".depthwise", channels: width, taps: Self.taps)
        norm = try file.layerNorm(name + ".norm", count: width)
        up = try file.linear(name + ".up", inputs: width, outputs: hidden, precision: precision)
        down = try file.linear(name + ".down", inputs: hidden, outputs: width, precision: precision)
    }

    /// Adds the block's answer to x; beyond the ends of x lie zeros.
    func apply(_ x: inout Matrix) {
        var h = depthwise.apply(x, padLeft: Self.reach, padRight: Self.reach)
        norm.apply(&h)
        var wide = up(h)
        relu(&wide)
        x += down(wide)
    }

    static func stack(
        _ file: WeightFile, _ name: String, count: Int, width: Int, hidden: Int, precision: Precision
    ) throws(TensorError) -> [ConvolutionBlock] {
        var blocks: [ConvolutionBlock] = []
        for index in 0..<count {
            blocks.append(
                try ConvolutionBlock(file, "\(name).\(index)", width: width, hidden: hidden, precision: precision))
        }
        return blocks
    }
}

extension WeightFile {
    /// A positive whole number of the metadata.
    func count(_ key: String) throws(SpeakError) -> Int {
        guard let text = metadata[key], let value = Int(text), (1...4096).contains(value) else {
            throw .metadata(path: path, key: key, expected: "a number from 1 to 4096", found: metadata[key] ?? "none")
        }
        return value
    }

    /// A list of words of the metadata.
    func words(_ key: String) throws(SpeakError) -> [String] {
        let list = (metadata[key] ?? "").split(separator: " ").map(String.init)
        guard !list.isEmpty else { throw .metadata(path: path, key: key, expected: "words", found: "none") }
        return list
    }
}
