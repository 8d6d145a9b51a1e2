import Glibc
import Tensors

/// Envelopes and pitch to 24 kHz: a network corrects the envelope into one filter for pulses and one for noise, and the
/// filters shape the excitation in the short-time spectrum.
struct Vocoder: Sendable {
    static let sampleRate = 24_000
    static let hop = 256
    static let size = 1024
    /// What a frame looks at: a Hann window of 512 samples in the middle of `size`.
    ///
    /// Over the whole of `size` a man's consonants were smeared (`Models/training/speak/README.md`).
    static let window: [Float] = {
        let sides = [Float](repeating: 0, count: (size - 2 * hop) / 2)
        return sides + InverseSTFT.hann(2 * hop) + sides
    }()
    static let bins = size / 2 + 1
    static let bands = 80

    /// How many frames on either side of a frame its filters depend on.
    let reach: Int
    private let width: Int
    private let input: Convolution1D
    private let blocks: [ConvolutionBlock]
    private let norm: LayerNorm
    private let head: Linear
    private let lower: [Int]
    private let share: [Float]

    init(_ file: WeightFile, precision: Precision) throws(SpeakError) {
        let width = try file.count("width")
        let hidden = try file.count("hidden")
        let count = try file.count("blocks")
        self.width = width
        reach = ConvolutionBlock.reach * (count + 1)
        do throws(TensorError) {
            input = try file.convolution(
                "input", channels: Self.bands + 2, outputs: width, taps: ConvolutionBlock.taps, precision: precision)
            blocks = try ConvolutionBlock.stack(
                file, "blocks", count: count, width: width, hidden: hidden, precision: precision)
            norm = try file.layerNorm("norm", count: width)
            head = try file.linear("head", inputs: width, outputs: 4 * Self.bands, precision: precision)
        } catch {
            throw .model(error)
        }
        (lower, share) = Self.interpolation()
    }

    /// For each bin the band below it and the share of the band above.
    private static func interpolation() -> ([Int], [Float]) {
        let centres = Array(MelBands.edges[1...bands])
        var lower: [Int] = []
        var share: [Float] = []
        var band = 0
        for bin in 0..<bins {
            let frequency = Double(bin) * Double(sampleRate) / Double(size)
            while band < bands - 2, centres[band + 1] <= frequency { band += 1 }
            lower.append(band)
            let way = (frequency - centres[band]) / (centres[band + 1] - centres[band])
            share.append(Float(min(1, max(0, way))))
        }
        return (lower, share)
    }

    /// One frame's filters.
    struct Filters: Sendable {
        /// `bins` pairs (real, imaginary), for the pulses.
        var harmonic: [Float]
        /// `bins` gains, for the noise.
        var noise: [Float]
    }

    /// The filters of some frames.
    ///
    /// - Parameters:
    ///   - envelope: [frames, 80] around the wanted frames; its first row is frame `origin`.
    ///   - pitch: F0 in hertz, one a frame of the sentence.
    ///   - voiced: 1 where a frame is voiced.
    ///   - frames: The wanted ones. `envelope` must reach `reach` frames further, or to the sentence's ends.
    func filters(
        envelope: Matrix, origin: Int, pitch: [Float], voiced: [Float], frames: Range<Int>
    ) -> [Filters] {
        var features = Matrix(rows: envelope.rows, columns: Self.bands + 2)
        for row in 0..<envelope.rows {
            for band in 0..<Self.bands {
                features[row, band] = (envelope[row, band] + 5) / 2.5
            }
            features[row, Self.bands] = Float(log(Double(pitch[origin + row]) / 200))
            features[row, Self.bands + 1] = voiced[origin + row]
        }
        var x = input.apply(features, padLeft: ConvolutionBlock.reach, padRight: ConvolutionBlock.reach)
        for block in blocks { block.apply(&x) }
        var kept = x.rows(frames.lowerBound - origin..<frames.upperBound - origin)
        norm.apply(&kept)
        let answer = head(kept)
        return frames.map { frame in
            expand(
                answer.row(frame - frames.lowerBound), envelope: envelope.row(frame - origin), voiced: voiced[frame])
        }
    }

    private func expand(_ answer: ArraySlice<Float>, envelope: ArraySlice<Float>, voiced: Float) -> Filters {
        let bands = Self.bands
        let bins = Self.bins
        let answer = Array(answer)
        var levels = [Float](repeating: 0, count: 2 * bands)
        for (band, value) in envelope.enumerated() {
            levels[band] = min(4, max(-12, value + answer[band]))
            levels[bands + band] = min(4, max(-12, value + answer[bands + band]))
        }
        var gains = Matrix(rows: 2, columns: bins)
        for bin in 0..<bins {
            let band = lower[bin]
            let above = share[bin]
            gains.values[bin] = levels[band] + (levels[band + 1] - levels[band]) * above
            gains.values[bins + bin] = levels[bands + band] + (levels[bands + band + 1] - levels[bands + band]) * above
        }
        exp(&gains)
        var harmonic = [Float](repeating: 0, count: 2 * bins)
        for bin in 0..<bins {
            let band = lower[bin]
            let above = share[bin]
            let p = answer[2 * bands + band] + (answer[2 * bands + band + 1] - answer[2 * bands + band]) * above
            let q = answer[3 * bands + band] + (answer[3 * bands + band + 1] - answer[3 * bands + band]) * above
            let gain = gains.values[bin] * voiced / (p * p + q * q + 1e-6).squareRoot()
            harmonic[2 * bin] = gain * p
            harmonic[2 * bin + 1] = gain * q
        }
        return Filters(harmonic: harmonic, noise: Array(gains.values[bins...]))
    }
}
