import Testing

@testable import Think

@Suite struct SavedDialogueTests {
    /// A dialogue after some utterances, two seconds apart.
    private func dialogue(_ texts: [String]) throws -> Dialogue {
        let domain = try Shipped.car.get()
        var dialogue = Dialogue()
        for (place, text) in texts.enumerated() {
            _ = dialogue.advance(understand(text, in: domain), domain: domain, at: 100 + 2 * Double(place))
        }
        return dialogue
    }

    @Test func aQuestionIsAnsweredAfterARestart() throws {
        let domain = try Shipped.car.get()
        let saved = try dialogue(["调一下空调温度"]).saved(at: 101)
        var renewed = try Dialogue(saved: saved, at: 5, elapsed: 4)
        #expect(renewed.isWaiting)
        let turn = renewed.advance(understand("二十四度", in: domain), domain: domain, at: 6)
        #expect(
            turn.frames.first?.intent == "climate.set_temperature" && turn.frames.first?[slot: "temperature"] != nil)
        // The question is forgotten with time, across restarts too.
        var late = try Dialogue(saved: saved, at: 5, elapsed: 3600)
        #expect(late.expectation(at: 6) == nil)
        #expect(late.advance(understand("二十四度", in: domain), domain: domain, at: 6).frames.isEmpty)
    }

    @Test func everythingComesBack() throws {
        for texts in [
            [], ["打开主驾车窗", "空调调到二十四度", "再高一点"], ["打开后备箱"], ["给张三打电话", "给李四打电话"], ["导航"],
            ["播放周杰伦的\"稻香\"\\"], ["音量调到百分之三十", "音量调到百分之四十"],
        ] {
            let before = try dialogue(texts)
            let after = try Dialogue(saved: before.saved(at: 110), at: 110, elapsed: 0)
            #expect(after.saved(at: 110) == before.saved(at: 110), "\(texts)")
        }
        var dialogue = Dialogue()
        let values: [SlotValue] = [
            .number(2.5), .measure(24, unit: "°C"), .duration(seconds: 90), .text("a\"b"), .option("x"),
            .time(hour: 7, minute: 5), .date(SpokenDate(weekday: 3, weekOffset: 1)),
            .date(SpokenDate(year: 2026, month: 5, day: 1)),
        ]
        let frame = Frame(intent: "phone.call", slots: values.enumerated().map { ("slot\($0)", $1) })
        dialogue.remember(frame, text: "全部", at: 7)
        let back = try Dialogue(saved: dialogue.saved(at: 8), at: 8, elapsed: 0)
        #expect(back.done.first?.frame.slots.map(\.value) == values)
        #expect(back.done.first?.at == 7)
    }

    @Test func badFilesAreErrors() {
        for text in ["", "{}", "{\"version\":2}", "nonsense", "[1,2]", "{\"version\":1"] {
            #expect(throws: ThinkError.self, "\(text)") { try Dialogue(saved: text, at: 0, elapsed: 0) }
        }
    }
}
