import Glibc
import Tensors

/// Learns prompt vectors for a domain from a few sentences, with everything else of the network frozen.
///
/// Prompt rows that every text is read with, a condition added to its rows, and a vector for each intent and slot tag are
/// learned by Adam on the summed cross-entropies of intent and tags (prefix tuning, Li and Liang 2021, in the input of the
/// layers only).
struct PromptTrainer {
    /// How to learn.
    struct Settings: Sendable {
        /// Prompt rows.
        var rows = 8
        /// Passes over all sentences.
        var epochs = 60
        /// Adam's step at the start; it falls to nothing along a half cosine.
        var rate: Float = 4e-3
        /// How far learned vectors are drawn back to zero in each step, as a share of the rate.
        var decay: Float = 0.01
        /// Sentences whose slopes are added before a step.
        var batch = 8
        /// The share of characters that are shown only as their sound, or not at all.
        var blind = 0.08
        /// Draws the beginning and the order.
        var seed: UInt64 = 1
    }

    private let model: NetworkModel
    private let blocks: [TrainableBlock]
    private let norm: LayerNorm
    private let domain: Int
    private let settings: Settings
    private(set) var prompt: LearnedPrompt
    private var state: [AdamState]
    private var steps = 0
    private var random: SplitMix

    private struct AdamState {
        var mean: [Float]
        var square: [Float]
    }

    /// The slopes of one batch, in the order of `LearnedPrompt.vectors`.
    struct Slopes {
        var parts: [[Float]]
        var loss: Float = 0

        init(_ prompt: LearnedPrompt) { parts = prompt.vectors.map { [Float](repeating: 0, count: $0.count) } }
    }

    init(
        _ file: WeightFile, model: NetworkModel, domain: Int, examples: [Example], settings: Settings
    ) throws(TensorError) {
        self.model = model
        self.domain = domain
        self.settings = settings
        var blocks: [TrainableBlock] = []
        for index in 0..<model.shape.layers {
            blocks.append(try TrainableBlock(file, index: index, shape: model.shape))
        }
        self.blocks = blocks
        norm = try file.layerNorm("norm", count: model.shape.width)
        random = SplitMix(state: settings.seed)
        let width = model.shape.width
        let labels = LearnedPrompt.labels(of: examples)
        var rows = Matrix(rows: settings.rows, columns: width)
        for place in rows.values.indices { rows.values[place] = Float(random.unit() - 0.5) }
        prompt = LearnedPrompt(
            labels: labels, rows: rows, condition: [Float](repeating: 0, count: width),
            intents: Matrix(rows: labels.intents.count, columns: 2 * width),
            intentBias: [Float](repeating: 0, count: labels.intents.count),
            tags: Matrix(rows: labels.tags.count, columns: width),
            tagBias: [Float](repeating: 0, count: labels.tags.count))
        state = prompt.vectors.map {
            AdamState(mean: [Float](repeating: 0, count: $0.count), square: [Float](repeating: 0, count: $0.count))
        }
    }

    /// Learns from the sentences; `progress` is told after each pass, with the mean loss of a sentence.
    mutating func learn(_ examples: [Example], progress: (_ epoch: Int, _ of: Int, _ loss: Double) -> Void) {
        guard !examples.isEmpty else { return }
        let perEpoch = (examples.count + settings.batch - 1) / settings.batch
        for epoch in 0..<settings.epochs {
            var order = Array(examples.indices)
            order.shuffle(using: &random)
            var total: Float = 0
            for start in stride(from: 0, to: order.count, by: settings.batch) {
                var slopes = Slopes(prompt)
                let batch = order[start..<min(order.count, start + settings.batch)]
                for index in batch {
                    let blind = blindness(of: examples[index].text.unicodeScalars.count)
                    add(examples[index], share: 1 / Float(batch.count), blind: blind, to: &slopes)
                }
                total += slopes.loss
                step(slopes, of: perEpoch * settings.epochs)
            }
            progress(epoch + 1, settings.epochs, Double(total) / Double(perEpoch))
        }
    }

    /// Changes what was learned so far.
    mutating func change(_ body: (inout [[Float]]) -> Void) {
        var vectors = prompt.vectors
        body(&vectors)
        prompt.vectors = vectors
    }

    /// Which characters of a text are hidden in this pass.
    private mutating func blindness(of count: Int) -> Set<Int> {
        Set((0..<count).filter { _ in random.unit() < settings.blind })
    }

