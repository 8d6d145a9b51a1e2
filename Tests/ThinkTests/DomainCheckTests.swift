import Language
import Testing

@testable import Think

private func problems(_ text: String, canSay: @escaping @Sendable (String, Dialect) -> Bool = { _, _ in true }) throws
    -> [DomainProblem]
{
    var source = DomainSource()
    try source.add(YAMLTree.parse(text, path: "x.yaml"), path: "x.yaml")
    return DomainCheck(canPronounce: canSay).problems(in: Domain(source: source))
}

private func has(_ problems: [DomainProblem], _ kind: DomainProblem.Kind, line: Int) -> Bool {
    problems.contains { $0.kind == kind && $0.place.line == line && !$0.suggestion.isEmpty }
}

@Test func everyKindOfProblemIsFoundWithItsLine() throws {
    let text = """
        domain: x
        languages:
          zh:
            lists:
              room: {values: [客厅, 卧室]}
              song: {wildcard: true}
            intents:
              light.on:
                - 打开{rom}的灯
                - 打开<thing>
                - 开(灯
                - 把灯打开
                - 灯
              light.off:
                - 把灯打开
                - "{song}"
                - 关掉堃囧
            replies:
              light.onn: [好的]
              light.off: ["好的，{rooms}灯关了"]
        frames:
          light.on: {off: light.of, needs: [room], colour: red}
        """
    let found = try problems(text) { word, _ in !word.contains("囧") }
    #expect(has(found, .unknownList, line: 9))
    #expect(found.contains { $0.suggestion == "did you mean 'room'?" })
    #expect(has(found, .unknownRule, line: 10))
    #expect(has(found, .syntax, line: 11))
    #expect(has(found, .short, line: 13))
    #expect(has(found, .collision, line: 12) || has(found, .collision, line: 15))
    #expect(has(found, .short, line: 16))
    #expect(has(found, .unpronounceable, line: 17))
    #expect(has(found, .unknownName, line: 19))
    #expect(has(found, .unknownName, line: 20))
    #expect(has(found, .unknownName, line: 22))
    #expect(has(found, .structure, line: 22))
    for problem in found { #expect(!problem.description.contains("\n")) }
}

@Test func anIntentWrittenTwiceIsNamed() {
    let found = DomainCheck().problems(inFiles: ["/nowhere.yaml"])
    #expect(found.first?.isFatal == true)
}

@Test func shippedDomainsHaveNoErrors() {
    for name in ["car", "home"] {
        let found = DomainCheck().problems(inFiles: [Checkout.domain(name)])
        let serious = found.filter { $0.isFatal || $0.kind == .unknownName }
        #expect(serious.isEmpty, "\(serious.map(\.description).joined(separator: "\n"))")
    }
}
