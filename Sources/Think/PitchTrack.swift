import Glibc

/// The pitch of an utterance, every 20 ms, on the likeliest path through octave errors and noise.
public struct PitchTrack: Sendable, Equatable {
    /// Semitones above 100 Hz; 0 where there is no voice.
    public let semitones: [Float]
    /// Whether a frame holds a voice.
    public let isVoiced: [Bool]

    /// A track of given frames.
    init(semitones: [Float], isVoiced: [Bool]) {
        self.semitones = semitones
        self.isVoiced = isVoiced
    }
}

/// Follows the pitch through the autocorrelation of frame after frame, by dynamic programming (Boersma 1993).
///
/// `Models/training/think/pitch.py` does the same and says how the prices were chosen; a test holds the two together.
struct PitchFollower {
    private static let most = 6  // candidates of a frame
    private static let leap = 1.2  // price of an octave between neighbours
    private static let unvoiced = 0.45  // what a frame without voice is worth
    private static let change = 0.35  // price of beginning or ending a voice
    private static let quiet = 3.0  // decades below the loudest twentieth: no voice

    private struct Candidate {
        var semitones: Double
        var worth: Double
    }

    private var frames: [[Candidate]] = []
    private var energies: [Double] = []

    /// Takes a frame's autocorrelation, 1 at lag 0, up to one lag beyond the last, and the logarithm of its energy.
    ///
    /// A maximum must be one on both sides: the hum of a room correlates best at the shortest lag, and is no voice of 500 Hz.
    mutating func accept(_ correlation: [Double], energy: Double) {
        var found: [Candidate] = []
        for lag in Prosody.lags
        where correlation[lag] > correlation[lag - 1] && correlation[lag] >= correlation[lag + 1] {
            let (before, at, after) = (correlation[lag - 1], correlation[lag], correlation[lag + 1])
            let bend = before - 2 * at + after
            let between = max(-0.5, min(0.5, 0.5 * (before - after) / (bend.magnitude < 1e-9 ? 1e-9 : bend)))
            let share = Double(lag - Prosody.lags.lowerBound) / Double(Prosody.lags.count - 1)
            found.append(
                Candidate(
                    semitones: 12 * log2(Double(Prosody.rate) / (Double(lag) + between) / 100),
                    // Shorter lags are preferred a little, against octaves too low.
                    worth: min(1, at - 0.1 * share)))
        }
        found.sort { $0.worth > $1.worth }
        frames.append(Array(found.prefix(Self.most)))
        energies.append(energy)
    }

    /// The likeliest path through what was taken.
    func track() -> PitchTrack {
        let loud = energies.sorted().suffix(max(1, energies.count / 20))
        let floor = loud.reduce(0, +) / Double(max(1, loud.count)) - Self.quiet
        // The last place of each frame stands for no voice.
        var best: [Double] = []
        var came: [[Int]] = []
        for (index, frame) in frames.enumerated() {
            let worths = frame.map { energies[index] < floor ? $0.worth - 1 : $0.worth } + [Self.unvoiced]
            guard index > 0 else {
                best = worths
                continue
            }
            let before = frames[index - 1]
            var origins: [Int] = []
            var next: [Double] = []
            for (place, worth) in worths.enumerated() {
                let ways = best.indices.map { from in
                    best[from]
                        - Self.price(from < before.count ? before[from] : nil, place < frame.count ? frame[place] : nil)
                }
                let origin = ways.indices.max { ways[$0] < ways[$1] } ?? 0
                origins.append(origin)
                next.append(ways[origin] + worth)
            }
            came.append(origins)
            best = next
        }
        var semitones = [Float](repeating: 0, count: frames.count)
        var isVoiced = [Bool](repeating: false, count: frames.count)
        var place = best.indices.max { best[$0] < best[$1] } ?? 0
        for index in frames.indices.reversed() {
            if place < frames[index].count {
                semitones[index] = Float(frames[index][place].semitones)
                isVoiced[index] = true
            }
            if index > 0 { place = came[index - 1][place] }
        }
        return PitchTrack(semitones: semitones, isVoiced: isVoiced)
    }

    private static func price(_ one: Candidate?, _ other: Candidate?) -> Double {
        switch (one, other) {
        case (let one?, let other?): min((one.semitones - other.semitones).magnitude, 12) / 12 * leap
        case (nil, nil): 0
        default: change
        }
    }
}
