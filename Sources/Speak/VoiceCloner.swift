import Glibc
import Language
import Sound
import Tensors

/// Fits the part of a voice that belongs to a person: the timbre, the middle and spread of the pitch, the level and the pace.
///
/// It is fitted on top of every shipped Mandarin voice of the same sex, and the result that the speaker encoder takes for the
/// person most is kept. What was said is known (from Hear); where each sound lies is found by laying the recording over the model's own
/// speech (`SoundAligner`), in rounds, each with what the last one learnt. Products are in 32-bit floats (OpenBLAS).
public struct VoiceCloner: Sendable {
    /// Rounds of aligning and fitting; after the third the figures move by under a hundredth.
    private static let rounds = 3
    /// Frames this far under the loud ones, in nepers, teach no timbre, and 4 under are no part of a sound's length.
    private static let quiet: (timbre: Float, pace: Float) = (5, 4)
    /// Sentences that the fitted voice speaks to compare it with the recordings.
    private static let trial = "今天天气很好，我们一起去公园走一走。请把空调调到二十四度，然后播放音乐。"

    private let synthesiser: Synthesiser
    private let acoustic: AcousticModel
    private let encoder: SpeakerEncoder

    /// - Parameter encoder: Compares voices.
    public init(synthesiser: Synthesiser, encoder: SpeakerEncoder) throws(SpeakError) {
        guard let models = synthesiser.models(.float32) else {
            throw .unfit(recording: "the models", problem: "expected weights that can be used in 32-bit floats")
        }
        self.synthesiser = synthesiser
        self.encoder = encoder
        acoustic = models.acoustic
    }

    /// One breath with its sounds.
    private struct Sample {
        var tokens: [ScoreToken]
        var context: SoundContext
        var analysis: VoiceAnalysis
        /// How far each frame lies under the loud ones, in nepers.
        var depth: [Float]
    }

    /// What is fitted.
    private struct Fit {
        var voice: Voice
        var head: TimbreHead
        var hertz: Float
        var pace: Float
        var spread: Float = 1
        var energy: Float = 0
    }

    /// Fits a voice.
    ///
    /// - Parameters:
    ///   - name: What it will be called.
    ///   - recordings: Checked recordings.
    ///   - words: What is said in each of their pieces; pieces without words are left out.
    ///   - consent: How the speaker agreed.
    ///   - progress: Called with 0…1.
    /// - Throws: `unfit` when too little of what is said could be recognised.
    public func fit(
        name: String, recordings: VoiceRecordings, words: [[SpokenToken]], consent: String,
        progress: (Double) -> Void
    ) throws(SpeakError) -> ClonedVoice {
        var samples: [Sample] = []
        for (index, (piece, said)) in zip(recordings.pieces, words).enumerated() {
            if let sample = sample(piece, said) { samples.append(sample) }
            progress(0.2 * Double(index + 1) / Double(max(1, recordings.pieces.count)))
        }
        let frames = samples.reduce(0) { $0 + $1.analysis.frameCount }
        let middle = VoiceAnalysis.medianPitch(samples.flatMap(\.analysis.pitch))
        guard let middle, frames * Vocoder.hop > 10 * Vocoder.sampleRate else {
            throw .unfit(recording: name, problem: "expected 10 s of speech that can be understood, found less")
        }
        let sex = middle > 160 ? "female" : "male"
        let bases = synthesiser.voices.filter { $0.own == nil && $0.dialect == .mandarin && $0.sex == sex }
        var best: ClonedVoice?
        for (index, base) in bases.enumerated() {
            var fit = Fit(voice: base, head: TimbreHead(width: acoustic.width), hertz: middle, pace: base.pace)
            for round in 0..<Self.rounds {
                refine(&fit, samples, bandwidth: recordings.bandwidth, isLast: round == Self.rounds - 1)
                let done = Double(index * Self.rounds + round + 1) / Double(bases.count * Self.rounds)
                progress(0.2 + 0.8 * done)
            }
            var voice = ClonedVoice(
                name: name, base: base.name, sex: sex, consent: consent,
                seconds: recordings.speechSeconds, likeness: -1, hertz: fit.hertz, spread: fit.spread,
                pace: fit.pace, energy: fit.energy, head: fit.head, embedding: recordings.embedding,
                model: synthesiser.modelName)
            voice.likeness = Double(likeness(voice, on: base))
            if voice.likeness > best?.likeness ?? -2 { best = voice }
        }
        guard let best else { throw .unfit(recording: name, problem: "expected a Mandarin voice to start from") }
        return best
    }