    /// Adds one sentence's loss and slopes.
    func add(_ example: Example, share: Float, blind: Set<Int> = [], to slopes: inout Slopes) {
        let text = example.text.unicodeScalars.prefix(NetworkShape.longestText).map(NetworkVocabulary.normalise)
        guard let intent = prompt.labels.intents.firstIndex(where: { $0.name == example.intent ?? Example.nothing })
        else { return }
        var x = model.rows(of: Array(text), domain: domain, blind: blind)
        x.addToRows(prompt.condition)
        var joined = prompt.rows
        joined.append(x)
        let pairs = model.pairs(rows: joined.rows, prompts: prompt.rows.rows)
        var tapes: [TrainableBlock.Tape] = []
        for block in blocks { tapes.append(block.forward(&joined, pairs: pairs)) }
        let normed = norm(joined)
        var slope = losses(normed, intent: intent, tags: gold(example, count: text.count), share: share, &slopes)
        slope = TrainableBlock.backThroughNorm(slope, input: joined, norm)
        for (block, tape) in zip(blocks, tapes).reversed() { slope = block.backward(slope, tape) }
        let prompts = prompt.rows.values.count
        for place in 0..<prompts { slopes.parts[0][place] += slope.values[place] }
        for place in prompts..<slope.values.count {
            slopes.parts[1][(place - prompts) % slope.columns] += slope.values[place]
        }
    }

    private func gold(_ example: Example, count: Int) -> [Int] {
        var tags = [Int](repeating: 0, count: count)
        for slot in example.slots {
            guard let begin = prompt.labels.tags.firstIndex(of: "B-\(slot.name)"), slot.range.upperBound <= count else {
                continue
            }
            for place in slot.range { tags[place] = place == slot.range.lowerBound ? begin : begin + 1 }
        }
        return tags
    }

    /// Cross-entropies at the heads; answers the slope at the normed rows.
    private func losses(
        _ x: Matrix, intent: Int, tags gold: [Int], share: Float, _ slopes: inout Slopes
    ) -> Matrix {
        let width = x.columns
        let first = prompt.rows.rows
        let count = gold.count
        let pooled = NetworkModel.pooled(x, first: first)
        let scores = TrainableBlock.affine(pooled, (prompt.intents, prompt.intentBias))
        let intentSlope = Self.crossEntropy(scores.values, gold: intent, share: share, &slopes.loss)
        var back = Matrix(rows: x.rows, columns: width)
        for (label, value) in intentSlope.enumerated() {
            slopes.parts[3][label] += value
            for column in 0..<2 * width {
                slopes.parts[2][label * 2 * width + column] += value * pooled.values[column]
                let through = value * prompt.intents[label, column]
                if column < width {
                    back[first, column] += through
                } else {
                    for row in first + 1..<first + 1 + count { back[row, column - width] += through / Float(count) }
                }
            }
        }
        guard count > 0, prompt.labels.tags.count > 1 else { return back }
        let own = x.rows(first + 1..<x.rows)
        let tagScores = TrainableBlock.affine(own, (prompt.tags, prompt.tagBias))
        for row in 0..<count {
            let slope = Self.crossEntropy(Array(tagScores.row(row)), gold: gold[row], share: share / 2, &slopes.loss)
            for (label, value) in slope.enumerated() where value != 0 {
                slopes.parts[5][label] += value
                for column in 0..<width {
                    slopes.parts[4][label * width + column] += value * own[row, column]
                    back[first + 1 + row, column] += value * prompt.tags[label, column]
                }
            }
        }
        return back
    }

    private static func crossEntropy(_ scores: [Float], gold: Int, share: Float, _ loss: inout Float) -> [Float] {
        let top = scores.max() ?? 0
        let sum = scores.reduce(Float(0)) { $0 + expf($1 - top) }
        loss += share * (top + logf(sum) - scores[gold])
        return scores.enumerated().map { share * (expf($1 - top) / sum - ($0 == gold ? 1 : 0)) }
    }

    /// One step of Adam with decoupled decay.
    private mutating func step(_ slopes: Slopes, of total: Int) {
        steps += 1
        let rate = settings.rate * 0.5 * (1 + cosf(.pi * Float(steps) / Float(max(1, total))))
        let (first, second) = (1 - powf(0.9, Float(steps)), 1 - powf(0.98, Float(steps)))
        var vectors = prompt.vectors
        for part in vectors.indices {
            for place in vectors[part].indices {
                let slope = slopes.parts[part][place]
                let mean = 0.9 * state[part].mean[place] + 0.1 * slope
                let square = 0.98 * state[part].square[place] + 0.02 * slope * slope
                state[part].mean[place] = mean
                state[part].square[place] = square
                let move = mean / first / ((square / second).squareRoot() + 1e-8)
                vectors[part][place] -= rate * (move + settings.decay * vectors[part][place])
            }
        }
        prompt.vectors = vectors
    }
}

extension LearnedPrompt {
    /// Everything that is learned: prompt rows, condition, intents with biases, tags with biases.
    var vectors: [[Float]] {
        get { [rows.values, condition, intents.values, intentBias, tags.values, tagBias] }
        set {
            rows.values = newValue[0]
            condition = newValue[1]
            intents.values = newValue[2]
            intentBias = newValue[3]
            tags.values = newValue[4]
            tagBias = newValue[5]
        }
    }
}

/// Random numbers that are the same in every run (SplitMix64).
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
        return z ^ z >> 31
    }

    /// A number in 0..<1.
    mutating func unit() -> Double { Double(next() >> 11) / Double(UInt64(1) << 53) }
}
