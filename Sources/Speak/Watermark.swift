import Glibc
import Tensors

/// The inaudible mark of cloned speech: neighbouring bands of the spectrum are raised and lowered by 1.2 dB in a fixed
/// pattern that changes every 85 ms.
///
/// The pattern compares a band with its neighbour and a moment with the next one, so that neither the spectrum of speech nor a
/// loudspeaker's colour looks like it; it lies between 500 and 5500 Hz, where every speech codec works.
public enum Watermark {
    static let lowest: Float = 500
    static let width: Float = 250
    static let pairs = 10
    /// Frames for which a sign holds; a block holds one sign and its opposite.
    static let half = 8
    static let block = 2 * half
    static let blocks = 32
    static let period = blocks * block
    /// ±1.2 dB as a natural logarithm: half of what a listener notices in a formant's level, and found in three seconds.
    static let depth: Float = 0.138

    /// +1 or −1 for every pair of bands and block.
    private static let signs: [[Float]] = {
        var state: UInt64 = 0x7469_6E67_2D76_6F78
        return (0..<blocks).map { _ in
            (0..<pairs).map { _ in
                state ^= state << 13
                state ^= state >> 7
                state ^= state << 17
                return state >> 40 & 1 == 0 ? 1 : -1
            }
        }
    }()

    /// +1, −1 or 0 where there is no mark: the direction of a band in a frame counted from the stream's start.
    private static func sign(band: Int, frame: Int) -> Float {
        let place = frame % period
        let first: Float = place % block < half ? 1 : -1
        return signs[place / block][band / 2] * (band % 2 == 0 ? 1 : -1) * first
    }

    private static let bandOfBin: [Int] = (0..<Vocoder.bins).map { bin in
        let hertz = Float(bin) * Float(Vocoder.sampleRate) / Float(Vocoder.size)
        let band = Int((hertz - lowest) / width)
        return hertz < lowest || band >= 2 * pairs ? -1 : band
    }

    /// Marks one frame's spectrum of (real, imaginary) pairs.
    static func apply(to spectrum: inout [Float], frame: Int) {
        let gains = (0..<2 * pairs).map { expf(depth * sign(band: $0, frame: frame)) }
        for bin in 0..<Vocoder.bins where bandOfBin[bin] >= 0 {
            spectrum[2 * bin] *= gains[bandOfBin[bin]]
            spectrum[2 * bin + 1] *= gains[bandOfBin[bin]]
        }
    }

    /// What a search for the mark found.
    public struct Finding: Sendable, Equatable {
        /// How far the best match stands above chance, in standard deviations.
        public let score: Double
        /// Where the best-matching stretch begins and ends, in seconds.
        public let seconds: ClosedRange<Double>
        /// Whether that is the mark: chance exceeds it about once in ten million recordings.
        public var isMarked: Bool { score >= Watermark.threshold }
    }

    /// The best of 256 positions and some windows by chance reaches 3 to 4.
    public static let threshold = 6.5
    /// Stretches of this many frames are searched as well as the whole: 8.5 s.
    private static let window = 800

    /// Searches 24 kHz samples for the mark, at every position of the pattern.
    public static func find(in samples: [Float]) -> Finding {
        let energies = bandEnergies(samples)
        let frames = energies.count
        func seconds(_ frame: Int) -> Double { Double(frame * Vocoder.hop) / Double(Vocoder.sampleRate) }
        var best = Finding(score: 0, seconds: 0...seconds(frames))
        guard frames >= 2 * block else { return best }
        var ranges = [0..<frames]
        var start = 0
        while frames > window, start < frames {
            ranges.append(start..<min(frames, start + window))
            start += window / 2
        }
        let sums = Self.sums(energies)
        for range in ranges {
            for offset in stride(from: 0, to: period, by: 2) {
                let score = score(sums, range, offset: offset)
                if score > best.score {
                    best = Finding(score: score, seconds: seconds(range.lowerBound)...seconds(range.upperBound))
                }
            }
        }
        return best
    }

    private static func score(_ sums: [[Double]], _ range: Range<Int>, offset: Int) -> Double {
        var match = 0.0
        var power = 0.0
        var frame = range.lowerBound
        // the first block's start at this position of the pattern
        frame += (block - (frame + offset) % block) % block
        while frame + block <= range.upperBound {
            let signs = signs[(frame + offset) % period / block]
            for pair in 0..<pairs {
                guard let value = contrast(sums, frame, pair) else { continue }
                match += value * Double(signs[pair])
                power += value * value
            }
            frame += block
        }
        return power > 0 ? match / power.squareRoot() : 0
    }

    /// How much louder the lower band of a pair is than the upper, in the block's first half over its second; nil in silence.
    private static func contrast(_ sums: [[Double]], _ frame: Int, _ pair: Int) -> Double? {
        var levels: [Double] = []
        for band in [2 * pair, 2 * pair + 1] {
            for at in [frame, frame + half] {
                let energy = sums[at + half][band] - sums[at][band]
                guard energy > 1e-7 else { return nil }
                levels.append(log(energy))
            }
        }
        return min(3, max(-3, levels[0] - levels[1] - levels[2] + levels[3]))
    }

    private static func sums(_ energies: [[Float]]) -> [[Double]] {
        var result = [[Double](repeating: 0, count: 2 * pairs)]
        for (frame, row) in energies.enumerated() { result.append(zip(result[frame], row).map { $0 + Double($1) }) }
        return result
    }

    private static func bandEnergies(_ samples: [Float]) -> [[Float]] {
        guard let transform = RealFFT(size: Vocoder.size) else { return [] }
        let window = InverseSTFT.hann(Vocoder.size)
        var spectrum = [Float](repeating: 0, count: 2 * transform.bins)
        var scratch = [Float](repeating: 0, count: 2 * transform.size)
        var windowed = [Float](repeating: 0, count: Vocoder.size)
        return stride(from: 0, to: max(0, samples.count - Vocoder.size), by: Vocoder.hop).map { start in
            for index in 0..<Vocoder.size { windowed[index] = samples[start + index] * window[index] }
            transform.forward(windowed, into: &spectrum, scratch: &scratch)
            var bands = [Float](repeating: 0, count: 2 * pairs)
            for bin in 0..<Vocoder.bins where bandOfBin[bin] >= 0 {
                bands[bandOfBin[bin]] +=
                    spectrum[2 * bin] * spectrum[2 * bin] + spectrum[2 * bin + 1] * spectrum[2 * bin + 1]
            }
            return bands
        }
    }
}