    private func sample(_ piece: VoiceRecordings.Piece, _ said: [SpokenToken]) -> Sample? {
        let scores = synthesiser.writer.scores(said)
        guard let first = scores.first?.tokens.first, let last = scores.last?.tokens.last else { return nil }
        let tokens = [first] + scores.flatMap { $0.tokens.dropFirst().dropLast() } + [last]
        guard tokens.count >= 4, let analysis = VoiceAnalysis(piece.samples) else { return nil }
        // faster than 25 sounds or slower than 2.5 a second is not what was said
        let seconds = Double(piece.samples.count) / Double(Vocoder.sampleRate)
        guard (2.5...25).contains(Double(tokens.count - 2) / seconds) else { return nil }
        // the loudest band below 6 kHz
        let tops = (0..<analysis.frameCount).map { analysis.envelope.row($0).prefix(60).max() ?? -9 }
        let loud = tops.sorted()[tops.count * 95 / 100]
        return Sample(
            tokens: tokens, context: SoundContext(tokens, bases: acoustic.bases), analysis: analysis,
            depth: tops.map { loud - $0 })
    }

    /// A sentence laid out in frames, as the model is asked for it.
    private struct Layout {
        var owner: [Int]
        var place: Matrix
        var frames: [Frame]

        init(_ durations: [Int]) {
            (owner, place) = AcousticModel.layOut(durations)
            frames = Frame.all(durations)
            while let last = frames.last, frames.count < 2 * owner.count { frames.append(last) }
        }
    }

    /// The decoder's last layer and the shipped voice's envelopes.
    private func spoken(
        _ sample: Sample, _ encoded: Matrix, _ layout: Layout, controls: Matrix, timbre: Int
    ) -> (layer: Matrix, envelope: Matrix) {
        let all = 0..<layout.owner.count
        let layer = acoustic.decoded(
            encoded, owner: layout.owner, place: layout.place, controls: controls, timbre: timbre, pairs: all)
        let envelope = acoustic.envelopes(
            layer, sample.context, frames: layout.frames, controls: controls, timbre: timbre, pairs: all)
        return (layer, envelope)
    }

    private func ownControls(_ sample: Sample, _ encoded: Matrix, _ layout: Layout, _ fit: Fit) -> Matrix {
        acoustic.controls(
            encoded, sample.context, frames: layout.frames, owner: layout.owner, place: layout.place,
            manner: fit.voice.manner)
    }

    /// How many frames of the recording each sound takes, as far as is fitted yet.
    private func aligned(_ sample: Sample, _ encoded: Matrix, _ predicted: [Float], _ fit: Fit) -> [Int] {
        let durations = sample.tokens.indices.map { index in
            if index == 0 || index == sample.tokens.count - 1 { return 10 }
            return max(2, Int((predicted[index] * fit.pace).rounded()))
        }
        let layout = Layout(durations)
        var controls = ownControls(sample, encoded, layout, fit)
        for frame in 0..<controls.rows {
            controls[frame, 1] = controls[frame, 1] > 0 ? 1 : 0
            controls[frame, 2] += fit.energy
        }
        var (layer, envelope) = spoken(sample, encoded, layout, controls: controls, timbre: fit.voice.timbre)
        envelope += fit.head(layer)
        return SoundAligner.align(recorded: sample.analysis.envelope, spoken: envelope, durations: durations).durations
    }

