import Glibc
import Tensors

/// One sentence on its way to samples: planned whole (durations and pitch cost little), rendered frame by frame.
struct SentenceRenderer: Sendable {
    /// The frames of the sentence.
    let frameCount: Int
    /// F0 in hertz, one a frame, unvoiced ones included.
    let pitch: [Float]
    /// 1 where a frame is voiced.
    let voiced: [Float]
    /// Frames per token.
    let durations: [Int]

    /// Frames of silence at the end, 0.34 s: sentences read one after the other need room to breathe, and with 12 frames
    /// DNSMOS is 0.12 lower.
    private static let closing = 32

    private let acoustic: AcousticModel
    private let vocoder: Vocoder
    private let voice: Voice
    private let gain: Float
    /// The frame of the whole stream at which the sentence begins, for the mark of cloned voices.
    private let origin: Int
    private let encoded: Matrix
    private let context: SoundContext
    private let frames: [Frame]
    private let owner: [Int]
    private let place: Matrix
    private let controls: Matrix
    private var envelope: Matrix
    private var envelopeOrigin = 0
    private var nextFrame = 0
    private var excitation = Excitation()
    private var pulses: [Float]
    private var noise: [Float]
    private var excitationOrigin: Int
    private var synthesis: InverseSTFT
    private let transform: RealFFT
    private let window = Vocoder.window

    /// Whether all samples are rendered.
    var isDone: Bool { nextFrame >= frameCount }

    /// Nil only when the machine cannot transform 1024 values.
    init?(
        _ score: Score, acoustic: AcousticModel, vocoder: Vocoder, voice: Voice, options: SpeechOptions, origin: Int = 0
    ) {
        guard let transform = RealFFT(size: Vocoder.size),
            let synthesis = InverseSTFT(size: Vocoder.size, hop: Vocoder.hop, window: Vocoder.window)
        else { return nil }
        self.transform = transform
        self.synthesis = synthesis
        self.acoustic = acoustic
        self.vocoder = vocoder
        self.voice = voice
        self.origin = origin
        let prosody = Prosody(style: options.style, ending: score.ending)
        gain = Float(log(options.energy * Double(prosody.gain)))
        let encoded = acoustic.encode(score.tokens, manner: voice.manner)
        let context = SoundContext(score.tokens, bases: acoustic.bases)
        self.encoded = encoded
        self.context = context
        let durations = Self.wholeFrames(
            acoustic.durations(encoded, context, manner: voice.manner), tokens: score.tokens, prosody: prosody,
            factor: voice.pace * prosody.duration / Float(options.rate))
        let (owner, place) = AcousticModel.layOut(durations)
        // an odd last frame is held, because frames are made in pairs
        var frames = Frame.all(durations)
        while let last = frames.last, frames.count < 2 * owner.count { frames.append(last) }
        self.frames = frames
        var controls = acoustic.controls(
            encoded, context, frames: frames, owner: owner, place: place, manner: voice.manner)
        let frameCount = controls.rows
        self.durations = durations
        self.owner = owner
        self.place = place
        self.frameCount = frameCount
        var relative = (0..<frameCount).map { controls[$0, 0] * (voice.own?.spread ?? 1) }
        prosody.apply(
            to: &relative, owner: (0..<frameCount).map { owner[$0 / 2] }, tokens: score.tokens,
            semitones: Float(options.pitchSemitones))
        var pitch: [Float] = []
        var voiced: [Float] = []
        for frame in 0..<frameCount {
            let hertz = voice.hertz * Glibc.expf(relative[frame])
            pitch.append(hertz.isFinite ? min(700, max(45, hertz)) : voice.hertz)
            voiced.append(controls[frame, 1] > 0 ? 1 : 0)
            controls[frame, 0] = relative[frame]
            controls[frame, 1] = voiced[frame]
            controls[frame, 2] += voice.own?.energy ?? 0
        }
        self.pitch = pitch
        self.voiced = voiced
        self.controls = controls
        envelope = Matrix(rows: 0, columns: AcousticModel.bands)
        // half a window of silence lies before the first frame's centre
        pulses = [Float](repeating: 0, count: Vocoder.size / 2)
        noise = pulses
        excitationOrigin = -Vocoder.size / 2
    }

    /// Whole frames from the model's durations: at least two a sound; the silences at the ends are kept short.
    private static func wholeFrames(
        _ predicted: [Float], tokens: [ScoreToken], prosody: Prosody, factor: Float
    ) -> [Int] {
        let last = tokens.lastIndex { $0.isNucleus } ?? tokens.count
        var carry: Float = 0
        return tokens.indices.map { index in
            let own = predicted[index].isFinite ? predicted[index] : 8
            if tokens[index].isPause {
                if index == 0 { return 4 }
                if index == tokens.count - 1 { return closing }
                return min(40, max(6, Int((own * factor).rounded())))
            }
            // what rounding takes from one sound the next one gets
            let wanted = min(120, own * factor * (index == last ? prosody.last : 1)) + carry
            let whole = max(2, Int(wanted.rounded()))
            carry = min(0.5, max(-0.5, wanted - Float(whole)))
            return whole
        }
    }

