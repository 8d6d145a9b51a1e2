import Glibc
import Tensors

/// How an utterance was spoken: forty-two figures of pitch, energy, rate and colour.
///
/// `Models/training/think/emotion.py` computes the same figures; a test holds the two together.
public struct Prosody: Sendable, Equatable {
    /// In the order in which `figures` of the training recipe returns them.
    public let figures: [Float]
    /// The pitch frame by frame, from which the end of a question is known.
    public let track: PitchTrack

    static let rate = 16_000
    static let frame = 640
    static let hop = 320
    static let size = 1280
    static let lags = 32...266
    static let bands = [0..<40, 40..<80, 80..<160, 160..<320, 320..<641]
    static let count = 42

    /// Measures samples (16 kHz, −1…1); nil for less than a fifth of a second or no sound.
    public init?(samples: [Float]) {
        guard samples.count >= Self.frame, let frames = ProsodyFrames(samples) else { return nil }
        figures = frames.figures().map(Float.init)
        track = frames.follower.track()
    }

    /// The mean pitch of voiced frames, in semitones above 100 Hz.
    public var pitch: Float { figures[0] }
    /// How much higher the end lies than the whole, in semitones: questions rise.
    public var finalRise: Float { figures[7] }
}

/// The measures of every frame of 40 ms, every 20 ms.
private struct ProsodyFrames {
    var energy: [Double] = []
    var peak: [Double] = []
    var pitch: [Double] = []
    var bands: [[Double]] = []
    var follower = PitchFollower()

    init?(_ samples: [Float]) {
        let count = (samples.count - Prosody.frame) / Prosody.hop + 1
        guard count >= 10, let fourier = RealFFT(size: Prosody.size) else { return nil }
        let turn = 2 * Double.pi / Double(Prosody.frame)
        let window = (0..<Prosody.frame).map { Float(0.5 - 0.5 * cos(turn * Double($0))) }
        let own = Self.correlation(fourier, Self.power(fourier, window))
        for index in 0..<count {
            let part = samples[index * Prosody.hop..<index * Prosody.hop + Prosody.frame]
            let mean = part.reduce(0, +) / Float(Prosody.frame)
            let power = Self.power(fourier, zip(part, window).map { ($0 - mean) * $1 })
            let correlation = Self.correlation(fourier, power)
            energy.append(log10(correlation[0] + 1e-9))
            let scaled = (0...Prosody.lags.upperBound + 1).map {
                correlation[$0] / own[$0] * own[0] / (correlation[0] + 1e-9)
            }
            follower.accept(scaled, energy: energy[index])
            var best = (lag: Prosody.lags.lowerBound, value: -Double.infinity)
            for lag in Prosody.lags {
                let share = Double(lag - Prosody.lags.lowerBound) / Double(Prosody.lags.count - 1)
                // Shorter lags are preferred a little, against octaves too low.
                let value = scaled[lag] - 0.1 * share
                if value > best.value { best = (lag, value) }
            }
            peak.append(min(best.value, 1))
            pitch.append(12 * log2(Double(Prosody.rate) / Double(best.lag) / 100))
            let total = log10(power.reduce(0, +) + 1e-9)
            bands.append(Prosody.bands.map { log10(power[$0].reduce(0, +) + 1e-9) - total })
        }
        let loudest = energy.max() ?? 0
        guard loudest >= -7, energy.count(where: { $0 > loudest - 3 }) >= 8 else { return nil }
    }

    private static func power(_ fourier: RealFFT, _ frame: [Float]) -> [Double] {
        let spectrum = fourier.forward(frame + [Float](repeating: 0, count: Prosody.size - frame.count))
        return (0..<fourier.bins).map {
            let (real, imaginary) = (Double(spectrum[2 * $0]), Double(spectrum[2 * $0 + 1]))
            return real * real + imaginary * imaginary
        }
    }

    private static func correlation(_ fourier: RealFFT, _ power: [Double]) -> [Double] {
        fourier.inverse(power.flatMap { [Float($0), 0] }).map(Double.init)
    }

