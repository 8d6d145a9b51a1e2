import Testing

@testable import Think

@Suite("example memory")
struct ExampleMemoryTests {
    private let memory = ExampleMemory([
        .init(intent: 0, text: "挂一个内科号", slots: [3..<5]),
        .init(intent: 1, text: "帮我取一下核磁的结果", slots: [5..<7]),
    ])

    private func votes(_ text: String, _ memory: ExampleMemory) -> [Float] {
        var logits: [Float] = [0, 0, 0]
        memory.vote(on: Array(text.unicodeScalars), into: &logits)
        return logits
    }

    @Test("the intent of the likest sentence gains, whatever stands in its slot")
    func theLikestGains() {
        let votes = votes("挂一个骨科号", memory)
        #expect(votes[0] > 0.5 * ExampleMemory.weight)
        #expect(votes[1] < 0.1 * ExampleMemory.weight)
        #expect(votes[2] == 0)
    }

    @Test("a text like none of them, an empty one and an empty memory change nothing")
    func nothingInCommon() {
        #expect(votes("北京天气", memory) == [0, 0, 0])
        #expect(votes("", memory) == [0, 0, 0])
        #expect(votes("挂一个内科号", ExampleMemory()) == [0, 0, 0])
    }

    @Test("lines hold the sentences; what is none is left out")
    func linesAreRead() {
        let again = ExampleMemory(lines: memory.lines + "\nx\t\tabc\n3\n-1\t\ty\n2\t5-2 7\t没有")
        #expect(again.sentences.prefix(2) == memory.sentences[...])
        #expect(again.sentences.dropFirst(2).elementsEqual([.init(intent: 2, text: "没有", slots: [])]))
        // An intent that the labels do not have is no place to write to.
        #expect(votes("没有", ExampleMemory([.init(intent: 7, text: "没有", slots: [])])) == [0, 0, 0])
    }
}
