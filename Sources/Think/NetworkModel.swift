import Tensors

/// The sizes of the network, from the weight file.
struct NetworkShape: Sendable {
    /// Distances beyond this share one learned bias.
    static let reach = 16
    /// The text itself, and up to four turns before it.
    static let segments = 5
    static let stateWidth = 512
    /// States are averaged by fours before they are attended to.
    static let stateStride = 4
    static let longestText = 96
    static let longestTurn = 16

    let width: Int
    let heads: Int
    let feedWidth: Int
    let layers: Int
    let crossLayers: Set<Int>

    var relativeCount: Int { 2 * Self.reach + 1 + Self.segments * Self.segments }

    init(_ file: WeightFile) throws(ThinkError) {
        func number(_ name: String) throws(ThinkError) -> Int {
            guard let value = file.metadata[name].flatMap({ Int($0) }), (1...64).contains(value) else {
                throw .model(path: file.path, expected: "'\(name)' from 1 to 64", found: file.metadata[name] ?? "none")
            }
            return value
        }
        heads = try number("heads")
        layers = try number("layers")
        crossLayers = Set((file.metadata["crossLayers"] ?? "").split(separator: " ").compactMap { Int($0) })
        guard let input = file.shape(of: "input.weight"), let up = file.shape(of: "blocks.0.up.weight"),
            input.count == 2, up.count == 2, input[0] % heads == 0
        else { throw .model(path: file.path, expected: "an input layer and blocks", found: "none that fit") }
        width = input[0]
        feedWidth = up[0]
    }
}

/// What the network says about one text; scores are logits.
struct NetworkOutput: Sendable {
    /// All intents of all domains.
    var intents: [Float]
    /// A row for each character, a column for each tag of all domains.
    var tags: Matrix
    var acts: [Float]
    var directed: Float
}

/// An earlier turn, as the network sees it.
struct NetworkTurn: Sendable {
    var tokens: [NetworkVocabulary.Token]
    /// The intent among all domains; nil when it is not one of them.
    var intent: Int?
    var hasSlots: Bool
}

/// The understanding transformer: text, the turns before it, and Hear's states when there are any, in one pass.
struct NetworkModel: Sendable {
    let vocabulary: NetworkVocabulary
    let shape: NetworkShape
    let precision: Precision
    let emotion: NetworkEmotion?
    let asked: NetworkAsked?
    private let lists: NetworkLists
    private let characters: Table
    private let syllables: Table
    private let tones: Table
    private let input: Linear
    private let segments: Table
    private let domains: Table
    private let before: Table
    private let active: Table
    private let near: Linear
    private let nearNorm: LayerNorm
    private let blocks: [NetworkBlock]
    private let norm: LayerNorm
    private let states: Linear
    private let intentHead: Linear
    private let tagHead: Linear
    private let actHead: Linear
    private let directedHead: Linear

    /// Reads `think.safetensors`; weights stay mapped.
    init(_ file: WeightFile, precision: Precision) throws(ThinkError) {
        vocabulary = try NetworkVocabulary(file)
        shape = try NetworkShape(file)
        lists = try NetworkLists(file, listCount: vocabulary.lists.count)
        self.precision = precision
        do {
            (characters, syllables, tones) = (
                try Self.table(file, "char", rows: vocabulary.characterCount),
                try Self.table(file, "syllable", rows: vocabulary.syllables.count + 1),
                try Self.table(file, "tone", rows: 6)
            )
            let width = shape.width
            let columns =
                characters.columns + syllables.columns + tones.columns
                + vocabulary.lists.count * NetworkLists.columnsPerList
            let intents = vocabulary.intentCount
            input = try file.linear("input", inputs: columns, outputs: width, precision: precision)
            segments = try file.table("segment", rows: NetworkShape.segments, columns: width)
            domains = try file.table("domain", rows: vocabulary.domains.count, columns: width)
            before = try file.table("before", rows: 2 * intents + 2, columns: width)
            active = try file.table("active", rows: intents + 2, columns: width)
            near = try file.linear("near", inputs: 3 * width, outputs: width, precision: precision)
            nearNorm = try file.layerNorm("near_norm", count: width)
            var blocks: [NetworkBlock] = []
            for index in 0..<shape.layers {
                blocks.append(try NetworkBlock(file, index: index, shape: shape, precision: precision))
            }
            self.blocks = blocks
            norm = try file.layerNorm("norm", count: width)
            states = try file.linear("states", inputs: NetworkShape.stateWidth, outputs: width, precision: precision)
            intentHead = try file.linear("intent", inputs: 2 * width, outputs: intents, precision: precision)
            tagHead = try file.linear("tags", inputs: width, outputs: vocabulary.tagCount, precision: precision)
            actHead = try file.linear("act", inputs: 2 * width, outputs: vocabulary.acts.count, precision: precision)
            emotion = try NetworkEmotion(file)
            asked = try NetworkAsked(file)
            directedHead = try file.linear("directed", inputs: 2 * width, outputs: 1, precision: precision)
        } catch {
            throw .model(path: file.path, expected: "the understanding network's weights", found: "\(error)")
        }
    }

