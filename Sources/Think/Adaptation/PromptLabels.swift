import Tensors

/// What an adapted domain can answer, and the vectors that were learned for it.
struct LearnedPrompt: Sendable {
    var labels: NetworkVocabulary.Labels
    /// Rows that every text is read with, [prompts, width].
    var rows: Matrix
    /// Added to every row of the text: the condition of the domain.
    var condition: [Float]
    /// [intents, 2 · width] with a bias each.
    var intents: Matrix
    var intentBias: [Float]
    /// [tags, width] with a bias each.
    var tags: Matrix
    var tagBias: [Float]
    /// The sentences that it was learned from; they have a say in the intent.
    var memory = ExampleMemory()

    /// How many numbers were learned.
    var parameterCount: Int {
        rows.values.count + condition.count + intents.values.count + intentBias.count + tags.values.count
            + tagBias.count
    }

    /// The labels of examples: intents in the order of their first sentence, slots by name.
    static func labels(of examples: [Example]) -> NetworkVocabulary.Labels {
        var result = NetworkVocabulary.Labels()
        var places: [String: Int] = [:]
        for example in examples {
            let name = example.intent ?? Example.nothing
            if places[name] == nil {
                places[name] = result.intents.count
                result.intents.append(NetworkVocabulary.Intent(name: name, slots: []))
            }
            result.intents[places[name] ?? 0].slots.formUnion(example.slots.map(\.name))
        }
        let slots = Set(examples.flatMap { $0.slots.map(\.name) }).sorted()
        result.tags = ["O"] + slots.flatMap { ["B-\($0)", "I-\($0)"] }
        if places[Example.nothing] != nil { result.nothing = Example.nothing }
        return result
    }
}
