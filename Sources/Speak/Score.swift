import Language

/// One sound or pause of a sentence, as the acoustic model knows it.
struct ScoreToken: Sendable, Equatable {
    var base: Int
    var tone: Int
    /// Whether it carries a syllable's tone (a final or an English vowel).
    var isNucleus: Bool
    var isPause: Bool
}

/// One sentence to be spoken.
struct Score: Sendable, Equatable {
    var tokens: [ScoreToken]
    /// How it ends.
    var ending: Pause
}

/// Turns words into scores; knows the bases of the acoustic model.
struct ScoreWriter: Sendable {
    /// More sounds than this are not spoken in one breath; a sentence is then divided at a comma, or wherever it is.
    static let longest = 120
    /// From here on a comma divides.
    static let long = 64

    /// What stands for sounds that no recording holds: the zh of "measure" is said as the j of "jet", which Whisper base takes for it.
    private static let unheard = ["E_ZH": "E_JH"]

    private let index: [String: Int]

    init(bases: [String]) {
        index = Dictionary(bases.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// The token of a unit, nil when the model does not know it.
    func token(_ unit: String) -> ScoreToken? {
        if let base = index[Self.unheard[unit] ?? unit] {
            return ScoreToken(
                base: base, tone: 0, isNucleus: PhoneInventory.isEnglishVowel(unit), isPause: false)
        }
        guard let digit = unit.last?.wholeNumberValue, (1...6).contains(digit) else { return nil }
        let body = String(unit.dropLast())
        if let base = index[body + "$"] {
            return ScoreToken(base: base, tone: 5 + digit, isNucleus: true, isPause: false)
        }
        guard let base = index[body] else { return nil }
        return ScoreToken(base: base, tone: digit, isNucleus: true, isPause: false)
    }

    private func pause(_ sign: String) -> ScoreToken? {
        index[sign].map { ScoreToken(base: $0, tone: 0, isNucleus: false, isPause: true) }
    }

    /// The sentences of some words.
    ///
    /// Units that the model does not know are left out.
    func scores(_ words: [SpokenToken]) -> [Score] {
        var result: [Score] = []
        var current: [ScoreToken] = []
        func end(_ ending: Pause) {
            defer { current = [] }
            if current.last?.isPause == true { current.removeLast() }
            guard !current.isEmpty, let start = pause("sil"), let stop = pause(sign(of: ending)) else { return }
            result.append(Score(tokens: [start] + current + [stop], ending: ending))
        }
        for word in words {
            if current.count + word.units.count > Self.longest { end(.minor) }
            for unit in word.units {
                if current.count >= Self.longest { end(.minor) }
                if let token = token(unit) { current.append(token) }
            }
            if word.pause.endsSentence {
                end(word.pause)
            } else if word.pause == .minor {
                if current.count > Self.long {
                    end(.minor)
                } else if let comma = pause(","), !current.isEmpty {
                    current.append(comma)
                }
            }
        }
        end(.major)
        return result
    }

    /// What the model is told of an ending: a question or an exclamation reads as a statement, and what it does to the pitch comes
    /// from `Prosody`.
    ///
    /// The few questions of the recordings taught a fall, and an exclamation is in none of them.
    private func sign(of pause: Pause) -> String { pause == .minor ? "," : "." }
}
