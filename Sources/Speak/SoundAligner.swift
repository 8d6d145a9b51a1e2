import Tensors

/// Finds the sounds of a recording: it is laid over the same sentence as the model speaks it, frame by frame, along the
/// path of least difference (dynamic time warping).
enum SoundAligner {
    private static let groups = 20
    /// A step that stretches or shortens costs this much, in units of the mean difference of a well-matched frame.
    private static let stretching: Float = 0.1

    /// How many frames of the recording each token of the sentence takes.
    ///
    /// - Parameters:
    ///   - recorded: [frames, 80] envelopes of the recording.
    ///   - spoken: [frames, 80] envelopes of the model.
    ///   - durations: Frames per token in `spoken`.
    /// - Returns: Frames per token of the recording, and the mean difference along the path (nepers).
    static func align(recorded: Matrix, spoken: Matrix, durations: [Int]) -> (durations: [Int], difference: Float) {
        let ours = features(spoken)
        let theirs = features(recorded)
        let (rows, columns) = (theirs.rows, ours.rows)
        guard rows > 0, columns > 0 else { return (durations.map { _ in 0 }, .infinity) }
        var previous = [Float](repeating: .infinity, count: columns)
        // 0 diagonal, 1 the recording goes on alone, 2 the model goes on alone
        var steps = [UInt8](repeating: 0, count: rows * columns)
        for row in 0..<rows {
            var current = [Float](repeating: .infinity, count: columns)
            for column in 0..<columns {
                let cost = difference(theirs, row, ours, column)
                var best: Float = row == 0 && column == 0 ? 0 : .infinity
                var step: UInt8 = 0
                if row > 0, column > 0 { best = previous[column - 1] }
                if row > 0, previous[column] + stretching < best { (best, step) = (previous[column] + stretching, 1) }
                if column > 0, current[column - 1] + stretching - 0.5 * cost < best {
                    (best, step) = (current[column - 1] + stretching - 0.5 * cost, 2)
                }
                current[column] = best + cost
                steps[row * columns + column] = step
            }
            previous = current
        }
        var owner: [Int] = []
        for (token, duration) in durations.enumerated() { owner += [Int](repeating: token, count: duration) }
        var counts = durations.map { _ in 0 }
        var (row, column) = (rows - 1, columns - 1)
        while row >= 0, column >= 0 {
            let step = steps[row * columns + column]
            if step != 2 { counts[owner[min(column, owner.count - 1)]] += 1 }
            if step != 2 { row -= 1 }
            if step != 1 { column -= 1 }
        }
        return (counts, previous[columns - 1] / Float(rows))
    }

    private static func difference(_ one: Matrix, _ row: Int, _ other: Matrix, _ column: Int) -> Float {
        var sum: Float = 0
        let (a, b) = (row * one.columns, column * other.columns)
        for index in 0..<one.columns { sum += abs(one.values[a + index] - other.values[b + index]) }
        return sum / Float(groups)
    }

    /// Coarse bands without the colour that all loud frames share, and the level under the loudest.
    private static func features(_ envelope: Matrix) -> Matrix {
        let per = Vocoder.bands / groups
        var result = Matrix(rows: envelope.rows, columns: groups + 1)
        var tops: [Float] = []
        for row in 0..<envelope.rows {
            var top: Float = -20
            for group in 0..<groups {
                var sum: Float = 0
                for band in group * per..<(group + 1) * per {
                    sum += envelope[row, band]
                    if band < 60 { top = max(top, envelope[row, band]) }
                }
                result[row, group] = sum / Float(per)
            }
            tops.append(top)
        }
        let loud = tops.sorted()[min(tops.count - 1, tops.count * 95 / 100)]
        var colour = [Float](repeating: 0, count: groups)
        var count: Float = 0
        for row in 0..<envelope.rows where tops[row] > loud - 3 {
            count += 1
            for group in 0..<groups { colour[group] += result[row, group] }
        }
        for row in 0..<envelope.rows {
            for group in 0..<groups { result[row, group] = max(-6, result[row, group] - colour[group] / max(1, count)) }
            result[row, groups] = 3 * max(-4, tops[row] - loud)
        }
        return result
    }
}