    /// The samples of the next `count` frames, nil when all are rendered; the last ones come with what is left over.
    mutating func next(_ count: Int) -> [Float]? {
        guard nextFrame < frameCount else { return nil }
        let frames = nextFrame..<min(frameCount, nextFrame + max(1, count))
        makeEnvelopes(upTo: min(frameCount, frames.upperBound + vocoder.reach))
        let keep = max(0, frames.lowerBound - vocoder.reach)
        if keep > envelopeOrigin {
            envelope.removeFirstRows(keep - envelopeOrigin)
            envelopeOrigin = keep
        }
        let until = min(frameCount, frames.upperBound + vocoder.reach) - envelopeOrigin
        let filters = vocoder.filters(
            envelope: until < envelope.rows ? envelope.rows(0..<until) : envelope, origin: envelopeOrigin, pitch: pitch,
            voiced: voiced, frames: frames)
        var samples: [Float] = []
        samples.reserveCapacity(frames.count * Vocoder.hop)
        var work = Workspace(transform)
        for (frame, filter) in zip(frames, filters) {
            excite(upTo: frame * Vocoder.hop + Vocoder.size / 2)
            var spectrum = shaped(frame, filter, &work)
            if voice.isCloned { Watermark.apply(to: &spectrum, frame: origin + frame) }
            samples.append(contentsOf: synthesis.push(spectrum))
        }
        nextFrame = frames.upperBound
        if nextFrame == frameCount { samples.append(contentsOf: synthesis.finish()) }
        return samples
    }

    private mutating func makeEnvelopes(upTo end: Int) {
        let made = envelopeOrigin + envelope.rows
        guard end > made else { return }
        let pairs = made / 2..<(end + 1) / 2
        let layer = acoustic.decoded(
            encoded, owner: owner, place: place, controls: controls, timbre: voice.timbre, pairs: pairs)
        var more = acoustic.envelopes(
            layer, context, frames: frames, controls: controls, timbre: voice.timbre, pairs: pairs)
        if let own = voice.own { more += own.head(layer) }
        if gain != 0 { for index in more.values.indices { more.values[index] += gain } }
        envelope.append(more)
    }

    private mutating func excite(upTo end: Int) {
        let made = excitationOrigin + pulses.count
        if end > made { excitation.append(end - made, pitch: pitch, to: &pulses, noise: &noise) }
        // what lies before the next window is not needed again
        let old = end - Vocoder.size - excitationOrigin
        if old > 8 * Vocoder.size {
            pulses.removeFirst(old)
            noise.removeFirst(old)
            excitationOrigin += old
        }
    }

    private struct Workspace {
        var windowed = [Float](repeating: 0, count: Vocoder.size)
        var pulses: [Float]
        var noise: [Float]
        var scratch: [Float]

        init(_ transform: RealFFT) {
            pulses = [Float](repeating: 0, count: 2 * transform.bins)
            noise = pulses
            scratch = [Float](repeating: 0, count: 2 * transform.size)
        }
    }

    /// The spectrum of one frame: both excitations through their filters.
    private func shaped(_ frame: Int, _ filter: Vocoder.Filters, _ work: inout Workspace) -> [Float] {
        let start = frame * Vocoder.hop - Vocoder.size / 2 - excitationOrigin
        for index in 0..<Vocoder.size { work.windowed[index] = noise[start + index] * window[index] }
        transform.forward(work.windowed, into: &work.noise, scratch: &work.scratch)
        var result = work.noise
        for bin in 0..<Vocoder.bins {
            result[2 * bin] *= filter.noise[bin]
            result[2 * bin + 1] *= filter.noise[bin]
        }
        guard voiced[frame] > 0 else { return result }
        for index in 0..<Vocoder.size { work.windowed[index] = pulses[start + index] * window[index] }
        transform.forward(work.windowed, into: &work.pulses, scratch: &work.scratch)
        for bin in 0..<Vocoder.bins {
            let (a, b) = (work.pulses[2 * bin], work.pulses[2 * bin + 1])
            let (c, d) = (filter.harmonic[2 * bin], filter.harmonic[2 * bin + 1])
            result[2 * bin] += a * c - b * d
            result[2 * bin + 1] += a * d + b * c
        }
        return result
    }
}
