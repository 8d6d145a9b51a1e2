import Glibc
import Tensors

/// Whose voice is this: a unit vector of 256 for a stretch of speech, distilled from GE2E (`Models/training/speaker`).
///
/// The cosine of two vectors tells likeness.
public struct SpeakerEncoder: Sendable {
    /// The rate it listens at.
    public static let sampleRate = 16_000
    /// The shortest stretch, 0.4 s.
    public static let shortest = 6_400
    /// Values in an embedding.
    public static let size = 256

    private static let window = 400
    private static let hop = 160
    private static let bands = 40
    private static let bins = 201
    private static let width = 192

    private let shape: Table
    private let mel: Linear
    private let mean: Table
    private let deviation: Table
    private let first: Convolution1D
    private let inner: [Convolution1D]
    private let last: Convolution1D
    private let output: Linear
    private let transform: RealFFT

    /// Opens `speaker.safetensors`.
    public init(models: ModelDirectory, precision: Precision = .int8) throws(SpeakError) {
        do throws(TensorError) {
            let file = try WeightFile(path: models.file("speaker.safetensors"))
            shape = try file.table("feature.window", count: Self.window)
            mel = try file.linear(
                "feature.mel", inputs: Self.bins, outputs: Self.bands, precision: precision)
            mean = try file.table("feature.mean", count: Self.bands)
            deviation = try file.table("feature.deviation", count: Self.bands)
            first = try file.convolution(
                "conv1", channels: Self.bands, outputs: Self.width, taps: 5, stride: 2, precision: precision)
            var inner: [Convolution1D] = []
            for dilation in 1...3 {
                inner.append(
                    try file.convolution(
                        "conv\(dilation + 1)", channels: Self.width, outputs: Self.width, taps: 3, dilation: dilation,
                        precision: precision))
            }
            self.inner = inner
            last = try file.convolution(
                "conv5", channels: Self.width, outputs: 2 * Self.width, taps: 1, precision: precision)
            output = try file.linear("output", inputs: 4 * Self.width, outputs: Self.size, precision: precision)
        } catch {
            throw .model(error)
        }
        guard let transform = RealFFT(size: Self.window) else {
            throw .model(.missing(path: models.path, tensor: "a transform of \(Self.window) values"))
        }
        self.transform = transform
    }

    /// The embedding of 16 kHz samples; nil when they are shorter than 0.4 s.
    public func embed(_ samples: [Float]) -> [Float]? {
        guard samples.count >= Self.shortest else { return nil }
        var x = first.apply(features(samples), padLeft: 2, padRight: 2)
        relu(&x)
        for layer in inner {
            var y = layer.apply(x, padLeft: layer.dilation, padRight: layer.dilation)
            relu(&y)
            x += y
        }
        x = last.apply(x)
        relu(&x)
        var pooled = output(pool(x))
        relu(&pooled)
        return Self.unit(pooled.values.map { $0 + 1e-6 })
    }

    /// The embedding of a whole recording: the mean over stretches of `seconds`, half overlapping.
    public func embedding(of samples: [Float], seconds: Double = 1.6) -> [Float]? {
        let all = embeddings(of: samples, seconds: seconds)
        guard let one = all.first else { return embed(samples) }
        return Self.unit(all.dropFirst().reduce(one) { zip($0, $1).map { $0 + $1 } })
    }

    /// The embeddings of stretches of `seconds`, half overlapping.
    func embeddings(of samples: [Float], seconds: Double) -> [[Float]] {
        let length = Int(seconds * Double(Self.sampleRate))
        return stride(from: 0, through: samples.count - length, by: max(1, length / 2)).compactMap {
            embed(Array(samples[$0..<$0 + length]))
        }
    }

    /// The cosine of two unit vectors.
    public static func likeness(_ one: [Float], _ other: [Float]) -> Float {
        zip(one, other).reduce(0) { $0 + $1.0 * $1.1 }
    }

    static func unit(_ vector: [Float]) -> [Float] {
        let norm = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return vector.map { $0 / max(norm, 1e-12) }
    }

    private func features(_ samples: [Float]) -> Matrix {
        let frames = (samples.count - Self.window) / Self.hop + 1
        var spectrum = [Float](repeating: 0, count: 2 * transform.bins)
        var scratch = [Float](repeating: 0, count: 2 * transform.size)
        var windowed = [Float](repeating: 0, count: Self.window)
        var power = Matrix(rows: frames, columns: Self.bins)
        var total: Double = 0
        for frame in 0..<frames {
            for index in 0..<Self.window { windowed[index] = samples[frame * Self.hop + index] * shape[0, index] }
            transform.forward(windowed, into: &spectrum, scratch: &scratch)
            for bin in 0..<Self.bins {
                let (a, b) = (spectrum[2 * bin], spectrum[2 * bin + 1])
                power[frame, bin] = a * a + b * b
            }
        }
        var result = mel(power)
        for index in result.values.indices {
            result.values[index] = log10f(max(result.values[index], 1e-10))
            total += Double(result.values[index])
        }
        let average = Float(total / Double(max(1, result.values.count)))
        for frame in 0..<frames {
            for band in 0..<Self.bands {
                result[frame, band] = (result[frame, band] - average - mean[0, band]) / deviation[0, band]
            }
        }
        return result
    }

    /// Mean and deviation of every column.
    private func pool(_ x: Matrix) -> Matrix {
        var sums = [Float](repeating: 0, count: x.columns)
        var squares = sums
        for row in 0..<x.rows {
            for column in 0..<x.columns {
                let value = x.values[row * x.columns + column]
                sums[column] += value
                squares[column] += value * value
            }
        }
        let count = Float(max(1, x.rows))
        let means = sums.map { $0 / count }
        let deviations = zip(squares, means).map { max(1e-6, $0 / count - $1 * $1).squareRoot() }
        return Matrix(rows: 1, columns: 2 * x.columns, values: means + deviations)
    }
}
