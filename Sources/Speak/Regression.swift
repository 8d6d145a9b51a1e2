import Tensors

/// What linear regression knows of durations, pitch, voicing, energy and envelopes: sums of table rows chosen by context,
/// between knots over the length of a sound.
///
/// The networks add what this leaves.
struct Regression: Sendable {
    private static let tones = 12

    private let bases: Int
    private let envelope: [String: Table]
    private let control: [String: Table]
    private let duration: [String: Table]

    init(_ file: WeightFile, bases: Int, speakers: Int) throws(TensorError) {
        self.bases = bases
        let pairs = 2 * Self.tones * Self.tones
        func tables(_ group: String, _ sizes: [(String, Int)], _ columns: Int) throws(TensorError) -> [String: Table] {
            var result: [String: Table] = [:]
            for (name, rows) in sizes {
                result[name] = try file.table("prior.\(group).\(name)", rows: rows, columns: columns)
            }
            return result
        }
        envelope = try tables(
            "envelope",
            [
                ("own", bases * 6), ("before", bases * 3), ("after", bases * 3), ("voice", speakers * bases),
                ("control", 3),
            ],
            AcousticModel.bands)
        control = try tables(
            "control",
            [
                ("own", bases * 6), ("before", bases * 3), ("after", bases * 3), ("tone_before", pairs * 5),
                ("tone_after", pairs * 5), ("manner", speakers * Self.tones * 4), ("ending", 36), ("way", 3),
            ], AcousticModel.controls)
        duration = try tables(
            "duration",
            [
                ("own", bases), ("before", bases), ("after", bases), ("tone", Self.tones), ("manner", speakers * 9),
                ("count", 18), ("ending", 9),
            ], 1)
    }

    /// log(1 + frames) of every token.
    func durations(_ context: SoundContext, manner: Int) -> [Float] {
        context.base.indices.map { token in
            let kind = context.kind[token].rawValue
            let rows = [
                ("own", context.base[token]), ("before", context.before[token]), ("after", context.after[token]),
                ("tone", context.tone[token]), ("manner", (manner * 3 + kind) * 3 + context.edge[token]),
                ("count", kind * 6 + context.size), ("ending", context.ending * 3 + context.edge[token]),
            ]
            return rows.reduce(0) { sum, row in sum + (duration[row.0]?[row.1, 0] ?? 0) }
        }
    }

    /// Relative log F0, voicing and energy of every frame.
    func controls(_ context: SoundContext, frames: [Frame], manner: Int) -> Matrix {
        var result = Matrix(rows: frames.count, columns: AcousticModel.controls)
        for (row, frame) in frames.enumerated() {
            let token = frame.token
            let kind = min(1, context.kind[token].rawValue)
            let tone = context.tone[token]
            sounds(control, context, frame, row, &result)
            let pair = (kind * Self.tones + context.toneBefore[token]) * Self.tones + tone
            add(control["tone_before"], pair, frame.place, 5, row, &result)
            let other = (kind * Self.tones + tone) * Self.tones + context.toneAfter[token]
            add(control["tone_after"], other, frame.place, 5, row, &result)
            add(control["manner"], manner * Self.tones + tone, frame.place, 4, row, &result)
            add(control["ending"], context.ending * 3 + context.left[token], frame.place, 4, row, &result)
            add(control["way"], 0, context.way[token], 3, row, &result)
        }
        return result
    }

    /// Adds envelopes to the frames of `result`, which begin at frame `first`.
    func addEnvelopes(
        _ context: SoundContext, frames: [Frame], controls: Matrix, voice: Int, first: Int, to result: inout Matrix
    ) {
        for row in 0..<result.rows {
            let frame = frames[first + row]
            sounds(envelope, context, frame, row, &result)
            add(envelope["voice"], row: voice * bases + context.base[frame.token], 1, row, &result)
            for index in 0..<AcousticModel.controls {
                add(envelope["control"], row: index, controls[first + row, index], row, &result)
            }
        }
    }

    private func sounds(
        _ tables: [String: Table], _ context: SoundContext, _ frame: Frame, _ row: Int, _ result: inout Matrix
    ) {
        add(tables["own"], context.base[frame.token], frame.place, 6, row, &result)
        add(tables["before"], context.before[frame.token], frame.place, 3, row, &result)
        add(tables["after"], context.after[frame.token], frame.place, 3, row, &result)
    }

    private func add(
        _ table: Table?, _ index: Int, _ place: Float, _ knots: Int, _ row: Int, _ result: inout Matrix
    ) {
        let position = min(1, max(0, place)) * Float(knots - 1)
        let knot = min(Int(position), knots - 2)
        let share = position - Float(knot)
        add(table, row: index * knots + knot, 1 - share, row, &result)
        add(table, row: index * knots + knot + 1, share, row, &result)
    }

    private func add(_ table: Table?, row source: Int, _ factor: Float, _ row: Int, _ result: inout Matrix) {
        guard let table, factor != 0 else { return }
        table.add(row: source, times: factor, to: &result.values, at: row * result.columns)
    }
}

/// One frame of a sentence: its token and how far into it, 0…1.
struct Frame: Sendable, Equatable {
    var token: Int
    var place: Float

    /// The frames of tokens of given durations.
    static func all(_ durations: [Int]) -> [Frame] {
        durations.enumerated().flatMap { token, duration in
            (0..<duration).map { Frame(token: token, place: (Float($0) + 0.5) / Float(duration)) }
        }
    }
}
