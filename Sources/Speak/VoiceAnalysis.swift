import Glibc
import Tensors

/// What the recipes measure of a recording, measured here as well: F0, and the smooth envelope in 80 bands.
///
/// 24 kHz samples, one frame every 256; the same formulas as `Models/training/speak/features.py`.
struct VoiceAnalysis: Sendable {
    /// Hertz, 0 where unvoiced.
    let pitch: [Float]
    /// [frames, 80], natural logarithms of amplitudes.
    let envelope: Matrix
    var frameCount: Int { pitch.count }

    /// Nil when there is less than a window.
    init?(_ samples: [Float]) {
        guard samples.count >= 2 * Vocoder.size, let transform = RealFFT(size: Vocoder.size) else { return nil }
        pitch = PitchTracker.track(samples)
        envelope = Self.envelope(samples, pitch: pitch, transform)
    }

    /// F0 with straight lines (of the logarithm) over what is unvoiced.
    var continuousPitch: [Float] {
        let voiced = pitch.indices.filter { pitch[$0] > 0 }
        guard let first = voiced.first, let last = voiced.last else { return pitch.map { _ in 200 } }
        var result = pitch
        for frame in 0..<first { result[frame] = pitch[first] }
        for frame in last..<pitch.count { result[frame] = pitch[last] }
        for (from, to) in zip(voiced, voiced.dropFirst()) where to > from + 1 {
            for frame in from + 1..<to {
                let way = Float(frame - from) / Float(to - from)
                result[frame] = expf(logf(pitch[from]) * (1 - way) + logf(pitch[to]) * way)
            }
        }
        return result
    }

    /// The median of the voiced frames, nil when there is none.
    static func medianPitch(_ pitch: [Float]) -> Float? {
        let voiced = pitch.filter { $0 > 0 }.sorted()
        return voiced.isEmpty ? nil : voiced[voiced.count / 2]
    }

    /// The power spectrum averaged over one harmonic distance (150 Hz where unvoiced), then over mel bands.
    private static func envelope(_ samples: [Float], pitch: [Float], _ transform: RealFFT) -> Matrix {
        let window = Vocoder.window
        let energy = window.reduce(0) { $0 + $1 * $1 }
        let filters = MelBands.filters
        let mirror = 64
        var spectrum = [Float](repeating: 0, count: 2 * transform.bins)
        var scratch = [Float](repeating: 0, count: 2 * transform.size)
        var windowed = [Float](repeating: 0, count: Vocoder.size)
        var total = [Double](repeating: 0, count: Vocoder.bins + 2 * mirror + 1)
        var result = Matrix(rows: 0, columns: Vocoder.bands)
        for (frame, hertz) in pitch.enumerated() {
            let start = frame * Vocoder.hop - Vocoder.size / 2
            for index in 0..<Vocoder.size {
                let at = start + index
                windowed[index] = at >= 0 && at < samples.count ? samples[at] * window[index] : 0
            }
            transform.forward(windowed, into: &spectrum, scratch: &scratch)
            for place in 0..<total.count - 1 {
                var bin = abs(place - mirror)
                if bin >= Vocoder.bins { bin = 2 * (Vocoder.bins - 1) - bin }
                let (a, b) = (spectrum[2 * bin], spectrum[2 * bin + 1])
                total[place + 1] = total[place] + Double((a * a + b * b) / energy)
            }
            let half = Double(hertz > 0 ? hertz : 150) / 2 * Double(Vocoder.size) / Double(Vocoder.sampleRate)
            func area(_ position: Double) -> Double {
                let held = min(Double(total.count - 2), max(0, position))
                let whole = Int(held)
                return total[whole] + (held - Double(whole)) * (total[min(whole + 1, total.count - 1)] - total[whole])
            }
            let smooth = (0..<Vocoder.bins).map { bin in
                let at = Double(bin + mirror) + 0.5
                return (area(at + half) - area(at - half)) / (2 * half)
            }
            result.append(
                row: filters.map { filter in
                    var sum = 0.0
                    for (bin, weight) in zip(filter.bins, filter.weights) { sum += smooth[bin] * weight }
                    return max(-9, Float(0.5 * log(max(sum, 1e-12))))
                })
        }
        return result
    }
}

/// Slaney's mel bands over the vocoder's bins.
enum MelBands {
    struct Filter: Sendable {
        var bins: Range<Int>
        var weights: [Double]
    }

    /// Linear below 1 kHz, logarithmic above.
    static func hertz(mel: Double) -> Double { mel < 15 ? mel * 200 / 3 : 1000 * Glibc.exp((mel - 15) * log(6.4) / 27) }

    /// The edges and centres of the bands: `bands` + 2 frequencies.
    static let edges: [Double] = {
        let top = 15 + log(Double(Vocoder.sampleRate) / 2000) * 27 / log(6.4)
        return (0...Vocoder.bands + 1).map { hertz(mel: top * Double($0) / Double(Vocoder.bands + 1)) }
    }()

    /// Triangles whose weights sum to one.
    static let filters: [Filter] = (0..<Vocoder.bands).map { band in
        let (low, middle, high) = (edges[band], edges[band + 1], edges[band + 2])
        let weights = (0..<Vocoder.bins).map { bin in
            let frequency = Double(bin) * Double(Vocoder.sampleRate) / Double(Vocoder.size)
            return max(0, min((frequency - low) / (middle - low), (high - frequency) / (high - middle)))
        }
        let first = weights.firstIndex { $0 > 0 } ?? 0
        let last = weights.lastIndex { $0 > 0 } ?? 0
        let sum = max(1e-12, weights.reduce(0, +))
        return Filter(bins: first..<last + 1, weights: weights[first...last].map { $0 / sum })
    }
}
