import Tensors

/// What a person's envelopes have beyond those of a shipped voice: linear in the last layer of the acoustic model's decoder.
///
/// That layer knows the sound, its neighbours, the place in it, pitch and energy, so a person's transitions are theirs too,
/// and sounds that were hardly heard take part in what the others taught.
struct TimbreHead: Sendable, Hashable {
    /// Nothing is moved further than this, in nepers: recordings may ask for more where a frame is misplaced.
    private static let limit: Float = 4

    /// [width, 160]: two frames of 80 bands for every value of the layer.
    var slopes: Matrix
    /// [160]: what is added whatever the layer says.
    var level: [Float]

    /// Adds nothing.
    init(width: Int) {
        slopes = Matrix(rows: width, columns: 2 * AcousticModel.bands)
        level = [Float](repeating: 0, count: 2 * AcousticModel.bands)
    }

    /// What is added to the envelopes: [2 · pairs, 80] from the layer's [pairs, width].
    func callAsFunction(_ layer: Matrix) -> Matrix {
        var added = product(layer, slopes)
        added.addToRows(level)
        return Matrix(
            rows: 2 * layer.rows, columns: AcousticModel.bands,
            values: added.values.map { min(Self.limit, max(-Self.limit, $0)) })
    }
}

/// The sums from which a `TimbreHead` is solved by ridge regression, in four groups of sounds.
///
/// How strongly to shrink is found by foretelling the sounds of each group from the other three: whoever has said few sounds must
/// not have the others made up.
struct TimbreSums: Sendable {
    private static let groups = 4
    /// Strengths that are tried, the strongest first, and the one before there is a choice.
    ///
    /// Of a woman's 166 s with all sounds 100 and 1000 leave whisper-base as sure of her cloned voice as of the shipped one and
    /// 10 does not; of a man who said twelve words in 158 s only 1000 does.
    private static let ridges = [3000.0, 1000, 300, 100, 30]
    private static let firstRidge = 1000.0
    /// The strongest is taken whose error is at most this much greater than the least.
    private static let slack = 1.05

    /// What a group of sounds has to say.
    private struct Sums: Sendable {
        var square: Matrix
        var cross: Matrix
        var power = 0.0

        static func += (left: inout Sums, right: Sums) {
            left.square += right.square
            left.cross += right.cross
            left.power += right.power
        }
    }

    private let width: Int
    private var groups: [Sums]

    init(width: Int) {
        self.width = width
        let none = Sums(
            square: Matrix(rows: width + 1, columns: width + 1),
            cross: Matrix(rows: width + 1, columns: 2 * AcousticModel.bands))
        groups = [Sums](repeating: none, count: Self.groups)
    }

    /// Takes in a breath.
    ///
    /// - Parameters:
    ///   - layer: [pairs, width], the decoder's last layer.
    ///   - recorded: [frames, 80] envelopes.
    ///   - model: [2 · pairs, 80], what the shipped voice makes of the same.
    ///   - sounds: The base of each frame of the recording, nil where it holds no speech; pairs are used when both frames do.
    mutating func add(layer: Matrix, recorded: Matrix, model: Matrix, sounds: [Int?]) {
        for group in groups.indices {
            var rows = Matrix(rows: 0, columns: width + 1)
            var beyond = Matrix(rows: 0, columns: 2 * AcousticModel.bands)
            for pair in 0..<min(layer.rows, sounds.count / 2) {
                guard let sound = sounds[2 * pair], sound % Self.groups == group, sounds[2 * pair + 1] != nil else {
                    continue
                }
                rows.append(row: Array(layer.row(pair)) + [1])
                let theirs = recorded.rows(2 * pair..<2 * pair + 2).values
                let ours = model.rows(2 * pair..<2 * pair + 2).values
                beyond.append(row: zip(theirs, ours).map { min(4, max(-4, $0 - $1)) })
            }
            guard rows.rows > 0 else { continue }
            groups[group].square += product(rows, rows, turningA: true)
            groups[group].cross += product(rows, beyond, turningA: true)
            groups[group].power += beyond.values.reduce(0) { $0 + Double($1 * $1) }
        }
    }

