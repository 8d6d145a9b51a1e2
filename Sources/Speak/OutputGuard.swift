/// What can be wrong with rendered sound.
enum OutputFault: Sendable, Equatable {
    /// A sample that is no finite number.
    case notFinite
    /// Too many samples beyond full scale.
    case pinned
    /// A sentence without sound.
    case empty
    /// Far more sound than the text can need, or a level that no speech has.
    case runaway
}

/// Watches the samples of one sentence before the limiter; a fault is found before its chunk is handed on.
struct OutputGuard: Sendable {
    /// How many of a chunk's samples may lie beyond full scale.
    static let pinnedShare = 0.05
    /// Below this root mean square a whole sentence counts as empty.
    static let silence: Float = 2e-4

    private let mostSamples: Int
    private var count = 0
    private var power: Double = 0

    /// - Parameter sounds: How many sounds the sentence has; each may last a second and a half at most.
    init(sounds: Int) {
        mostSamples = (sounds + 2) * Vocoder.sampleRate * 3 / 2
    }

    /// Looks at the next chunk; `isLast` adds what can only be said of the whole.
    mutating func inspect(_ chunk: [Float], isLast: Bool) -> OutputFault? {
        var beyond = 0
        var sum: Float = 0
        for sample in chunk {
            guard sample.isFinite else { return .notFinite }
            if abs(sample) > 1 { beyond += 1 }
            sum += sample * sample
        }
        guard sum.isFinite else { return .notFinite }
        if Double(beyond) > Double(chunk.count) * Self.pinnedShare { return .pinned }
        count += chunk.count
        power += Double(sum)
        if count > mostSamples { return .runaway }
        if isLast, power < Double(Self.silence * Self.silence) * Double(max(1, count)) { return .empty }
        return nil
    }
}

/// Bends what comes near full scale, sample by sample, so that nothing clips and chunks do not matter.
enum Limiter {
    /// Below this nothing changes.
    static let knee: Float = 0.8

    static func apply(_ samples: inout [Float]) {
        for index in samples.indices where abs(samples[index]) > knee {
            let over = (abs(samples[index]) - knee) / (1 - knee)
            let bent = knee + (1 - knee) * over / (1 + over)
            samples[index] = samples[index] < 0 ? -bent : bent
        }
    }
}
