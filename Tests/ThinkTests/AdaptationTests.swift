import Tensors
import Testing

@testable import Think

private let models = try? ModelDirectory.locate(Checkout.root + "/Models")

private let clinic = """
    domain: clinic
    languages:
      zh:
        examples:
          register: ["挂一个[明天](date)的[内科](department)号", "我要挂[外科](department)", "帮我约[后天](date)看[牙科](department)"]
          fetch: ["[血常规](test)的报告出来了吗", "帮我取一下[核磁](test)的结果", "查[血常规](test)报告"]
          none: ["今天真热啊", "你吃饭了吗"]
        replies:
          register: ["好的，挂{date}{department}的号", "好的，挂{department}的号"]
    """

@Test func marksOfExamplesAreRead() throws {
    let example = try #require(Example(marked: "挂[明天](date)的[内科](department)号", intent: "register"))
    #expect(example.text == "挂明天的内科号")
    #expect(example.slots == [.init(name: "date", range: 1..<3), .init(name: "department", range: 4..<6)])
    for wrong in ["挂[明天", "挂[明天](", "挂[明天]()号", "挂[](date)"] { #expect(Example(marked: wrong, intent: "x") == nil) }
    let heard = try #require(example.heard(as: "挂明天的那科号"))
    #expect(heard.slots == [.init(name: "date", range: 1..<3), .init(name: "department", range: 4..<6)])
    #expect(example.heard(as: "完全另外的一句话") == nil)
}

@Test func aDomainOfExamplesNeedsItsPrompts() throws {
    let domain = try Domain.load(path: Scratch.file("unlearned.yaml", clinic))
    #expect(domain.isAdapted && domain.examples.count == 8)
    #expect(domain.examples.last == Example(intent: nil, text: "你吃饭了吗"))
    #expect(throws: ThinkError.self) { try Understander(models: #require(models), domain: domain) }
    #expect(throws: ThinkError.self) { try Adaptation(models: #require(models), domain: Shipped.car.get()) }
    let broken = try Scratch.file("broken.yaml", clinic.replacing("[外科]", with: "[外科"))
    #expect(DomainCheck().problems(inFiles: [broken]).contains { $0.isFatal && $0.message.contains("外科") })
}

/// The slopes that learning follows are those of the loss: compared with differences of the loss itself.
@Test func slopesOfPromptsAreThoseOfTheLoss() throws {
    let file = try WeightFile(path: #require(models).file("think.safetensors"))
    let model = try NetworkModel(file, precision: .float32)
    let examples = try Domain.parse(clinic).examples
    var settings = PromptTrainer.Settings()
    settings.epochs = 1
    var trainer = try PromptTrainer(file, model: model, domain: 0, examples: examples, settings: settings)
    // One pass first: at the very start the heads are zero and nothing reaches the prompts.
    trainer.learn(examples) { _, _, _ in }
    func loss(_ change: (inout [[Float]]) -> Void) -> Double {
        var changed = trainer
        changed.change(change)
        var slopes = PromptTrainer.Slopes(changed.prompt)
        for example in examples { changed.add(example, share: 1, to: &slopes) }
        return Double(slopes.loss)
    }
    var slopes = PromptTrainer.Slopes(trainer.prompt)
    for example in examples { trainer.add(example, share: 1, to: &slopes) }
    var random = SeededRandom(5)
    for part in slopes.parts.indices {
        // Along a random direction and along the slope itself.
        var direction = slopes.parts[part].map { _ in Float.random(in: -1...1, using: &random) }
        for place in direction.indices { direction[place] += slopes.parts[part][place] * 3 }
        let length = direction.reduce(0) { $0 + $1 * $1 }.squareRoot()
        guard length > 0 else { continue }
        let step: Float = 0.02 / length
        let up = loss { vectors in for place in direction.indices { vectors[part][place] += step * direction[place] } }
        let down = loss { vectors in for place in direction.indices { vectors[part][place] -= step * direction[place] }
        }
        let measured = (up - down) / (2 * Double(step))
        let told = Double(zip(direction, slopes.parts[part]).reduce(0) { $0 + $1.0 * $1.1 })
        #expect(
            (measured - told).magnitude < 0.03 * max(0.05, told.magnitude), "part \(part): \(measured) against \(told)")
    }
}

@Test func aDomainIsLearnedAndUnderstood() throws {
    let path = try Scratch.file("clinic.yaml", clinic)
    let domain = try Domain.load(path: path)
    var losses: [Double] = []
    let outcome = try Adaptation(models: #require(models), domain: domain).learn(epochs: 60) { _, _, loss in
        losses.append(loss)
    }
    #expect(losses.count == 60 && (losses.last ?? 1) < (losses.first ?? 0) / 3, "\(losses)")
    #expect(outcome.accuracy >= 7.0 / 8 && outcome.sentenceCount == 8)
    let understander = try Understander(models: #require(models), domain: domain)
    let known = understander.understand(text: "挂一个明天的内科号")
    #expect(
        known.intent == "register" && known[slot: "date"] == .text("明天") && known[slot: "department"] == .text("内科"))
    // A sentence nobody wrote.
    #expect(understander.understand(text: "我想挂牙科").intent == "register")
    #expect(understander.understand(text: "今天真热啊").intent == nil)
    // With the shipped domains nothing has changed, and other weights would be told apart.
    let text = try PromptFile.identity(of: WeightFile(path: #require(models).file("think.safetensors")))
    #expect(try WeightFile(path: outcome.path).metadata["weights"] == text)
}
