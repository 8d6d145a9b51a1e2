import Glibc
import Language
import Tensors

/// One utterance as it is heard: samples in, emissions and states out, chunk by chunk.
///
/// Chunks of 20 frames (0.4 s) lie on a grid from the stream's start, in the upper blocks half a chunk earlier, each
/// evaluated once; what the past has to say is kept in caches of fixed size. Whatever pieces the samples come in, the
/// outputs are the same bits. A unit is final 0.2 to 0.6 s after its sound (and 12.5 ms), or with `finish()`;
/// `preview()` looks ahead of the grid.
public struct RecognitionStream: Sendable {
    private let recogniser: Recogniser
    private var features: LogMelStream
    /// Log-mel rows from row `2 × frames done − 2` on.
    private var mel: [Float]
    private var melCount = 0
    /// Frames that went through the lower blocks.
    private var frameCount = 0
    /// Of those, the ones that wait for the upper blocks' chunk to be full.
    private var waiting = Matrix(rows: 0, columns: EncoderShape.width, values: [])
    private var caches: [BlockCache]
    private var finished = false
    private var dialectSums: [Double]
    private var dialectFrames = 0
    private let keepsStates: Bool
    /// Frames that went through all blocks, the forgotten ones too.
    private var evaluatedCount = 0

    /// Log-probabilities of the evaluated frames.
    public private(set) var emissions: Emissions
    /// The encoder's last layer, frames × 512; no rows where the stream was made without them.
    public private(set) var states = Matrix(rows: 0, columns: EncoderShape.width, values: [])

    init(recogniser: Recogniser, keepsStates: Bool = true) throws(HearError) {
        self.recogniser = recogniser
        self.keepsStates = keepsStates
        features = try LogMelStream()
        mel = [Float](repeating: 0, count: 2 * LogMelStream.channelCount)
        // One by one: copies of one would give up the room that it reserved.
        caches = (0..<EncoderShape.blockCount).map { _ in BlockCache() }
        emissions = Emissions(unitCount: recogniser.units.count)
        dialectSums = [Double](repeating: 0, count: recogniser.dialects.count)
    }

    /// Seconds of sound taken in.
    public var seconds: Double { Double(features.sampleCount) / 16_000 }

    /// Takes 16 kHz samples and evaluates the chunks they complete.
    ///
    /// - Throws: `HearError.streamFinished` after `finish()`.
    public mutating func accept(_ samples: [Float]) throws(HearError) {
        guard !finished else { throw .streamFinished }
        // In pieces, so that a long recording given at once needs no more memory than a stream.
        var start = 0
        while start < samples.count {
            let end = min(samples.count, start + 6_400)
            take(features.accept(Array(samples[start..<end])))
            evaluateFullChunks()
            start = end
        }
    }

    /// Evaluates what is left of the last chunk; the stream takes no more samples.
    public mutating func finish() {
        guard !finished else { return }
        finished = true
        take(features.finish())
        evaluateFullChunks()
        let rows = (melCount + 1) / 2 - frameCount
        if rows > 0 { evaluate(rows: rows) }
        if waiting.rows > 0 { evaluateUpper(rows: waiting.rows) }
    }

    /// The emissions as they would be if the stream ended now; nothing is committed.
    public func preview() -> Emissions {
        var ending = self
        ending.finish()
        return ending.emissions
    }

    /// Probability of each dialect, in the order of `Recogniser.dialects`, from the frames in which something was heard.
    public var dialectPosterior: [Double] {
        guard dialectFrames > 0 else { return dialectSums.map { _ in 1 / Double(dialectSums.count) } }
        let means = dialectSums.map { $0 / Double(dialectFrames) }
        let largest = means.max() ?? 0
        let powers = means.map { exp($0 - largest) }
        let sum = powers.reduce(0, +)
        return powers.map { $0 / sum }
    }

    /// Drops the oldest evaluated frames from emissions and states, for recordings longer than an utterance.
    ///
    /// What comes later is heard as if they were still there.
    public mutating func forget(frames: Int) {
        emissions.removeFirst(frames)
        states.removeFirstRows(min(frames, states.rows))
    }

    /// The units heard in the chunks evaluated so far, without any lexicon.
    public func partialUnits() -> [String] { emissions.greedyUnits().map { recogniser.units[$0.unit] } }

    private mutating func take(_ rows: [Float]) {
        mel.append(contentsOf: rows)
        melCount += rows.count / LogMelStream.channelCount
    }

    private mutating func evaluateFullChunks() {
        while melCount > 2 * (frameCount + EncoderShape.chunkFrames) { evaluate(rows: EncoderShape.chunkFrames) }
    }

    private mutating func evaluate(rows: Int) {
        waiting.append(
            recogniser.lower(mel: mel, first: frameCount, rows: rows, melCount: melCount, caches: &caches))
        frameCount += rows
        mel.removeFirst(min(mel.count, 2 * rows * LogMelStream.channelCount))
        // The upper grid: frames 0 ..< 10, then 10 ..< 30, 30 ..< 50 …
        while true {
            let isFirst = evaluatedCount == 0
            let chunk = isFirst ? EncoderShape.chunkFrames - EncoderShape.shiftFrames : EncoderShape.chunkFrames
            guard waiting.rows >= chunk else { return }
            evaluateUpper(rows: chunk)
        }
    }

    private mutating func evaluateUpper(rows: Int) {
        let output = recogniser.upper(waiting.rows(0..<rows), caches: &caches)
        waiting.removeFirstRows(rows)
        evaluatedCount += rows
        let firstFrame = emissions.frameCount
        emissions.append(output.logProbabilities.values)
        if keepsStates { states.append(output.states) }
        for row in 0..<rows where emissions.bestUnits[firstFrame + row] != 0 {
            dialectFrames += 1
            for index in dialectSums.indices {
                dialectSums[index] += Double(output.dialectLogits.values[row * dialectSums.count + index])
            }
        }
    }
}

extension RecognitionStream {
    /// Evaluates a whole recording (16 kHz) at once.
    ///
    /// - Throws: `HearError.badModel` when the features cannot be computed.
    public static func recognise(_ samples: [Float], with recogniser: Recogniser) throws(HearError) -> Self {
        var stream = try recogniser.makeStream()
        try stream.accept(samples)
        stream.finish()
        return stream
    }
}
