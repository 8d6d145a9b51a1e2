import Tensors

/// Learns a domain from the examples in its file: what `ting adapt` does.
public struct Adaptation {
    /// More examples than this are more than the method is for.
    public static let mostExamples = 2_000

    private let file: WeightFile
    private let model: NetworkModel
    private let domain: Domain

    /// How an adaptation went.
    public struct Outcome: Sendable {
        /// Where the prompts were written.
        public var path: String
        /// How many numbers were learned.
        public var parameterCount: Int
        /// Sentences learned from, heard variants included.
        public var sentenceCount: Int
        /// The part of the sentences whose whole frame the adapted network now gives.
        public var accuracy: Double
    }

    /// Makes ready to learn the domain of a file; throws when it has no examples.
    public init(models: ModelDirectory, domain: Domain) throws(ThinkError) {
        let path = models.file("think.safetensors")
        do {
            file = try WeightFile(path: path)
        } catch {
            throw .model(path: path, expected: "a readable weight file", found: "\(error)")
        }
        guard domain.isAdapted else {
            throw .malformed(
                path: domain.path, line: 0, expected: "'examples:' by intent and no sentences",
                found: domain.sentenceCount > 0 ? "\(domain.sentenceCount) sentences" : "no examples")
        }
        guard domain.examples.count <= Self.mostExamples else {
            throw .malformed(
                path: domain.path, line: 0, expected: "at most \(Self.mostExamples) examples",
                found: "\(domain.examples.count)")
        }
        model = try NetworkModel(file, precision: .float32)
        self.domain = domain
    }

    /// Learns and writes the prompts beside the domain file.
    ///
    /// - Parameters:
    ///   - heard: The examples as a recogniser heard them, to learn from beside the examples themselves.
    ///   - epochs: Passes over all sentences.
    ///   - progress: Told after each pass, with the mean loss of a sentence.
    public func learn(
        heard: [Example] = [], epochs: Int = 60, progress: (_ epoch: Int, _ of: Int, _ loss: Double) -> Void
    ) throws(ThinkError) -> Outcome {
        let examples = domain.examples + heard
        let vocabulary = model.vocabulary
        let condition = vocabulary.domains.firstIndex(of: domain.name) ?? vocabulary.domains.firstIndex(of: "open") ?? 0
        var settings = PromptTrainer.Settings()
        settings.epochs = epochs
        let learned: LearnedPrompt
        do {
            var trainer = try PromptTrainer(
                file, model: model, domain: condition, examples: examples, settings: settings)
            trainer.learn(examples, progress: progress)
            var prompt = trainer.prompt
            prompt.memory = ExampleMemory(domain.examples, labels: prompt.labels)
            learned = prompt
        } catch {
            throw .model(path: file.path, expected: "the understanding network's weights", found: "\(error)")
        }
        let path = PromptFile.path(forDomain: domain.path)
        try PromptFile.write(learned, for: file, domain: domain.name, to: path)
        let right = examples.filter { answer(to: $0, condition: condition, learned) == $0 }.count
        return Outcome(
            path: path, parameterCount: learned.parameterCount, sentenceCount: examples.count,
            accuracy: Double(right) / Double(max(1, examples.count)))
    }

    private func answer(to example: Example, condition: Int, _ prompt: LearnedPrompt) -> Example? {
        let text = example.text.unicodeScalars.prefix(NetworkShape.longestText).map(NetworkVocabulary.normalise)
        let output = model(Array(text), domain: condition, prompt: prompt)
        guard let frame = NetworkDecoder(labels: prompt.labels).decode(output) else { return nil }
        let intent = prompt.labels.intents[frame.intent].name
        return Example(
            intent: intent == Example.nothing ? nil : intent, text: example.text,
            slots: frame.slots.map { Example.Slot(name: $0.name, range: $0.range) })
    }
}
