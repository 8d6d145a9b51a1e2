import Language

/// What a style does to pitch, durations and energy.
struct Prosody: Sendable, Equatable {
    /// Durations are multiplied by this.
    var duration: Float = 1
    /// Movements of the pitch around the voice's middle are multiplied by this.
    var range: Float = 1
    /// Semitones added everywhere.
    var shift: Float = 0
    /// Semitones that the pitch gains over the last two syllables, all of them in the first third of the last: listeners go
    /// by its whole tone lying higher, with the fall or rise left in it (Yuan 2006; Liu and Xu 2005).
    var rise: Float = 0
    /// What the last syllable's duration is multiplied by.
    var last: Float = 1
    /// Amplitudes are multiplied by this.
    var gain: Float = 1

    /// The prosody of a sentence: the style asked for, or with `.neutral` what its own ending asks for.
    init(style: Style, ending: Pause) {
        switch (style, ending) {
        case (.question, _): (range, shift, rise, last) = (1.1, 0.7, 6, 1.15)
        case (.neutral, .question): (shift, rise, last) = (0.3, 3, 1.1)
        case (.exclaim, _): (range, shift, last, gain) = (1.4, 1.5, 1.15, 1.2)
        case (.neutral, .exclaim): (range, shift, last, gain) = (1.2, 0.8, 1.05, 1.1)
        case (.happy, _): (duration, range, shift, gain) = (0.93, 1.35, 2, 1.1)
        case (.sad, _): (duration, range, shift, gain) = (1.2, 0.65, -2, 0.75)
        case (.angry, _): (duration, range, shift, last, gain) = (0.92, 1.35, 0.5, 0.9, 1.4)
        case (.neutral, _): break
        }
    }

    /// Applies to the logarithms of the pitch relative to the voice's middle, one a frame.
    ///
    /// - Parameters:
    ///   - pitch: log(F0 / middle).
    ///   - owner: The token of each frame.
    ///   - tokens: The tokens of the sentence.
    ///   - semitones: The shift that the caller asked for.
    func apply(to pitch: inout [Float], owner: [Int], tokens: [ScoreToken], semitones: Float) {
        let nuclei = tokens.indices.filter { tokens[$0].isNucleus }
        let step: Float = 0.057_762_265  // one semitone in natural logarithms
        var from = pitch.count
        var to = pitch.count
        if let final = nuclei.last {
            let before = nuclei.count > 1 ? nuclei[nuclei.count - 2] : final
            from = owner.firstIndex(of: before) ?? pitch.count
            let first = owner.firstIndex(of: final) ?? pitch.count
            to = first + ((owner.lastIndex(of: final) ?? pitch.count - 1) + 1 - first) / 3
        }
        for frame in pitch.indices {
            var value = pitch[frame] * range + (shift + semitones) * step
            if rise != 0, frame >= from, to > from {
                let way = min(1, Float(frame - from) / Float(to - from))
                value += rise * step * way * way
            }
            pitch[frame] = value
        }
    }
}
