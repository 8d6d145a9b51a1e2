import Testing

@testable import Wyoming

@Suite struct JSONTests {
    @Test func valuesSurviveTheRoundTrip() throws {
        let value: JSONValue = [
            "text": "打开\"车窗\"\n\u{1F600}", "count": 16000, "half": 0.5, "list": [true, false, .null], "empty": [:],
        ]
        #expect(try JSONValue(parsing: value.text) == value)
        #expect(value.text.hasPrefix(#"{"text": "打开\"车窗\"\n😀", "count": 16000, "half": 0.5"#))
    }

    @Test func everyFormOfNumberAndEscapeIsRead() throws {
        let text = #" [0, -1, 1.5e3, 2E-2, "\u4f60\ud83d\ude00\/\b", "\ud800", ""] "#
        let value = try JSONValue(parsing: text)
        #expect(value == [0, -1, 1500, 0.02, "你😀/\u{8}", "\u{FFFD}", ""])
    }

    @Test func whatIsNotJSONIsRefusedWithItsPlace() {
        let bad = [
            "", "{", "[1,]", "{\"a\" 1}", "{a: 1}", "01", "1.", "+1", "nul", "\"a", "\"\\x\"", "\"\\u12g4\"", "1 2",
            "\"\u{1}\"", "NaN", "1e999", "[1", "{\"a\":1,}", "\"\\u+123\"",
        ]
        for text in bad {
            #expect(throws: WyomingError.self, "\(text)") { try JSONValue(parsing: text) }
        }
        #expect(throws: WyomingError.json("at byte 6: expected a value, found '}'")) {
            try JSONValue(parsing: "{\"a\": }")
        }
        #expect(throws: WyomingError.notUTF8) { try JSONValue(parsing: [0x22, 0xFF, 0x22]) }
    }

    @Test func aDeepNestIsRefusedBeforeTheStackEnds() {
        #expect(throws: WyomingError.json("at byte 64: more than 64 levels deep")) {
            try JSONValue(parsing: String(repeating: "[", count: 1_000_000))
        }
    }

    @Test func membersAreSetReplacedAndRemoved() {
        var value: JSONValue = ["a": 1, "b": 2]
        value["a"] = 3
        value["c"] = "x"
        value["b"] = nil
        #expect(value.text == #"{"a": 3, "c": "x"}"#)
        #expect(value["a"]?.integer == 3)
        #expect(JSONValue.number(.infinity).text == "null")
        #expect(JSONValue.number(0.5).integer == nil)
    }
}
