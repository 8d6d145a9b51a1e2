import Glibc
import Testing

@testable import Think

/// One sentence with hassil's own answer.
private struct Answer {
    var text: String
    var context: [String: ContextValue]
    var intent: String?
    var slots: [String: ContextValue]

    init(line: String) throws {
        let tree = try YAMLTree.parse(line, path: "answers")
        text = tree["text"]?.raw ?? ""
        intent = tree["intent"]?.text
        context = Self.map(tree["context"])
        slots = Self.map(tree["slots"])
    }

    private static func map(_ tree: YAMLTree?) -> [String: ContextValue] {
        if case .map(let map)? = tree.map(ContextValue.init) { return map }
        return [:]
    }
}

/// Whether a slot value is what hassil says.
private func agrees(_ value: SlotValue, with wanted: ContextValue) -> Bool {
    switch wanted {
    case .number(let number):
        value.numericValue.map { ($0 - number).magnitude < 1e-9 } ?? (value.textValue == "\(Int(number))")
    case .string(let text): value.textValue == text
    default: false
    }
}

private func disagreements(_ answers: String, _ domain: Domain) throws -> [String] {
    var wrong: [String] = []
    for line in try Checkout.lines(answers) {
        let answer = try Answer(line: line)
        let best = domain.match(answer.text, context: answer.context).first
        var slots: [String: SlotValue] = [:]
        for (name, value) in best?.slots ?? [] { slots[name] = value }
        let isSame =
            best?.intent == answer.intent && slots.count == answer.slots.count
            && slots.allSatisfy { name, value in answer.slots[name].map { agrees(value, with: $0) } ?? false }
        if !isSame { wrong.append("\(line) ≠ \(best?.json ?? "null") [\(best?.template ?? "")]") }
    }
    return wrong
}

@Test func smallEnglishGrammarAnswersAsHassil() throws {
    let wrong = try disagreements("answers-small.jsonl", Domain.load(path: Checkout.fixture("small.yaml")))
    #expect(wrong.isEmpty, "\(wrong.joined(separator: "\n"))")
}

@Test func smallChineseGrammarAnswersAsHassil() throws {
    let wrong = try disagreements("answers-small-zh.jsonl", Domain.load(path: Checkout.fixture("small-zh.yaml")))
    #expect(wrong.isEmpty, "\(wrong.joined(separator: "\n"))")
}

/// Where home-assistant-intents keeps its sentences, when it is installed.
private let package = getenv("TING_HASSIL_DATA").map { String(cString: $0) }

@Test(.enabled(if: package != nil), arguments: ["en", "zh-CN"])
func thePackagesSentencesLoadUnchangedAndAnswerAsHassil(language: String) throws {
    let folder = try #require(package)
    let domain = try Domain.load(paths: ["\(folder)/\(language).json", Checkout.fixture("names-\(language).yaml")])
    #expect(domain.sentenceCount > 600)
    let wrong = try disagreements("answers-\(language).jsonl", domain)
    // hassil itself gives the wrong sign where a multiplied range shares its bounds with another: see the script.
    let others = wrong.filter { !$0.contains("volume_step") }
    #expect(others.isEmpty && wrong.count <= 8, "\(wrong.joined(separator: "\n"))")
}
