/// What every sound of a sentence is among its neighbours; the contexts that the regression's tables are made of.
struct SoundContext: Sendable, Equatable {
    /// What kind of sound a token is.
    enum Kind: Int, Sendable {
        case initial, nucleus, pause
    }

    var base: [Int]
    var before: [Int]
    var after: [Int]
    var kind: [Kind]
    /// The tone of the syllable a token belongs to, and those of the syllables beside it; 0 at pauses.
    var tone: [Int]
    var toneBefore: [Int]
    var toneAfter: [Int]
    /// Syllables from here to the end, 0 for the last, at most 2.
    var left: [Int]
    /// How far into the sentence, 0…1.
    var way: [Float]
    /// 2 directly before a pause, 1 one further away, 0 inside.
    var edge: [Int]
    /// 1 for a question, 2 for an exclamation, else 0.
    let ending: Int
    /// A class of how many syllables there are, 0…5.
    let size: Int

    /// - Parameters:
    ///   - tokens: The sentence, silence first and its closing sign last.
    ///   - bases: The names of the bases.
    init(_ tokens: [ScoreToken], bases: [String]) {
        let count = tokens.count
        let english = tokens.map { bases[$0.base].hasPrefix("E_") }
        let tones = tokens.map(\.tone)
        base = tokens.map(\.base)
        before = [0] + base.dropLast()
        after = base.dropFirst() + [0]
        kind = tokens.indices.map { index in
            if tokens[index].isPause { return .pause }
            return tones[index] == 0 && !english[index] ? .initial : .nucleus
        }
        func search(_ start: Int, _ step: Int) -> Int {
            var index = start
            while index >= 0, index < count, !tokens[index].isPause, !english[index] {
                if tones[index] > 0 { return tones[index] }
                index += step
            }
            return 0
        }
        tone = [Int](repeating: 0, count: count)
        toneBefore = tone
        toneAfter = tone
        for index in 0..<count where !tokens[index].isPause && !english[index] {
            let nucleus = tones[index] > 0 ? index : index + 1
            tone[index] = nucleus < count ? tones[nucleus] : 0
            toneBefore[index] = search(index - 1, -1)
            toneAfter[index] = search(nucleus + 1, 1)
        }
        var from = [Int](repeating: 0, count: count)
        var nuclei = 0
        for index in stride(from: count - 1, through: 0, by: -1) {
            if tokens[index].isNucleus { nuclei += 1 }
            from[index] = nuclei
        }
        let total = nuclei
        left = from.map { min(2, max(0, $0 - 1)) }
        way = from.map { min(1, max(0, Float(total - $0) / Float(max(1, total - 1)))) }
        let soon = (0..<count).map { $0 + 1 < count ? tokens[$0 + 1].isPause : true }
        edge = (0..<count).map { soon[$0] ? 2 : ($0 + 1 < count ? soon[$0 + 1] : true) ? 1 : 0 }
        let last = tokens.last.map { bases[$0.base] }
        ending = last == "?" ? 1 : last == "!" ? 2 : 0
        size = total <= 4 ? total : 4 + (total > 7 ? 1 : 0)
    }
}
