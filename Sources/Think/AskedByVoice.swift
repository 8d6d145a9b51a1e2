import Glibc
import Tensors

/// A tonal syllable and the frame of 20 ms in which Hear was surest of it.
public struct SpokenTone: Sendable, Equatable {
    /// The frame, counted from the beginning of the samples that the pitch was followed in.
    public let frame: Int
    /// 1 to 5, 5 being the neutral tone.
    public let tone: Int

    /// A syllable in a frame.
    public init(frame: Int, tone: Int) {
        self.frame = frame
        self.tone = tone
    }
}

/// What tells a command that is asked about (「打开窗户？」 with a rise) from one that is given: how the last syllable and the
/// one before lie and move against the rest of the sentence, each tone at the height that it has in Mandarin.
///
/// `Models/training/think/asking.py` computes the same figures and learns from them; a test holds the two together.
struct AskedEvidence {
    static let count = 31
    /// Words read alone end as differently told as asked.
    private static let leastSyllables = 4
    /// A last syllable further above the middle, semitones, was followed an octave off.
    private static let highest: Float = 9
    /// Where the tones lie about a voice's middle, semitones.
    private static let register: [Float] = [0, 2.5, -1, -3, 0.8, -1.5]

    let figures: [Float]

    /// Nil where too little is voiced, or said.
    init?(_ track: PitchTrack, tones: [SpokenTone]) {
        let all = track.isVoiced.indices.filter { track.isVoiced[$0] }.map { track.semitones[$0] }
        guard tones.count >= Self.leastSyllables, all.count >= 6, let last = tones.last else { return nil }
        let middle = all.sorted()[all.count / 2]
        let voiced = track.isVoiced.indices.map { track.isVoiced[$0] && (track.semitones[$0] - middle).magnitude < 13 }
        let spans = Self.spans(of: tones, voiced: voiced)
        let found = spans.map { SyllablePitch($0.filter { voiced[$0] }.map { track.semitones[$0] }) }
        let heights = tones.indices.dropLast().compactMap { place in
            found[place].map { (place: Float(place), height: $0.mean - Self.register[tones[place].tone]) }
        }
        let early = heights.filter { $0.place < Float(tones.count - 2) }.map(\.height).sorted()
        guard let end = found[found.count - 1], !early.isEmpty, end.mean - middle <= Self.highest else { return nil }
        let base = early[early.count / 2]
        let before = found[found.count - 2]
        let penultimate = before ?? SyllablePitch(even: base)
        let others = voiced.indices.filter { voiced[$0] }
        let body = end.count + 4 > others.count ? others[...] : others.dropLast(end.count)
        let rest = body.map { track.semitones[$0] }.sorted()
        let low = rest[Int(0.1 * Double(rest.count - 1))]
        let high = rest[Int(0.9 * Double(rest.count - 1))]
        let (slope, expected) = Self.line(heights, at: Float(tones.count - 1)) ?? (0, base)
        let semitones =
            [end.mean, end.first, end.last, end.highest, end.lowest].map { $0 - base }
            + [end.mean - low, end.last - low, end.last - high, end.mean - high, high - low]
            + [penultimate.mean, penultimate.first, penultimate.last].map { $0 - base }
            + [end.mean - penultimate.mean, end.first - penultimate.last, before == nil ? 4 : 0, slope]
            + [end.mean - Self.register[last.tone] - expected]
        let lengths = [
            Float(spans[spans.count - 1].upperBound - last.frame) / 10, Float(min(tones.count, 12)) / 6,
            Float(end.count) / 10,
        ]
        let kinds = [last, tones[tones.count - 2]].flatMap { syllable in
            (1...5).map { $0 == syllable.tone ? Float(1) : 0 }
        }
        figures = semitones.map { max(-4, min(4, $0 / 4)) } + lengths + kinds
    }

    /// The frames of each syllable: a final is sure some 80 ms after it began; the last lasts as long as the voice, at most
    /// 320 ms.
    private static func spans(of tones: [SpokenTone], voiced: [Bool]) -> [ClosedRange<Int>] {
        let limit = voiced.count - 1
        return tones.indices.map { place in
            let frame = min(tones[place].frame, limit)
            let low = place == 0 ? max(0, frame - 4) : max(tones[place - 1].frame + 3, frame - 5)
            var high: Int
            if place + 1 < tones.count {
                high = min(tones[place + 1].frame - 4, frame + 8)
            } else {
                high = min(limit, frame + 16)
                while high > frame, !voiced[high] { high -= 1 }
            }
            high = min(max(low, high), limit)
            return min(low, high)...high
        }
    }

    /// The slope of the straight line through the heights, and where it leads; nil for fewer than three.
    private static func line(_ heights: [(place: Float, height: Float)], at place: Float) -> (Float, Float)? {
        guard heights.count > 2 else { return nil }
        let count = Float(heights.count)
        let (x, y) = (heights.reduce(0) { $0 + $1.place } / count, heights.reduce(0) { $0 + $1.height } / count)
        let both = heights.reduce(0) { $0 + ($1.place - x) * ($1.height - y) }
        let slope = both / heights.reduce(0) { $0 + ($1.place - x) * ($1.place - x) }
        return (slope, y + slope * (place - x))
    }
}

/// The pitch of one syllable's voiced frames, semitones.
private struct SyllablePitch {
    let mean: Float
    /// Mean of the first third, and of the last; two frames at least.
    let first: Float
    let last: Float
    let highest: Float
    let lowest: Float
    let count: Int

    /// Nil for fewer than two frames.
    init?(_ x: [Float]) {
        guard x.count > 1, let highest = x.max(), let lowest = x.min() else { return nil }
        let third = max(2, x.count / 3)
        mean = x.reduce(0, +) / Float(x.count)
        first = x.prefix(third).reduce(0, +) / Float(third)
        last = x.suffix(third).reduce(0, +) / Float(third)
        (self.highest, self.lowest, count) = (highest, lowest, x.count)
    }

    /// A syllable that stays at one height.
    init(even height: Float) {
        (mean, first, last, highest, lowest, count) = (height, height, height, height, height, 0)
    }
}

/// How likely the voice asks instead of telling.
struct NetworkAsked: Sendable {
    private let up: Linear
    private let down: Linear

    /// Nil when the weights have no such part.
    init?(_ file: WeightFile) throws(TensorError) {
        guard let shape = file.shape(of: "asked.up.weight"), shape.count == 2 else { return nil }
        up = try file.linear("asked.up", inputs: AskedEvidence.count, outputs: shape[0], precision: .float32)
        down = try file.linear("asked.down", inputs: shape[0], outputs: 1, precision: .float32)
    }

    /// The probability, 0…1.
    func callAsFunction(_ evidence: AskedEvidence) -> Float {
        var x = up(Matrix(rows: 1, columns: AskedEvidence.count, values: evidence.figures))
        gelu(&x)
        return 1 / (1 + expf(-down(x).values[0]))
    }
}