    /// The head that explains what was heard.
    ///
    /// Bands that were not recorded go on as the highest ones that were.
    ///
    /// - Parameters:
    ///   - bandwidth: The highest frequency of the recordings in hertz.
    ///   - choosing: Whether the strength of the ridge is chosen; it takes most of the time.
    func solved(bandwidth: Double, choosing: Bool) -> TimbreHead {
        let ridge = choosing ? chosenRidge() : Self.firstRidge
        let solution = solution(total(without: nil), ridge: ridge)
        var result = TimbreHead(width: width)
        result.slopes = solution.rows(0..<width)
        result.level = Array(solution.row(width))
        extend(&result, above: max(8, MelBands.edges.dropFirst(2).count { $0 < bandwidth * 0.97 }))
        return result
    }

    private func chosenRidge() -> Double {
        var errors: [Double] = []
        for ridge in Self.ridges {
            var error = 0.0
            for left in groups.indices { error += heldOutError(of: left, ridge: ridge) }
            errors.append(error)
        }
        let least = errors.min() ?? 0
        for (ridge, error) in zip(Self.ridges, errors) where error <= least * Self.slack { return ridge }
        return Self.firstRidge
    }

    /// The squared error on a group of sounds of what the others foretell.
    private func heldOutError(of left: Int, ridge: Double) -> Double {
        let told = solution(total(without: left), ridge: ridge)
        let squares = product(groups[left].square, told)
        let cross = groups[left].cross
        var error = groups[left].power
        for index in told.values.indices {
            let beyond = Double(squares.values[index]) - 2 * Double(cross.values[index])
            error += Double(told.values[index]) * beyond
        }
        return error
    }

    private func total(without left: Int?) -> Sums {
        let used = groups.indices.filter { $0 != left }
        return used.dropFirst().reduce(into: groups[used[0]]) { $0 += groups[$1] }
    }

    /// [width + 1, 160], by Cholesky's decomposition: square + ridge = lower · lowerᵀ.
    private func solution(_ sums: Sums, ridge: Double) -> Matrix {
        let size = width + 1
        var lower = sums.square.values.map(Double.init)
        for index in 0..<width { lower[index * size + index] += ridge }
        lower[size * size - 1] += 1
        for row in 0..<size {
            for column in 0...row {
                var sum = lower[row * size + column]
                for index in 0..<column { sum -= lower[row * size + index] * lower[column * size + index] }
                lower[row * size + column] =
                    row == column ? max(sum, 1e-9).squareRoot() : sum / lower[column * size + column]
            }
        }
        // all outputs side by side, so that the inner loop runs along memory
        let outputs = sums.cross.columns
        var result = sums.cross.values.map(Double.init)
        func take(_ other: Int, times factor: Double, from row: Int) {
            for output in 0..<outputs { result[row * outputs + output] -= factor * result[other * outputs + output] }
        }
        for row in 0..<size {
            for index in 0..<row { take(index, times: lower[row * size + index], from: row) }
            for output in 0..<outputs { result[row * outputs + output] /= lower[row * size + row] }
        }
        for row in (0..<size).reversed() {
            for index in row + 1..<size { take(index, times: lower[index * size + row], from: row) }
            for output in 0..<outputs { result[row * outputs + output] /= lower[row * size + row] }
        }
        return Matrix(rows: size, columns: outputs, values: result.map(Float.init))
    }

    private func extend(_ head: inout TimbreHead, above known: Int) {
        guard known < AcousticModel.bands else { return }
        for start in [0, AcousticModel.bands] {
            let edge = start + known - 4..<start + known
            for band in start + known..<start + AcousticModel.bands {
                for row in 0..<width {
                    var sum: Float = 0
                    for below in edge { sum += head.slopes[row, below] }
                    head.slopes[row, band] = sum / 4
                }
                var sum: Float = 0
                for below in edge { sum += head.level[below] }
                head.level[band] = sum / 4
            }
        }
    }
}
