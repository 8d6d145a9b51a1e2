import Glibc
import Tensors

/// Causal log-mel features of a stream: 80 channels every 10 ms, normalised by the loudest channel heard so far.
///
/// Frame `j` is centred on sample `160 j`. The stream starts with 200 zeros, and only the end is padded, so that a frame
/// depends on nothing but the samples up to 200 after its centre: however the samples are cut into pieces, the frames are
/// the same bits.
public struct LogMelStream: Sendable {
    /// Channels of a frame.
    public static let channelCount = 80
    /// Samples from one frame to the next.
    public static let hopLength = 160
    /// Samples of the analysis window.
    public static let windowLength = 400
    /// Samples a frame needs after its centre.
    static let lookAhead = windowLength / 2

    private static let window: [Float] = (0..<windowLength).map { index in
        Float(0.5 - 0.5 * cos(2 * Double.pi * Double(index) / Double(windowLength)))
    }
    private static let filters = MelFilterBank(
        channelCount: channelCount, fftSize: windowLength, sampleRate: 16_000, lowHertz: 0, highHertz: 8_000)

    private let transform: RealFFT
    private var pending = [Float](repeating: 0, count: lookAhead)
    private var peak: Float = 0
    private var windowed = [Float](repeating: 0, count: windowLength)
    private var spectrum = [Float](repeating: 0, count: windowLength + 2)
    private var scratch = [Float](repeating: 0, count: 2 * windowLength)
    private var power = [Float](repeating: 0, count: windowLength / 2 + 1)
    private var energies = [Float](repeating: 0, count: channelCount)

    /// Samples taken in so far.
    public private(set) var sampleCount = 0
    /// Frames given out so far.
    public private(set) var frameCount = 0

    /// A stream before its first sample.
    ///
    /// - Throws: `HearError.badModel` when the Fourier transform cannot be built.
    public init() throws(HearError) {
        guard let transform = RealFFT(size: Self.windowLength) else {
            throw .badModel(part: "features", reason: "expected a transform of \(Self.windowLength) values, found none")
        }
        self.transform = transform
    }

    /// Takes 16 kHz samples and returns the frames they complete, row after row (`channelCount` values a frame).
    public mutating func accept(_ samples: [Float]) -> [Float] {
        sampleCount += samples.count
        pending.append(contentsOf: samples)
        var frames: [Float] = []
        var start = 0
        while pending.count - start >= Self.windowLength {
            appendFrame(at: start, to: &frames)
            start += Self.hopLength
        }
        pending.removeFirst(start)
        return frames
    }

    /// Pads the end with zeros and returns the last frames: `sampleCount / hopLength` in all.
    public mutating func finish() -> [Float] {
        var frames: [Float] = []
        let missing = sampleCount / Self.hopLength - frameCount
        guard missing > 0 else { return frames }
        pending.append(contentsOf: repeatElement(0, count: Self.windowLength))
        for index in 0..<missing { appendFrame(at: index * Self.hopLength, to: &frames) }
        pending.removeAll()
        return frames
    }

    private mutating func appendFrame(at start: Int, to frames: inout [Float]) {
        for index in 0..<Self.windowLength { windowed[index] = pending[start + index] * Self.window[index] }
        transform.forward(windowed, into: &spectrum, scratch: &scratch)
        for bin in power.indices {
            power[bin] = spectrum[2 * bin] * spectrum[2 * bin] + spectrum[2 * bin + 1] * spectrum[2 * bin + 1]
        }
        Self.filters(power, into: &energies)
        for channel in 0..<Self.channelCount {
            energies[channel] = log10f(max(energies[channel], 1e-10))
            peak = max(peak, energies[channel])
        }
        let floor = peak - 8
        for energy in energies { frames.append((max(energy, floor) + 4) / 4) }
        frameCount += 1
    }
}