    func figures() -> [Double] {
        let loudest = energy.max() ?? 0
        let active = energy.indices.filter { energy[$0] > loudest - 3 }
        let voiced = active.filter { peak[$0] > 0.5 }
        let p = voiced.map { pitch[$0] }
        let e = active.map { energy[$0] }
        let first = active.first ?? 0
        let last = active.last ?? 0
        let span = Double(last - first + 1)
        let hop = Double(Prosody.hop) / Double(Prosody.rate)
        let seconds = span * hop
        let joined = zip(voiced, voiced.dropFirst()).map { $1 - $0 == 1 }
        let runs = voiced.isEmpty ? 0 : 1 + joined.count(where: { !$0 })
        let steps = zip(zip(p, p.dropFirst()).map { $1 - $0 }, joined).filter(\.1).map(\.0)
        let inner = Array(energy[first...last])
        let peaks = inner.indices.dropFirst().dropLast().count {
            inner[$0] > inner[$0 - 1] && inner[$0] >= inner[$0 + 1] && inner[$0] > loudest - 1.5
        }
        let changes = zip(inner, inner.dropFirst()).map { abs($1 - $0) }
        let voices = voiced.map { peak[$0] }
        let tail = Array(p.dropFirst(Int(0.8 * Double(p.count))))
        var result = [Self.mean(p), Self.spread(p)]
        result += [0.1, 0.5, 0.9].map { Self.quantile(p, $0) }
        result += [Self.quantile(p, 0.9) - Self.quantile(p, 0.1), Self.slope(p), Self.mean(tail) - Self.mean(p)]
        result += [Self.mean(steps.map(abs)), Self.spread(steps), Double(p.count) / Double(max(1, active.count))]
        result += [Double(runs) / seconds, Double(p.count) * hop / Double(max(1, runs)), seconds]
        result += [Double(peaks) / seconds, Self.mean(e) - loudest, Self.spread(e)]
        result += [0.1, 0.5, 0.9].map { Self.quantile(e, $0) - loudest }
        result += [Self.slope(e), Self.mean(changes), Self.spread(changes), Double(active.count) / span]
        result += [Self.mean(voices), Self.spread(voices), Self.mean(e), loudest]
        let chosen = (voiced.isEmpty ? active : voiced).map { bands[$0] }
        for band in Prosody.bands.indices {
            result += [Self.mean(chosen.map { $0[band] }), Self.spread(chosen.map { $0[band] })]
        }
        let middle = Self.quantile(e, 0.5)
        let above = active.filter { energy[$0] > middle }
        let loud = (above.isEmpty ? active : above).map { bands[$0] }
        for (upper, lower) in [(2, 0), (3, 1), (4, 1), (3, 0)] {
            result.append(Self.mean(loud.map { $0[upper] }) - Self.mean(loud.map { $0[lower] }))
        }
        return result
    }

    private static func mean(_ x: [Double]) -> Double { x.isEmpty ? 0 : x.reduce(0, +) / Double(x.count) }

    private static func spread(_ x: [Double]) -> Double {
        let middle = mean(x)
        return mean(x.map { ($0 - middle) * ($0 - middle) }).squareRoot()
    }

    private static func quantile(_ x: [Double], _ share: Double) -> Double {
        x.isEmpty ? 0 : x.sorted()[Int(share * Double(x.count - 1))]
    }

    /// The change from beginning to end of the straight line through the values.
    private static func slope(_ x: [Double]) -> Double {
        guard x.count >= 3 else { return 0 }
        let middle = mean(x)
        let times = x.indices.map { Double($0) / Double(x.count - 1) - 0.5 }
        return zip(times, x).reduce(0) { $0 + $1.0 * ($1.1 - middle) } / times.reduce(0) { $0 + $1 * $1 }
    }
}

/// Emotion from prosody: neutral, happy, sad or angry.
struct NetworkEmotion: Sendable {
    static let classes = ["neutral", "happy", "sad", "angry"]
    private let layers: [Linear]

    /// Nil when the weights have no emotion part.
    init?(_ file: WeightFile) throws(TensorError) {
        guard let shape = file.shape(of: "emotion.up.weight"), shape.count == 2 else { return nil }
        layers = [
            try file.linear("emotion.up", inputs: Prosody.count, outputs: shape[0], precision: .int8),
            try file.linear("emotion.middle", inputs: shape[0], outputs: shape[0], precision: .int8),
            try file.linear("emotion.down", inputs: shape[0], outputs: Self.classes.count, precision: .int8),
        ]
    }

    /// The probability of each class.
    func callAsFunction(_ prosody: Prosody) -> [Float] {
        var x = Matrix(rows: 1, columns: Prosody.count, values: prosody.figures)
        for (place, layer) in layers.enumerated() {
            x = layer(x)
            if place < layers.count - 1 { gelu(&x) }
        }
        softmax(&x)
        return x.values
    }
}