    private static func table(_ file: WeightFile, _ name: String, rows: Int) throws(TensorError) -> Table {
        try file.table(name, rows: rows, columns: file.shape(of: "\(name).weight")?.last ?? 0)
    }

    /// One pass over a text (normalised, at most `NetworkShape.longestText` characters).
    ///
    /// - Parameters:
    ///   - turns: Earlier turns, oldest first; the last four count.
    ///   - active: 0 at a session's first turn, 1 when nothing is going on, else 2 + the intent that is.
    ///   - states: Hear's states, [frames, 512], or nil.
    func callAsFunction(
        _ text: [Unicode.Scalar], domain: Int, turns: [NetworkTurn], active state: Int, states sound: Matrix? = nil
    ) -> NetworkOutput {
        let recent = Array(turns.suffix(NetworkShape.segments - 1))
        var x = embedded(text, domain: domain, turns: recent, active: state)
        run(&x, pairs: pairs(rows: x.rows, first: recent.count), states: sound)
        return heads(x, first: recent.count)
    }

    /// One pass over a text of an adapted domain, with what was learned for it.
    func callAsFunction(_ text: [Unicode.Scalar], domain: Int, prompt: LearnedPrompt) -> NetworkOutput {
        var own = rows(of: text, domain: domain)
        own.addToRows(prompt.condition)
        var x = prompt.rows
        x.append(own)
        run(&x, pairs: pairs(rows: x.rows, prompts: prompt.rows.rows), states: nil)
        var output = heads(x, first: prompt.rows.rows)
        output.intents =
            TrainableBlock.affine(Self.pooled(x, first: prompt.rows.rows), (prompt.intents, prompt.intentBias)).values
        prompt.memory.vote(on: text, into: &output.intents)
        let characters = x.rows(min(x.rows, prompt.rows.rows + 1)..<x.rows)
        output.tags = TrainableBlock.affine(characters, (prompt.tags, prompt.tagBias))
        return output
    }

    /// The rows of a text alone as they enter the first layer: one for the text, one a character.
    /// - Parameter blind: Characters that are shown by their sound only.
    func rows(of text: [Unicode.Scalar], domain: Int, blind: Set<Int> = []) -> Matrix {
        embedded(text, domain: domain, turns: [], active: 0, blind: blind)
    }

    private func embedded(
        _ text: [Unicode.Scalar], domain: Int, turns recent: [NetworkTurn], active state: Int, blind: Set<Int> = []
    ) -> Matrix {
        let first = recent.count
        var x = input(features(text, turns: recent, blind: blind))
        for row in 0..<x.rows {
            let segment = row < first ? first - row : 0
            let start = row * x.columns
            segments.add(row: segment, times: 1, to: &x.values, at: start)
            domains.add(row: domain, times: 1, to: &x.values, at: start)
            if row < first { before.add(row: mark(of: recent[row]), times: 1, to: &x.values, at: start) }
            if row == first { active.add(row: state, times: 1, to: &x.values, at: start) }
        }
        var window = Matrix(rows: x.rows, columns: 3 * x.columns)
        for row in 0..<x.rows {
            for tap in 0..<3 where x.values.indices.contains((row + tap - 1) * x.columns) {
                window.values.replaceSubrange(
                    (row * 3 + tap) * x.columns..<(row * 3 + tap + 1) * x.columns, with: x.row(row + tap - 1))
            }
        }
        var neighbours = near(window)
        gelu(&neighbours)
        x += neighbours
        nearNorm.apply(&x)
        return x
    }

    private func run(_ x: inout Matrix, pairs: [Int], states sound: Matrix?) {
        let memory = sound.flatMap { averaged($0) }.map { states($0) }
        for block in blocks { block.apply(&x, pairs: pairs, memory: memory) }
        norm.apply(&x)
    }

