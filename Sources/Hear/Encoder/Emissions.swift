/// What the encoder heard: for each frame of 20 ms the log-probability of each unit, index 0 being blank.
public struct Emissions: Sendable, Equatable {
    /// Seconds from one frame to the next.
    public static let frameSeconds = 0.02

    /// Number of units, blank included.
    public let unitCount: Int
    /// Row after row, `frameCount × unitCount` natural logarithms.
    public private(set) var logProbabilities: [Float]
    /// The likeliest unit of each frame.
    public private(set) var bestUnits: [Int]

    /// Number of frames.
    public var frameCount: Int { bestUnits.count }

    /// No frames yet.
    public init(unitCount: Int) {
        self.unitCount = max(1, unitCount)
        logProbabilities = []
        bestUnits = []
    }

    /// Frames given row after row; a last incomplete row is ignored.
    public init(unitCount: Int, logProbabilities: [Float]) {
        self.init(unitCount: unitCount)
        append(logProbabilities)
    }

    /// Adds frames, row after row.
    public mutating func append(_ rows: [Float]) {
        let frames = rows.count / unitCount
        // By a quarter at a time: doubled, as arrays grow, many streams at once would hold twice what they need.
        let needed = logProbabilities.count + frames * unitCount
        if needed > logProbabilities.capacity { logProbabilities.reserveCapacity(needed + needed / 4) }
        logProbabilities.append(contentsOf: rows.prefix(frames * unitCount))
        for frame in 0..<frames {
            var best = 0
            let start = frame * unitCount
            for unit in 1..<unitCount where rows[start + unit] > rows[start + best] { best = unit }
            bestUnits.append(best)
        }
    }

    /// Log-probability of a unit in a frame.
    public subscript(frame: Int, unit: Int) -> Float { logProbabilities[frame * unitCount + unit] }

    /// The frames of a range, clamped to what there is.
    public func slice(_ range: Range<Int>) -> Emissions {
        let range = range.clamped(to: 0..<frameCount)
        var part = Emissions(unitCount: unitCount)
        part.logProbabilities = Array(logProbabilities[range.lowerBound * unitCount..<range.upperBound * unitCount])
        part.bestUnits = Array(bestUnits[range])
        return part
    }

    /// Forgets the oldest frames, for streams longer than an utterance.
    public mutating func removeFirst(_ frames: Int) {
        let frames = min(frames, frameCount)
        logProbabilities.removeFirst(frames * unitCount)
        bestUnits.removeFirst(frames)
    }

    /// The best units of all, repeats merged and blanks dropped, each with the frame it began in.
    public func greedyUnits() -> [(unit: Int, frame: Int)] {
        var units: [(unit: Int, frame: Int)] = []
        var last = 0
        for (frame, unit) in bestUnits.enumerated() {
            if unit != 0, unit != last { units.append((unit, frame)) }
            last = unit
        }
        return units
    }

    /// Sum of the best log-probability of each frame: no path over these frames scores higher.
    public func bestScore(_ range: Range<Int>? = nil) -> Double {
        let range = (range ?? 0..<frameCount).clamped(to: 0..<frameCount)
        return range.reduce(0) { $0 + Double(self[$1, bestUnits[$1]]) }
    }

    /// The same where only some units count: `isCounted` says of each whether it does.
    func bestScore(among isCounted: [Bool]) -> Double {
        var sum: Float = 0
        for frame in 0..<frameCount {
            let start = frame * unitCount
            if isCounted[bestUnits[frame]] {
                sum += logProbabilities[start + bestUnits[frame]]
                continue
            }
            var best = -Float.infinity
            for unit in 0..<unitCount where isCounted[unit] { best = max(best, logProbabilities[start + unit]) }
            sum += best
        }
        return Double(sum)
    }
}