    /// Aligns all and fits everything anew.
    private func refine(_ fit: inout Fit, _ samples: [Sample], bandwidth: Double, isLast: Bool) {
        var sums = TimbreSums(width: acoustic.width)
        var (measured, expected) = (0, Float(0))
        var (theirs, ours, energy) = (Moments(), Moments(), Moments())
        var middles: [Float] = []
        for sample in samples {
            let encoded = acoustic.encode(sample.tokens, manner: fit.voice.manner)
            let predicted = acoustic.durations(encoded, sample.context, manner: fit.voice.manner)
            let layout = Layout(aligned(sample, encoded, predicted, fit))
            let own = ownControls(sample, encoded, layout, fit)
            let controls = measuredControls(sample, rows: own.rows, middle: fit.hertz)
            let model = spoken(sample, encoded, layout, controls: controls, timbre: fit.voice.timbre)
            let count = min(sample.analysis.frameCount, layout.frames.count)
            let sounds = (0..<count).map { frame -> Int? in
                let token = layout.frames[frame].token
                guard sample.depth[frame] < Self.quiet.timbre, !sample.tokens[token].isPause else { return nil }
                return sample.context.base[token]
            }
            sums.add(layer: model.layer, recorded: sample.analysis.envelope, model: model.envelope, sounds: sounds)
            for frame in 0..<count where sounds[frame] != nil {
                energy.add(controls[frame, 2] - own[frame, 2])
                if sample.depth[frame] < Self.quiet.pace { measured += 1 }
                let hertz = sample.analysis.pitch[frame]
                guard hertz > 0, own[frame, 1] > 0 else { continue }
                theirs.add(logf(hertz))
                ours.add(own[frame, 0])
                middles.append(logf(hertz) - own[frame, 0])
            }
            for (token, length) in zip(sample.tokens, predicted) where !token.isPause { expected += length }
        }
        fit.head = sums.solved(bandwidth: bandwidth, choosing: isLast)
        fit.pace = min(1.4, max(0.7, Float(measured) / max(1, expected)))
        fit.spread = min(1.6, max(0.6, theirs.deviation / max(0.02, ours.deviation)))
        fit.energy = min(3, max(-3, energy.mean))
        // not the median of the pitch: a word said alone lies lower in its voice than a sentence does
        if !middles.isEmpty { fit.hertz = min(600, max(40, expf(middles.sorted()[middles.count / 2]))) }
    }

    private func measuredControls(_ sample: Sample, rows: Int, middle: Float) -> Matrix {
        let count = sample.analysis.frameCount
        let pitch = sample.analysis.continuousPitch
        var result = Matrix(rows: rows, columns: AcousticModel.controls)
        for row in 0..<rows {
            let frame = min(row, count - 1)
            result[row, 0] = logf(pitch[frame] / middle)
            result[row, 1] = sample.analysis.pitch[frame] > 0 ? 1 : 0
            result[row, 2] = sample.analysis.envelope.row(frame).prefix(60).reduce(0, +) / 60 / 2.5 + 2
        }
        return result
    }

    private func likeness(_ cloned: ClonedVoice, on base: Voice) -> Float {
        let options = SpeechOptions(voice: cloned.name)
        guard
            var stream = try? synthesiser.stream(Self.trial, voice: Voice(cloned, base: base), options: options)
        else { return 0 }
        let sound = PCM(samples: stream.rest(), sampleRate: Vocoder.sampleRate).resampled(to: SpeakerEncoder.sampleRate)
        guard let embedding = encoder.embedding(of: sound.samples) else { return 0 }
        return SpeakerEncoder.likeness(embedding, cloned.embedding)
    }
}

/// Mean and deviation of numbers that come one by one.
struct Moments: Sendable {
    private var count: Float = 0
    private var sum: Float = 0
    private var square: Float = 0

    mutating func add(_ value: Float) {
        count += 1
        sum += value
        square += value * value
    }

    var mean: Float { sum / max(1, count) }

    var deviation: Float {
        guard count > 1 else { return 0 }
        return max(0, square / count - sum / count * sum / count).squareRoot()
    }
}