    /// The row of the text beside the mean of its characters' rows, [1, 2 · width].
    static func pooled(_ x: Matrix, first: Int) -> Matrix {
        let width = x.columns
        let count = x.rows - first - 1
        var pooled = Matrix(rows: 1, columns: 2 * width)
        pooled.values.replaceSubrange(0..<width, with: x.row(first))
        for row in first + 1..<max(first + 1, x.rows) {
            for column in 0..<width { pooled.values[width + column] += x[row, column] / Float(count) }
        }
        return pooled
    }

    private func mark(of turn: NetworkTurn) -> Int {
        turn.intent.map { 2 + 2 * $0 + (turn.hasSlots ? 1 : 0) } ?? 1
    }

    private func heads(_ x: Matrix, first: Int) -> NetworkOutput {
        let width = x.columns
        let count = x.rows - first - 1
        let pooled = Self.pooled(x, first: first)
        let own = count > 0 ? x.rows(first + 1..<x.rows) : Matrix(rows: 0, columns: width)
        return NetworkOutput(
            intents: intentHead(pooled).values,
            tags: count > 0 ? tagHead(own) : Matrix(rows: 0, columns: vocabulary.tagCount),
            acts: actHead(pooled).values, directed: directedHead(pooled).values[0])
    }

    /// Rows of embeddings and list marks: a row for each turn, one for the text, one for each character.
    private func features(_ text: [Unicode.Scalar], turns: [NetworkTurn], blind: Set<Int>) -> Matrix {
        let first = turns.count
        var x = Matrix(rows: first + 1 + text.count, columns: input.inputs)
        for (row, turn) in turns.enumerated() where !turn.tokens.isEmpty {
            let share = 1 / Float(turn.tokens.count)
            for token in turn.tokens { add(token, to: &x, row: row, times: share) }
        }
        add(NetworkVocabulary.textToken, to: &x, row: first, times: 1)
        var tokens = text.map(vocabulary.token)
        for place in blind where tokens.indices.contains(place) { tokens[place].character = 1 }
        for (index, token) in tokens.enumerated() { add(token, to: &x, row: first + 1 + index, times: 1) }
        lists.mark(
            text, tokens: tokens, syllables: vocabulary.syllables, in: &x, row: first + 1,
            column: characters.columns + syllables.columns + tones.columns)
        return x
    }

    private func add(_ token: NetworkVocabulary.Token, to x: inout Matrix, row: Int, times factor: Float) {
        var column = row * x.columns
        for (table, index) in [(characters, token.character), (syllables, token.syllable), (tones, token.tone)] {
            table.add(row: index, times: factor, to: &x.values, at: column)
            column += table.columns
        }
    }

    /// Which learned bias two rows share: their distance within the text, else their turns.
    private func pairs(rows: Int, first: Int) -> [Int] {
        let reach = NetworkShape.reach
        var result: [Int] = []
        result.reserveCapacity(rows * rows)
        for query in 0..<rows {
            for key in 0..<rows {
                let from = query < first ? first - query : 0
                let to = key < first ? first - key : 0
                if from == to {
                    result.append(from == 0 ? min(max(key - query, -reach), reach) + reach : reach)
                } else {
                    result.append(2 * reach + 1 + from * NetworkShape.segments + to)
                }
            }
        }
        return result
    }

    /// The same with prompt rows before the text: those have no place, so that no bias is learned for them.
    func pairs(rows: Int, prompts: Int) -> [Int] {
        let own = pairs(rows: rows - prompts, first: 0)
        var result = [Int](repeating: -1, count: rows * rows)
        for row in prompts..<max(prompts, rows) {
            let start = (row - prompts) * (rows - prompts)
            result.replaceSubrange(
                row * rows + prompts..<(row + 1) * rows, with: own[start..<start + rows - prompts])
        }
        return result
    }

    /// The means of every four states; nil when there are none or they are not Hear's.
    private func averaged(_ states: Matrix) -> Matrix? {
        let stride = NetworkShape.stateStride
        guard states.rows > 0, states.columns == NetworkShape.stateWidth else { return nil }
        var result = Matrix(rows: (states.rows + stride - 1) / stride, columns: states.columns)
        for row in 0..<states.rows {
            let count = min(stride, states.rows - row / stride * stride)
            for column in 0..<states.columns {
                result[row / stride, column] += states[row, column] / Float(count)
            }
        }
        return result
    }
}
