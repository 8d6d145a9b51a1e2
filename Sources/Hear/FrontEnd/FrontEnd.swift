import Glibc

/// What the microphone's signal goes through before anything listens: DC removal, automatic level, clipping watch.
///
/// Works sample by sample on a grid of 10 ms blocks counted from the stream's first sample: the gain of a block follows
/// from the blocks before it, so it adds no delay and does not depend on how the samples are cut into pieces.
public struct FrontEnd: Sendable {
    /// Limits of the automatic level.
    public struct Configuration: Sendable {
        /// Root-mean-square level that speech is brought to, 0…1.
        public var targetLevel: Float = 0.08
        /// Most and least gain.
        public var gainRange: ClosedRange<Float> = 0.5...16
        /// Off: the gain stays 1 and only DC is removed.
        public var automaticLevel = true

        /// The defaults.
        public init() {}
    }

    private static let blockLength = 160
    /// One pole just inside the unit circle: −3 dB at 13 Hz.
    private static let pole: Float = 0.995
    private static let clippingLevel: Float = 0.997

    private let configuration: Configuration
    private var lastInput: Float = 0
    private var lastOutput: Float = 0
    private var gain: Float = 1
    private var nextGain: Float = 1
    private var energy: Float = 0
    private var positionInBlock = 0
    private var speechLevel: Float
    private var noiseLevel: Float = 0.01
    private var clippedInRun = 0

    /// Samples at full scale so far, counted only in runs of three and more.
    public private(set) var clippedSampleCount = 0
    /// Samples taken in so far.
    public private(set) var sampleCount = 0

    /// A front end before its first sample.
    public init(configuration: Configuration = Configuration()) {
        self.configuration = configuration
        speechLevel = configuration.targetLevel
    }

    /// True when more than one sample in a thousand was cut off at full scale.
    public var isClipping: Bool { clippedSampleCount * 1_000 > sampleCount }
    /// The gain in force, linear.
    public var currentGain: Float { gain }

    /// Cleans 16 kHz samples; returns as many as it takes.
    public mutating func process(_ samples: [Float]) -> [Float] {
        var output = samples
        for index in output.indices { output[index] = next(samples[index]) }
        return output
    }

    private mutating func next(_ raw: Float) -> Float {
        let sample = raw.isFinite ? raw : 0
        watchClipping(sample)
        lastOutput = sample - lastInput + Self.pole * lastOutput
        lastInput = sample
        energy += lastOutput * lastOutput
        let progress = Float(positionInBlock) / Float(Self.blockLength)
        let result = lastOutput * (gain + (nextGain - gain) * progress)
        positionInBlock += 1
        if positionInBlock == Self.blockLength { endBlock() }
        return result
    }

    private mutating func watchClipping(_ sample: Float) {
        sampleCount += 1
        guard abs(sample) >= Self.clippingLevel else {
            clippedInRun = 0
            return
        }
        clippedInRun += 1
        if clippedInRun == 3 { clippedSampleCount += 3 } else if clippedInRun > 3 { clippedSampleCount += 1 }
    }

    private mutating func endBlock() {
        let level = (energy / Float(Self.blockLength)).squareRoot()
        energy = 0
        positionInBlock = 0
        gain = nextGain
        guard configuration.automaticLevel else { return }
        // The floor falls at once and rises by a tenth of a decibel a block, so that speech does not lift it far.
        noiseLevel = max(1e-5, min(level, noiseLevel * 1.0116))
        // Only blocks well above the noise say how loud the speaker is; loud ones count at once, quiet ones slowly.
        if level > 4 * noiseLevel {
            speechLevel += (level - speechLevel) * (level > speechLevel ? 0.3 : 0.01)
        }
        let wanted = configuration.targetLevel / max(speechLevel, 1e-5)
        nextGain = min(max(wanted, configuration.gainRange.lowerBound), configuration.gainRange.upperBound)
    }
}
