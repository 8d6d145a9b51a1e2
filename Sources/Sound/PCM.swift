/// Mono audio: Float32 samples in −1…1 at a sample rate.
public struct PCM: Sendable, Equatable {
    /// Mono samples, −1…1.
    public var samples: [Float]
    /// Samples a second.
    public var sampleRate: Int

    /// Wraps samples; nothing is copied or checked.
    public init(samples: [Float], sampleRate: Int) {
        self.samples = samples
        self.sampleRate = sampleRate
    }

    /// Length in seconds.
    public var seconds: Double { sampleRate > 0 ? Double(samples.count) / Double(sampleRate) : 0 }

    /// The same audio at another rate (speexdsp, quality 10, no delay).
    ///
    /// `round(count · to / from)` samples. Rates outside 1 000…768 000 Hz return no samples.
    public func resampled(to rate: Int) -> PCM {
        guard rate != sampleRate else { return self }
        guard let resampler = try? StreamingResampler(from: sampleRate, to: rate) else {
            return PCM(samples: [], sampleRate: rate)
        }
        var output = resampler.process(samples)
        output += resampler.finish()
        return PCM(samples: output, sampleRate: rate)
    }

    /// The audio without its mean, which a cheap microphone adds.
    public func removingOffset() -> PCM {
        guard !samples.isEmpty else { return self }
        let mean = Float(samples.reduce(0.0) { $0 + Double($1) } / Double(samples.count))
        return PCM(samples: samples.map { $0 - mean }, sampleRate: sampleRate)
    }

    /// What the level meter says of the whole.
    public var level: Level { Level(samples) }
}

/// Level and faults of a stretch of samples.
public struct Level: Sendable, Equatable {
    /// Largest absolute sample.
    public let peak: Float
    /// Root of the mean square, without the offset.
    public let rms: Float
    /// Mean of the samples.
    public let offset: Float
    /// The share of samples that stand in runs of at least three at the same extreme: the mark of clipping.
    public let clippedShare: Double

    /// Measures `samples`; silence and an empty stretch measure zero.
    public init(_ samples: [Float]) {
        var peak: Float = 0
        var sum = 0.0
        var square = 0.0
        for sample in samples {
            peak = max(peak, abs(sample))
            sum += Double(sample)
            square += Double(sample) * Double(sample)
        }
        let count = Double(max(1, samples.count))
        self.peak = peak
        offset = Float(sum / count)
        rms = Float(max(0, square / count - (sum / count) * (sum / count)).squareRoot())
        // A clipped recording sits flat at its extreme, whatever gain was applied afterwards.
        let threshold = peak * 0.9995
        var clipped = 0
        var run = 0
        for sample in samples {
            if peak > 0.25 && abs(sample) >= threshold {
                run += 1
            } else {
                if run >= 3 { clipped += run }
                run = 0
            }
        }
        if run >= 3 { clipped += run }
        clippedShare = Double(clipped) / count
    }

    /// Whether so much is clipped that recognition suffers (more than 0.1 % of the samples).
    public var isClipped: Bool { clippedShare > 0.001 }
}

/// Takes a slowly moving offset out of a stream: a one-pole high-pass at 20 Hz.
public struct OffsetRemover: Sendable {
    private let pole: Float
    private var lastInput: Float = 0
    private var lastOutput: Float = 0

    /// A filter for a stream of `sampleRate` samples a second.
    public init(sampleRate: Int) {
        pole = 1 - 2 * .pi * 20 / Float(max(1000, sampleRate))
    }

    /// Filters the first `count` samples of `samples` in place.
    public mutating func process(_ samples: inout [Float], count: Int) {
        for index in 0..<min(count, samples.count) {
            let input = samples[index]
            lastOutput = input - lastInput + pole * lastOutput
            lastInput = input
            samples[index] = lastOutput
        }
    }
}
