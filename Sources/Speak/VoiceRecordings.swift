import Glibc
import Sound

/// Recordings from which a voice is to be cloned, checked and cut into breaths.
public struct VoiceRecordings: Sendable {
    /// Seconds of sound that are needed, and the most that is used.
    public static let seconds: ClosedRange<Double> = 30...300
    /// Below this level of the louder moments, in dB of full scale, a recording counts as silent.
    static let silence = -50.0
    /// Speech must stand this far above the quietest tenth of the recording, in dB.
    static let leastAboveNoise = 20.0
    /// Speech closes and pauses: of its moments at least this share lies 15 dB and more under the loud ones; of music hardly any.
    static let leastPauses = 0.18
    /// Sung and played notes hold their pitch: speech moves by under 6 cents in 10 ms for less than this share of its voiced moments.
    static let mostSteady = 0.6
    /// Two groups of stretches are two people when their mean embeddings are less alike than this and each holds a fifth.
    public static let leastAlike: Float = 0.72

    /// One breath: 24 kHz samples, levelled.
    public struct Piece: Sendable {
        /// 24 kHz.
        public var samples: [Float]
    }

    /// The breaths, in order.
    public let pieces: [Piece]
    /// Whose voice it is.
    public let embedding: [Float]
    /// The highest frequency that was recorded, in hertz.
    public let bandwidth: Double
    /// Seconds of speech in the pieces.
    public let speechSeconds: Double

    /// Checks recordings and cuts them.
    ///
    /// - Parameter files: Their names, for the messages, and their sound.
    /// - Throws: `unfit` with what is wrong and what was expected.
    public init(_ files: [(name: String, sound: PCM)], encoder: SpeakerEncoder) throws(SpeakError) {
        var pieces: [Piece] = []
        var left = Self.seconds.upperBound
        for (name, sound) in files where left > 0 {
            let whole = sound.removingOffset()
            let used = min(whole.samples.count, Int(left * Double(whole.sampleRate)))
            let part = PCM(samples: Array(whole.samples[..<used]), sampleRate: whole.sampleRate)
            left -= part.seconds
            let fine = part.resampled(to: Vocoder.sampleRate)
            if let problem = Self.problem(part, levels: Self.levels(fine.samples), fine.samples) {
                throw .unfit(recording: name, problem: problem)
            }
            pieces += Self.breaths(fine.samples)
        }
        bandwidth = Double(files.map { $0.sound.sampleRate }.min() ?? 0) / 2
        let total = Self.seconds.upperBound - max(0, left)
        guard total >= Self.seconds.lowerBound else {
            throw .unfit(
                recording: files.first?.name ?? "no file",
                problem: "expected \(Int(Self.seconds.lowerBound)) s to 5 min in all, found \(Self.short(total)) s")
        }
        self.pieces = pieces
        speechSeconds = Double(pieces.reduce(0) { $0 + $1.samples.count }) / Double(Vocoder.sampleRate)
        let slow = PCM(samples: pieces.flatMap(\.samples), sampleRate: Vocoder.sampleRate)
            .resampled(to: SpeakerEncoder.sampleRate).samples
        let embeddings = encoder.embeddings(of: slow, seconds: 3)
        guard speechSeconds >= 15, let first = embeddings.first else {
            throw .unfit(
                recording: files.first?.name ?? "no file",
                problem: "expected at least 15 s of speech, found \(Self.short(speechSeconds)) s")
        }
        embedding = SpeakerEncoder.unit(embeddings.dropFirst().reduce(first) { zip($0, $1).map { $0 + $1 } })
        if let alike = Self.twoGroups(embeddings), alike < Self.leastAlike {
            throw .unfit(
                recording: files.map { $0.name }.joined(separator: ", "),
                problem: "expected one speaker, found two (likeness \(Self.short(Double(alike))))")
        }
    }

    /// What is wrong with one file, nil when nothing is.
    static func problem(_ sound: PCM, levels: [Double], _ samples: [Float]) -> String? {
        let sorted = levels.sorted()
        guard sorted.count >= 10 else { return "expected at least 0.1 s of sound, found \(short(sound.seconds)) s" }
        let loud = sorted[sorted.count * 95 / 100]
        let floor = sorted[sorted.count / 10]
        guard loud > silence else { return "expected speech, found silence (\(Int(loud.rounded())) dB)" }
        if sound.level.isClipped {
            let share = short(sound.level.clippedShare * 100)
            return "expected no clipping, found \(share) % of the samples clipped: record at a lower level"
        }
        let pauses = Double(levels.count { $0 < loud - 15 }) / Double(levels.count)
        if pauses < leastPauses || steadiness(PitchTracker.track(samples)) > mostSteady {
            return "expected speech, found sound that never pauses or holds its notes: music or a hum"
        }
        if loud - floor < leastAboveNoise {
            return
                "expected speech at least \(Int(leastAboveNoise)) dB above the noise, found \(Int(loud - floor)) dB: find a quieter room"
        }
        return nil
    }

