import Glibc
import Language
import Sound
import Tensors

/// Fits the part of a voice that belongs to a person: the envelope of every sound, the middle and spread of the pitch, and the
/// pace, on top of the shipped voice that comes nearest.
///
/// What was said is known (from Hear); where each sound lies is found by laying the recording over the model's own speech
/// (`SoundAligner`), in rounds, each with what the last one learnt. Products are in 32-bit floats (OpenBLAS).
public struct VoiceCloner: Sendable {
    /// Rounds of aligning and fitting; after the third the offsets move by under a hundredth of a neper.
    private static let rounds = 3
    /// A sound heard in so many frames is believed half: the same ridge as the recipes' tables of voices.
    private static let ridge: Float = 40
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
        var loud: Float
        var durations: [Int] = []
    }

    /// What is fitted, and how well it fits.
    private struct Fit {
        var voice: Voice
        var offsets: Matrix
        var pace: Float = 1
        var spread: Float = 1
        var difference: Float = .infinity
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
            progress(0.3 * Double(index + 1) / Double(max(1, recordings.pieces.count)))
        }
        let frames = samples.reduce(0) { $0 + $1.analysis.frameCount }
        let middle = VoiceAnalysis.medianPitch(samples.flatMap(\.analysis.pitch))
        guard let middle, frames * Vocoder.hop > 10 * Vocoder.sampleRate else {
            throw .unfit(recording: name, problem: "expected 10 s of speech that can be understood, found less")
        }
        var fit = nearest(samples, middle: middle, progress: progress)
        for round in 0..<Self.rounds {
            refine(&fit, &samples, middle: middle, bandwidth: recordings.bandwidth)
            progress(0.6 + 0.35 * Double(round + 1) / Double(Self.rounds))
        }
        var result = ClonedVoice(
            name: name, base: fit.voice.name, sex: middle > 160 ? "female" : "male", consent: consent,
            seconds: recordings.speechSeconds, likeness: 0, hertz: middle, spread: fit.spread,
            pace: fit.voice.pace * fit.pace, offsets: fit.offsets, embedding: recordings.embedding,
            model: synthesiser.modelName)
        result.likeness = Double(likeness(result, on: fit.voice))
        progress(1)
        return result
    }

    private func sample(_ piece: VoiceRecordings.Piece, _ said: [SpokenToken]) -> Sample? {
        let scores = synthesiser.writer.scores(said)
        guard let first = scores.first?.tokens.first, let last = scores.last?.tokens.last else { return nil }
        let tokens = [first] + scores.flatMap { $0.tokens.dropFirst().dropLast() } + [last]
        guard tokens.count >= 4, let analysis = VoiceAnalysis(piece.samples) else { return nil }
        // faster than 25 sounds or slower than 2.5 a second is not what was said
        let seconds = Double(piece.samples.count) / Double(Vocoder.sampleRate)
        guard (2.5...25).contains(Double(tokens.count - 2) / seconds) else { return nil }
        let tops = (0..<analysis.frameCount).map { Self.level(analysis.envelope, $0) }.sorted()
        return Sample(
            tokens: tokens, context: SoundContext(tokens, bases: acoustic.bases), analysis: analysis,
            loud: tops[tops.count * 95 / 100])
    }

    /// The loudest band below 6 kHz.
    private static func level(_ envelope: Matrix, _ frame: Int) -> Float { envelope.row(frame).prefix(60).max() ?? -9 }

    /// The shipped voice on which the recordings lie with the least difference; the pitch decides where that is even.
    private func nearest(_ samples: [Sample], middle: Float, progress: (Double) -> Void) -> Fit {
        let some = Array(samples.prefix(8))
        let plain = Matrix(rows: acoustic.bases.count, columns: AcousticModel.bands)
        var best = Fit(voice: synthesiser.voices[0], offsets: plain)
        let candidates = synthesiser.voices.filter { $0.own == nil && $0.dialect == .mandarin }
        for (index, voice) in candidates.enumerated() {
            var fit = Fit(voice: voice, offsets: plain)
            let differences = some.map { aligned($0, fit).difference }
            let octaves = abs(log2f(middle / voice.hertz))
            fit.difference = differences.reduce(0, +) / Float(max(1, some.count)) + 0.3 * octaves
            if fit.difference < best.difference { best = fit }
            progress(0.3 + 0.3 * Double(index + 1) / Double(candidates.count))
        }
        return best
    }

    private func aligned(_ sample: Sample, _ fit: Fit) -> (durations: [Int], difference: Float, own: [Int]) {
        let encoded = acoustic.encode(sample.tokens, manner: fit.voice.manner)
        let predicted = acoustic.durations(encoded, sample.context, manner: fit.voice.manner)
        let durations = sample.tokens.indices.map { index in
            if index == 0 || index == sample.tokens.count - 1 { return 10 }
            return max(2, Int((predicted[index] * fit.pace).rounded()))
        }
        let spoken = envelope(sample, encoded, durations, fit, controls: nil)
        let found = SoundAligner.align(recorded: sample.analysis.envelope, spoken: spoken, durations: durations)
        return (found.durations, found.difference, sample.tokens.indices.map { Int(predicted[$0].rounded()) })
    }

    /// The envelope that the model gives to a sentence, with the model's own controls or measured ones.
    private func envelope(
        _ sample: Sample, _ encoded: Matrix, _ durations: [Int], _ fit: Fit, controls given: Matrix?
    ) -> Matrix {
        let (owner, place) = AcousticModel.layOut(durations)
        var frames = Frame.all(durations)
        while let last = frames.last, frames.count < 2 * owner.count { frames.append(last) }
        let controls: Matrix
        if let given {
            controls = given
        } else {
            var own = acoustic.controls(
                encoded, sample.context, frames: frames, owner: owner, place: place, manner: fit.voice.manner)
            for frame in 0..<own.rows { own[frame, 1] = own[frame, 1] > 0 ? 1 : 0 }
            controls = own
        }
        var result = acoustic.envelopes(
            encoded, sample.context, frames: frames, owner: owner, place: place, controls: controls,
            timbre: fit.voice.timbre, pairs: 0..<owner.count)
        for (row, frame) in frames.enumerated() {
            for band in 0..<result.columns {
                result[row, band] += fit.offsets[sample.context.base[frame.token], band]
            }
        }
        return result
    }

    /// Aligns all and fits offsets, pace and the spread of the pitch anew.
    private func refine(_ fit: inout Fit, _ samples: inout [Sample], middle: Float, bandwidth: Double) {
        var learnt = OffsetSums(bases: acoustic.bases.count)
        var (measured, expected) = (0, 0)
        var (theirs, ours) = (Moments(), Moments())
        for index in samples.indices {
            let found = aligned(samples[index], fit)
            samples[index].durations = found.durations
            let sample = samples[index]
            for token in sample.tokens.indices where !sample.tokens[token].isPause {
                measured += found.durations[token]
                expected += found.own[token]
            }
            let encoded = acoustic.encode(sample.tokens, manner: fit.voice.manner)
            let controls = measuredControls(sample, middle: middle)
            let model = envelope(sample, encoded, found.durations, fit, controls: controls)
            let frames = Frame.all(found.durations)
            for (frame, at) in frames.enumerated() where frame < sample.analysis.frameCount {
                let level = Self.level(sample.analysis.envelope, frame)
                guard level > sample.loud - 5, !sample.tokens[at.token].isPause else { continue }
                learnt.add(
                    base: sample.context.base[at.token], recorded: sample.analysis.envelope.row(frame),
                    model: model.row(frame))
            }
            for pitch in sample.analysis.pitch where pitch > 0 { theirs.add(logf(pitch / middle)) }
            addOwnPitch(sample, encoded, found.own, fit.voice, to: &ours)
        }
        learnt.apply(to: &fit.offsets, ridge: Self.ridge, bandwidth: bandwidth)
        fit.pace = min(1.8, max(0.55, Float(measured) / Float(max(1, expected))))
        fit.spread = min(1.6, max(0.6, theirs.deviation / max(0.02, ours.deviation)))
    }

    private func addOwnPitch(
        _ sample: Sample, _ encoded: Matrix, _ durations: [Int], _ voice: Voice, to moments: inout Moments
    ) {
        let held = durations.map { max(2, $0) }
        let (owner, place) = AcousticModel.layOut(held)
        var frames = Frame.all(held)
        while let last = frames.last, frames.count < 2 * owner.count { frames.append(last) }
        let controls = acoustic.controls(
            encoded, sample.context, frames: frames, owner: owner, place: place, manner: voice.manner)
        for frame in 0..<controls.rows where controls[frame, 1] > 0 { moments.add(controls[frame, 0]) }
    }

    private func measuredControls(_ sample: Sample, middle: Float) -> Matrix {
        let count = sample.analysis.frameCount
        let pitch = sample.analysis.continuousPitch
        var result = Matrix(rows: (count + 1) / 2 * 2, columns: AcousticModel.controls)
        for row in 0..<result.rows {
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

    var deviation: Float {
        guard count > 1 else { return 0 }
        return max(0, square / count - sum / count * sum / count).squareRoot()
    }
}

/// Sums of what recordings have beyond the model, sound by sound.
struct OffsetSums: Sendable {
    private var sums: Matrix
    private var counts: [Float]

    init(bases: Int) {
        sums = Matrix(rows: bases, columns: AcousticModel.bands)
        counts = [Float](repeating: 0, count: bases)
    }

    /// One frame; a difference of more than 3 nepers is a misplaced frame and counts as 3.
    mutating func add(base: Int, recorded: ArraySlice<Float>, model: ArraySlice<Float>) {
        counts[base] += 1
        for (band, (theirs, ours)) in zip(recorded, model).enumerated() {
            sums[base, band] += min(3, max(-3, theirs - ours))
        }
    }

    /// Adds the mean difference of all sounds, and of each sound as far as it was heard often enough.
    ///
    /// Bands that were not recorded go on as the highest ones that were. Offsets stay within 3 nepers.
    func apply(to offsets: inout Matrix, ridge: Float, bandwidth: Double) {
        let total = max(1, counts.reduce(0, +))
        let known = max(8, MelBands.edges.dropFirst(2).count { $0 < bandwidth * 0.97 })
        var common = (0..<AcousticModel.bands).map { band in
            (0..<counts.count).reduce(Float(0)) { $0 + sums[$1, band] } / total
        }
        func extend(_ values: inout [Float]) {
            guard known < values.count else { return }
            let edge = values[(known - 4)..<known].reduce(0, +) / 4
            for band in known..<values.count { values[band] = edge }
        }
        extend(&common)
        for base in 0..<counts.count {
            var own = (0..<AcousticModel.bands).map { band in
                (sums[base, band] - common[band] * counts[base]) / (counts[base] + ridge)
            }
            extend(&own)
            for band in 0..<AcousticModel.bands {
                offsets[base, band] = min(3, max(-3, offsets[base, band] + common[band] + own[band]))
            }
        }
    }
}
