import Glibc

/// What sounds before the vocal tract shapes it: band-limited pulses in step with the pitch, and noise; both of power 1.
///
/// Samples are made in order, so that any division into chunks gives the same ones.
struct Excitation: Sendable {
    private var phase = 0.0
    private var state: UInt64
    private var position = 0

    /// - Parameter seed: Which noise; the same seed gives the same samples.
    init(seed: UInt64 = 1) {
        state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
    }

    /// Appends `count` samples of both kinds.
    ///
    /// - Parameters:
    ///   - count: How many samples follow those made so far.
    ///   - pitch: F0 in hertz, one a frame of the whole sentence; straight lines lie between the frames.
    ///   - pulses: Gets the pulses.
    ///   - noise: Gets the noise.
    mutating func append(_ count: Int, pitch: [Float], to pulses: inout [Float], noise: inout [Float]) {
        let last = pitch.count - 1
        guard last >= 0 else { return }
        for _ in 0..<count {
            let frame = position / Vocoder.hop
            let way = Double(position % Vocoder.hop) / Double(Vocoder.hop)
            let from = Double(pitch[min(frame, last)])
            let to = Double(pitch[min(frame + 1, last)])
            let hertz = from + (to - from) * way
            pulses.append(Self.pulse(phase, hertz: hertz))
            phase += 2 * .pi * hertz / Double(Vocoder.sampleRate)
            if phase > 2 * .pi { phase -= 2 * .pi }
            noise.append(random())
            position += 1
        }
    }

    /// All harmonics below half the sample rate as cosines of one amplitude (Dirichlet's kernel).
    static func pulse(_ phase: Double, hertz: Double) -> Float {
        let count = max(1, (Double(Vocoder.sampleRate) / 2 / hertz).rounded(.down))
        let half = sin(phase / 2)
        let sum = abs(half) < 1e-4 ? count : (sin((count + 0.5) * phase) / half - 1) / 2
        return Float(sum * (2 / count).squareRoot())
    }

    /// Even noise of variance 1 (xorshift).
    private mutating func random() -> Float {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        let unit = Double(state >> 11) / 9_007_199_254_740_992
        return Float((unit * 2 - 1) * 1.732_050_807_568_877_2)
    }
}