    /// The share of voiced steps in which the pitch hardly moves; 0 where little is voiced.
    static func steadiness(_ pitch: [Float]) -> Double {
        let steps = zip(pitch, pitch.dropFirst()).filter { $0 > 0 && $1 > 0 }
        guard steps.count > 50 else { return 0 }
        return Double(steps.count { abs(logf($1 / $0)) < 0.0035 }) / Double(steps.count)
    }

    /// Levels in dB of full scale, one every 10 ms.
    static func levels(_ samples: [Float]) -> [Double] {
        let step = Vocoder.sampleRate / 100
        return stride(from: 0, to: samples.count - step + 1, by: step).map { start in
            let power = samples[start..<start + step].reduce(0) { $0 + Double($1) * Double($1) } / Double(step)
            return 10 * log10(power + 1e-12)
        }
    }

    /// Speech between pauses of a quarter of a second, in pieces of 0.6 to 12 s with 0.1 s around them, levelled to −24 dB.
    static func breaths(_ samples: [Float]) -> [Piece] {
        let levels = levels(samples)
        let sorted = levels.sorted()
        guard let loud = sorted.isEmpty ? nil : sorted[sorted.count * 95 / 100] else { return [] }
        let threshold = max(loud - 35, sorted[sorted.count / 10] + 4)
        let step = Vocoder.sampleRate / 100
        var result: [Piece] = []
        var start: Int?
        var last = 0
        func close() {
            guard let from = start else { return }
            start = nil
            guard last - from >= 60 else { return }
            let range = max(0, from - 10) * step..<min(samples.count, (last + 10) * step)
            let speech = levels[from..<last].filter { $0 > loud - 25 }
            guard !speech.isEmpty else { return }
            let power = speech.reduce(0) { $0 + pow(10, $1 / 10) } / Double(speech.count)
            let gain = Float(pow(10, (-24 - 10 * log10(power)) / 20))
            result.append(Piece(samples: samples[range].map { $0 * gain }))
        }
        for (index, level) in levels.enumerated() {
            if level > threshold {
                if start == nil { start = index }
                last = index + 1
            }
            guard let from = start else { continue }
            let isPause = index - last >= 25
            // a long breath is cut at its next short dip
            let isLong = index - from > 800 && index - last >= 6
            if isPause || isLong || index - from >= 1200 { close() }
        }
        close()
        return result
    }

    /// The likeness of the means of two groups into which the stretches fall, nil when one group is under a fifth.
    static func twoGroups(_ embeddings: [[Float]]) -> Float? {
        guard embeddings.count >= 6 else { return nil }
        var pair = (0, 1)
        var least: Float = 2
        for one in embeddings.indices {
            for other in embeddings.indices where other > one {
                let alike = SpeakerEncoder.likeness(embeddings[one], embeddings[other])
                if alike < least { (least, pair) = (alike, (one, other)) }
            }
        }
        var means = (embeddings[pair.0], embeddings[pair.1])
        var sizes = (0, 0)
        for _ in 0..<8 {
            var sums = ([Float](repeating: 0, count: means.0.count), [Float](repeating: 0, count: means.0.count))
            sizes = (0, 0)
            for vector in embeddings {
                let toFirst = SpeakerEncoder.likeness(vector, means.0) >= SpeakerEncoder.likeness(vector, means.1)
                if toFirst {
                    sums.0 = zip(sums.0, vector).map { $0 + $1 }
                    sizes.0 += 1
                } else {
                    sums.1 = zip(sums.1, vector).map { $0 + $1 }
                    sizes.1 += 1
                }
            }
            guard sizes.0 > 0, sizes.1 > 0 else { return nil }
            means = (SpeakerEncoder.unit(sums.0), SpeakerEncoder.unit(sums.1))
        }
        guard min(sizes.0, sizes.1) * 5 >= embeddings.count else { return nil }
        return SpeakerEncoder.likeness(means.0, means.1)
    }

    private static func short(_ value: Double) -> String { String(Double((value * 100).rounded()) / 100) }
}
