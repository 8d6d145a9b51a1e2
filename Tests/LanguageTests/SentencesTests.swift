import Testing

@testable import Language

@Suite struct SentencesTests {
    @Test func sentencesEndAtTheirMarks() {
        let text = "你好！今天24.5度，打开空调吗？\n好的……谢谢。www.baidu.com是网址"
        #expect(
            Array(Sentences(text)) == ["你好！", "今天24.5度，打开空调吗？\n", "好的……", "谢谢。", "www.baidu.com是网址"])
    }

    @Test func emptyTextHasNoSentence() {
        for text in ["", "   ", "。。。！？", "\n\n"] { #expect(Array(Sentences(text)).isEmpty) }
    }

    @Test func nothingIsLostAndNothingIsEndless() {
        let text = String(repeating: "今天天气很好，", count: 500) + String(repeating: "长", count: 1000)
        let parts = Array(Sentences(text))
        #expect(parts.joined() == text)
        #expect(parts.allSatisfy { $0.count <= 240 })
    }
}
