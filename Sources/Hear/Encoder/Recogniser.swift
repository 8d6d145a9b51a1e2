import Glibc
import Language
import Tensors

/// The streaming Conformer: weights and layers, shared by all streams.
///
/// Reads `hear.safetensors`. Evaluation is the same in INT8 and in fp32 but for the matrix products.
public final class Recogniser: Sendable {
    /// How the matrix products are evaluated.
    public let precision: Precision
    /// The names of the units, index 0 being blank.
    public let units: [String]
    /// The dialects that the model tells apart, in the order of its posterior.
    public let dialects: [Dialect] = [.mandarin, .cantonese, .sichuanese, .english]
    /// What the weight file says about itself.
    public let metadata: [String: String]
    /// Number of weights.
    public let parameterCount: Int

    private let conv1: Linear
    private let conv2: Linear
    private let blocks: [ConformerBlock]
    private let norm: LayerNorm
    private let head: Linear
    private let dialect: Linear

    /// Loads `hear.safetensors` of the directory.
    ///
    /// - Throws: `HearError.badModel` when the file is missing, damaged, or made for another inventory of units.
    public convenience init(models: ModelDirectory, precision: Precision = .int8) throws(HearError) {
        try self.init(path: models.file("hear.safetensors"), precision: precision)
    }

    /// Loads a weight file.
    ///
    /// - Throws: `HearError.badModel`, see `init(models:precision:)`.
    public init(path: String, precision: Precision = .int8) throws(HearError) {
        units = PhoneInventory.units
        self.precision = precision
        let width = EncoderShape.width
        do {
            let file = try WeightFile(path: path)
            metadata = file.metadata
            parameterCount = file.parameterCount
            conv1 = try file.linear(
                "conv1", inputs: 3 * LogMelStream.channelCount, outputs: width, precision: precision)
            conv2 = try file.linear("conv2", inputs: 3 * width, outputs: width, precision: precision)
            var blocks: [ConformerBlock] = []
            for index in 0..<EncoderShape.blockCount {
                blocks.append(try ConformerBlock(file, index: index, precision: precision))
            }
            self.blocks = blocks
            norm = try file.layerNorm("norm", count: width)
            head = try file.linear("head", inputs: width, outputs: units.count, precision: precision)
            dialect = try file.linear("dialect", inputs: width, outputs: dialects.count, precision: precision)
        } catch {
            throw .badModel(part: "hear", reason: "\(error)")
        }
    }

    /// A stream before its first sample.
    ///
    /// - Parameters:
    ///   - keepsStates: Whether the encoder's states are kept too: 100 kB a second, for whoever only wants to read.
    /// - Throws: `HearError.badModel` when the features cannot be computed.
    public func makeStream(keepsStates: Bool = true) throws(HearError) -> RecognitionStream {
        try RecognitionStream(recogniser: self, keepsStates: keepsStates)
    }

    /// What the last layers say about some frames.
    struct Output {
        var states: Matrix
        var logProbabilities: Matrix
        var dialectLogits: Matrix
    }

    /// The convolutions and the lower blocks over the frames `first ..< first + rows` (20 ms each).
    ///
    /// - Parameters:
    ///   - mel: Log-mel rows from row `2 first − 2` on; rows before the stream are zeros.
    ///   - melCount: Log-mel rows in the whole stream so far; rows from there on count as padding.
    ///   - caches: One a block of the encoder.
    func lower(mel: [Float], first: Int, rows: Int, melCount: Int, caches: inout [BlockCache]) -> Matrix {
        var x = subsample(mel: mel, first: first, rows: rows, melCount: melCount)
        addPositions(to: &x, first: first)
        for index in 0..<EncoderShape.firstShiftedBlock { blocks[index](&x, cache: &caches[index]) }
        return x
    }

    /// The upper blocks and what follows over a chunk that the lower ones gave.
    func upper(_ middle: Matrix, caches: inout [BlockCache]) -> Output {
        var x = middle
        for index in EncoderShape.firstShiftedBlock..<blocks.count { blocks[index](&x, cache: &caches[index]) }
        let states = norm(x)
        var logits = head(states)
        logSoftmax(&logits)
        return Output(states: states, logProbabilities: logits, dialectLogits: dialect(states))
    }

    /// The two convolutions in front: 100 log-mel rows a second become 50 frames.
    private func subsample(mel: [Float], first: Int, rows: Int, melCount: Int) -> Matrix {
        let channels = LogMelStream.channelCount
        let width = EncoderShape.width
        // Outputs of the first convolution from row 2·first − 1 to 2·(first + rows) − 1; its window of three log-mel
        // rows lies contiguous, so a window matrix is a copy.
        let middleRows = 2 * rows + 1
        var padded = mel
        let needed = (middleRows + 2) * channels
        if padded.count < needed { padded.append(contentsOf: repeatElement(0, count: needed - padded.count)) }
        var windows: [Float] = []
        windows.reserveCapacity(middleRows * 3 * channels)
        for row in 0..<middleRows { windows.append(contentsOf: padded[row * channels..<(row + 3) * channels]) }
        var middle = conv1(Matrix(rows: middleRows, columns: 3 * channels, values: windows))
        gelu(&middle)
        // What lies outside the stream is zero for the second convolution, not the first one's answer to silence.
        for row in 0..<middleRows {
            let position = 2 * first - 1 + row
            if position < 0 || position >= melCount {
                for column in 0..<width { middle.values[row * width + column] = 0 }
            }
        }
        windows.removeAll(keepingCapacity: true)
        for row in 0..<rows { windows.append(contentsOf: middle.values[2 * row * width..<(2 * row + 3) * width]) }
        var x = conv2(Matrix(rows: rows, columns: 3 * width, values: windows))
        gelu(&x)
        return x
    }

    /// Whisper's table of positions: sines, then cosines, at log-spaced speeds from 1 to 1/10,000.
    private func addPositions(to x: inout Matrix, first: Int) {
        let half = EncoderShape.width / 2
        for row in 0..<x.rows {
            let position = Float((first + row) % EncoderShape.positionPeriod)
            for index in 0..<half {
                let angle = position * Self.speeds[index]
                x.values[row * 2 * half + index] += sinf(angle)
                x.values[row * 2 * half + half + index] += cosf(angle)
            }
        }
    }

    private static let speeds: [Float] = {
        let half = EncoderShape.width / 2
        return (0..<half).map { Float(exp(-log(10_000) / Double(half - 1) * Double($0))) }
    }()
}
