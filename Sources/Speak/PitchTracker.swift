import Glibc

/// F0 of recorded speech by normalised autocorrelation, for 24 kHz samples, one value every 256.
enum PitchTracker {
    /// Every so many samples one is kept, after averaging: 8 kHz is enough for pitch.
    private static let step = 3
    private static let window = 320
    /// Below this similarity of one period to the next a frame is unvoiced.
    private static let voicing: Float = 0.55

    /// Hertz, 0 where unvoiced.
    static func track(_ samples: [Float]) -> [Float] {
        let slow = stride(from: 0, to: samples.count - step + 1, by: step).map { start -> Float in
            let sum = samples[start] + samples[start + 1] + samples[start + 2]
            return sum / 3
        }
        let count = samples.count / Vocoder.hop
        let wide = pass(slow, count, hertz: 55...500)
        guard let middle = VoiceAnalysis.medianPitch(wide) else { return wide }
        // a voice stays within about an octave of its middle: what lies beyond are halves and doubles
        return withoutShortRuns(pass(slow, count, hertz: max(50, middle * 0.5)...min(600, middle * 2)))
    }

    private static func pass(_ slow: [Float], _ count: Int, hertz range: ClosedRange<Float>) -> [Float] {
        let rate = Float(Vocoder.sampleRate) / Float(step)
        let shortest = Int(rate / range.upperBound)
        let longest = Int(rate / range.lowerBound) + 1
        let energies = (0..<count).map { frame in energy(slow, centre(frame), window) }
        let floor = (energies.max() ?? 0) * 1e-4
        return (0..<count).map { frame in
            guard energies[frame] > floor else { return 0 }
            let start = max(0, centre(frame) - (window + longest) / 2)
            guard start + window + longest + 1 <= slow.count else { return 0 }
            return hertz(slow, start, shortest, longest, rate)
        }
    }

    private static func hertz(_ x: [Float], _ start: Int, _ shortest: Int, _ longest: Int, _ rate: Float) -> Float {
        var own: Float = 0
        for index in start..<start + window { own += x[index] * x[index] }
        var values = [Float](repeating: 0, count: longest + 2)
        var best: Float = 0
        for lag in max(1, shortest - 1)...longest {
            var cross: Float = 0
            var other: Float = 0
            for index in start..<start + window {
                cross += x[index] * x[index + lag]
                other += x[index + lag] * x[index + lag]
            }
            values[lag] = cross / (own * other + 1e-12).squareRoot()
            best = max(best, values[lag])
        }
        guard best > voicing else { return 0 }
        // the shortest lag that is nearly as good, so that no octave is lost
        for lag in max(2, shortest)..<longest
        where values[lag] > 0.9 * best && values[lag] >= values[lag - 1] && values[lag] >= values[lag + 1] {
            let (a, b, c) = (values[lag - 1], values[lag], values[lag + 1])
            let bend = a - 2 * b + c
            return rate / (Float(lag) + (bend < 0 ? 0.5 * (a - c) / bend : 0))
        }
        return 0
    }

    private static func centre(_ frame: Int) -> Int { frame * Vocoder.hop / step }

    private static func energy(_ x: [Float], _ centre: Int, _ length: Int) -> Float {
        let range = max(0, centre - length / 2)..<max(0, min(x.count, centre + length / 2))
        return range.isEmpty ? 0 : x[range].reduce(0) { $0 + $1 * $1 }
    }

    /// Runs under four frames, and steps of more than a fifth from one frame to the next, are mistakes.
    private static func withoutShortRuns(_ pitch: [Float]) -> [Float] {
        var result = pitch
        var start = 0
        for frame in 0...pitch.count {
            let goesOn =
                frame > start && frame < pitch.count && pitch[frame] > 0
                && abs(logf(pitch[frame] / pitch[frame - 1])) < 0.2
            if goesOn { continue }
            if frame - start < 4 { for index in start..<min(frame, pitch.count) { result[index] = 0 } }
            start = frame
        }
        return result
    }
}
