import Glibc

/// How long after it was played a sound comes back through the microphone.
///
/// A sweep is found again by its correlation with what was heard; a sweep and not a click, since its energy is spread
/// over a quarter of a second and neither clips nor startles.
public enum EchoDelay {
    /// Length of the sweep.
    public static let sweepSeconds = 0.25
    /// The correlation, 0…1, from which on the sweep counts as heard: several times what noise reaches over a sweep of
    /// thousands of samples (below 0.05), and well below a loudspeaker in a live room (0.3 and more).
    public static let threshold = 0.15

    /// A rising tone of 300 to 3400 Hz with soft ends, one octave a fraction of the length.
    /// - Parameter sampleRate: 8 kHz or more.
    public static func sweep(sampleRate: Int, peak: Float = 0.3) -> [Float] {
        let count = Int(sweepSeconds * Double(sampleRate))
        let (low, high) = (300.0, 3400.0)
        let growth = log(high / low)
        return (0..<count).map { index in
            let x = Double(index) / Double(count)
            let phase = 2 * Double.pi * low * sweepSeconds / growth * (exp(x * growth) - 1)
            let window = min(1, 8 * min(x, 1 - x))
            return peak * Float(sin(phase) * window)
        }
    }

    /// Where in `heard` the sweep begins, in seconds, and how much of what is heard there is the sweep, 0…1.
    ///
    /// Nil when it is not to be heard.
    public static func find(in heard: [Float], sampleRate: Int) -> (seconds: Double, correlation: Double)? {
        let pattern = sweep(sampleRate: sampleRate, peak: 1)
        guard heard.count > pattern.count else { return nil }
        let energy = pattern.reduce(0.0) { $0 + Double($1) * Double($1) }
        var window = heard[..<pattern.count].reduce(0.0) { $0 + Double($1) * Double($1) }
        var best = (lag: 0, correlation: 0.0)
        for lag in 0..<heard.count - pattern.count {
            var product: Float = 0
            for index in pattern.indices { product += pattern[index] * heard[lag + index] }
            let scale = (energy * max(window, 1e-12)).squareRoot()
            // An echo may be upside down.
            let correlation = abs(Double(product)) / scale
            if correlation > best.correlation { best = (lag, correlation) }
            let (old, new) = (Double(heard[lag]), Double(heard[lag + pattern.count]))
            window = max(0, window + new * new - old * old)
        }
        guard best.correlation >= threshold else { return nil }
        return (Double(best.lag) / Double(sampleRate), best.correlation)
    }
}
