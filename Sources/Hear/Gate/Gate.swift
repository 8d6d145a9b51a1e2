import Glibc
import Tensors

/// The weights of the voice-activity net, shared by all streams (`gate.safetensors`; the forward pass is written down in
/// `Models/training/gate/README.md`).
public final class GateModel: Sendable {
    /// What the weight file says about itself.
    public let metadata: [String: String]
    /// Number of weights.
    public let parameterCount: Int

    fileprivate let window: Table
    fileprivate let mel: Linear
    fileprivate let mean: Table
    fileprivate let deviation: Table
    fileprivate let conv1: Linear
    fileprivate let conv2: Linear
    fileprivate let layers: [RecurrentLayer]
    fileprivate let output: Linear

    /// Loads `gate.safetensors` of the directory.
    ///
    /// - Throws: `HearError.badModel` when the file is missing, damaged or of another shape.
    public convenience init(models: ModelDirectory, precision: Precision = .int8) throws(HearError) {
        try self.init(path: models.file("gate.safetensors"), precision: precision)
    }

    /// Loads a weight file.
    ///
    /// - Throws: `HearError.badModel`, see `init(models:precision:)`.
    public init(path: String, precision: Precision = .int8) throws(HearError) {
        do {
            let file = try WeightFile(path: path)
            metadata = file.metadata
            parameterCount = file.parameterCount
            let mels = GateShape.mels
            window = try file.table("feature.window", count: GateShape.window)
            mel = try file.linear(
                "feature.mel", inputs: GateShape.window / 2 + 1, outputs: mels, precision: precision)
            mean = try file.table("feature.mean", count: mels)
            deviation = try file.table("feature.deviation", count: mels)
            conv1 = try file.linear("conv1", inputs: 3 * mels, outputs: GateShape.narrow, precision: precision)
            conv2 = try file.linear(
                "conv2", inputs: 3 * GateShape.narrow, outputs: GateShape.wide, precision: precision)
            layers = [
                try RecurrentLayer(file, "gru1", inputs: GateShape.wide, precision: precision),
                try RecurrentLayer(file, "gru2", inputs: GateShape.hidden, precision: precision),
            ]
            output = try file.linear("output", inputs: GateShape.hidden, outputs: 1, precision: precision)
        } catch {
            throw .badModel(part: "gate", reason: "\(error)")
        }
    }
}

/// Sizes of the gate, fixed by its training recipe.
private enum GateShape {
    static let window = 512
    static let hop = 256
    static let mels = 40
    static let narrow = 64
    static let wide = 96
    static let hidden = 128
}

/// A gated recurrent unit; rows of its weights are reset, update, candidate.
private struct RecurrentLayer: Sendable {
    let input: Linear
    let hidden: Linear

    init(_ file: WeightFile, _ name: String, inputs: Int, precision: Precision) throws(TensorError) {
        let size = GateShape.hidden
        input = try file.linear("\(name).input", inputs: inputs, outputs: 3 * size, precision: precision)
        hidden = try file.linear("\(name).hidden", inputs: size, outputs: 3 * size, precision: precision)
    }

    func callAsFunction(_ x: [Float], state: inout [Float]) {
        let size = state.count
        let a = input(Matrix(rows: 1, columns: x.count, values: x)).values
        let b = hidden(Matrix(rows: 1, columns: size, values: state)).values
        for index in 0..<size {
            let reset = sigmoid(a[index] + b[index])
            let update = sigmoid(a[size + index] + b[size + index])
            let candidate = tanhf(a[2 * size + index] + reset * b[2 * size + index])
            state[index] = (1 - update) * candidate + update * state[index]
        }
    }
}

private func sigmoid(_ x: Float) -> Float { 1 / (1 + expf(-x)) }

/// A stream's gate: 16 kHz samples in, the probability of speech for each 16 ms out.
///
/// It looks ahead: the first probability comes with the third 16 ms. Whether a vowel begins or a door slams is seldom plain
/// before.
public struct Gate: Sendable {
    /// Seconds that one probability stands for.
    public static let frameSeconds = 0.016
    /// How many frames beyond its own a probability knows of, as the weights were trained.
    public static let lookAhead = 2

    private let model: GateModel
    private let transform: RealFFT
    private var samples = [Float](repeating: 0, count: GateShape.hop)
    private var features = [Float](repeating: 0, count: 2 * GateShape.mels)
    private var inner = [Float](repeating: 0, count: 2 * GateShape.narrow)
    private var states = [[Float]](repeating: [Float](repeating: 0, count: GateShape.hidden), count: 2)
    private var windowed = [Float](repeating: 0, count: GateShape.window)
    private var spectrum = [Float](repeating: 0, count: GateShape.window + 2)
    private var scratch = [Float](repeating: 0, count: 2 * GateShape.window)
    /// Answers at the start that stand for no frame.
    private var early = Gate.lookAhead

    /// A gate before its first sample.
    ///
    /// - Throws: `HearError.badModel` when the features cannot be computed.
    public init(model: GateModel) throws(HearError) {
        guard let transform = RealFFT(size: GateShape.window) else {
            throw .badModel(part: "gate", reason: "expected a transform of \(GateShape.window) values, found none")
        }
        self.model = model
        self.transform = transform
    }

    /// Takes samples and returns a probability for every 256 of which all and the `lookAhead` after them are complete.
    public mutating func accept(_ new: [Float]) -> [Float] {
        samples.append(contentsOf: new)
        var probabilities: [Float] = []
        var start = 0
        while samples.count - start >= GateShape.window {
            probabilities.append(judge(from: start))
            start += GateShape.hop
        }
        samples.removeFirst(start)
        let dropped = min(early, probabilities.count)
        early -= dropped
        return Array(probabilities.dropFirst(dropped))
    }

    private mutating func judge(from start: Int) -> Float {
        for index in 0..<GateShape.window { windowed[index] = samples[start + index] * model.window[0, index] }
        transform.forward(windowed, into: &spectrum, scratch: &scratch)
        var power = [Float](repeating: 0, count: GateShape.window / 2 + 1)
        for bin in power.indices {
            let (real, imaginary) = (spectrum[2 * bin], spectrum[2 * bin + 1])
            power[bin] = real * real + imaginary * imaginary
        }
        let energies = model.mel(Matrix(rows: 1, columns: power.count, values: power)).values
        for channel in 0..<GateShape.mels {
            let level = log10f(max(energies[channel], 1e-10))
            features.append((level - model.mean[0, channel]) / model.deviation[0, channel])
        }
        inner.append(contentsOf: rectified(model.conv1, &features, keep: 2 * GateShape.mels))
        var x = rectified(model.conv2, &inner, keep: 2 * GateShape.narrow)
        for (index, layer) in model.layers.enumerated() {
            layer(x, state: &states[index])
            x = states[index]
        }
        return sigmoid(model.output(Matrix(rows: 1, columns: x.count, values: x)).values[0])
    }

    /// A causal convolution's newest row, after which the window moves on.
    private func rectified(_ layer: Linear, _ window: inout [Float], keep: Int) -> [Float] {
        var y = layer(Matrix(rows: 1, columns: window.count, values: window))
        relu(&y)
        window.removeFirst(window.count - keep)
        return y.values
    }
}
