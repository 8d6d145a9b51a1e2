import Language
import Tensors
import Testing

@testable import Speak

struct TextTests {
    @Test(arguments: ["", "   ", "。！？", "😀😀", "\u{0}"])
    func textWithoutWordsIsRefused(text: String) throws {
        let synthesiser = try Support.tiny()
        #expect(throws: SpeakError.nothingToSay(text: text)) { try synthesiser.stream(text) }
    }

    @Test func aMegabyteIsRefused() throws {
        let synthesiser = try Support.tiny()
        let text = String(repeating: "a", count: 1_000_000)
        #expect(throws: SpeakError.textTooLong(bytes: 1_000_000, limit: Synthesiser.mostBytes)) {
            try synthesiser.stream(text)
        }
    }

    @Test func voicesAndControlsAreChecked() throws {
        let synthesiser = try Support.tiny()
        let known = synthesiser.voices.map(\.name)
        #expect(throws: SpeakError.unknownVoice(name: "nobody", known: known)) {
            try synthesiser.stream("你好", options: SpeechOptions(voice: "nobody"))
        }
        for options in [SpeechOptions(rate: 3), SpeechOptions(pitchSemitones: -9), SpeechOptions(energy: .nan)] {
            #expect(throws: SpeakError.self) { try synthesiser.stream("你好", options: options) }
        }
    }

    @Test func errorsAreOneLine() {
        let errors: [SpeakError] = [
            .nothingToSay(text: ""), .nothingToSay(text: String(repeating: "。", count: 90)),
            .textTooLong(bytes: 2, limit: 1), .unknownVoice(name: "x", known: ["y"]),
            .control(name: "rate", value: 9, range: 0.5...2),
            .metadata(path: "p", key: "k", expected: "a", found: "b"),
        ]
        for error in errors {
            #expect(!error.description.contains("\n") && error.description.contains("expected"))
        }
    }

    @Test func brokenModelsAreOneError() throws {
        #expect(throws: SpeakError.self) {
            try Synthesiser(
                models: try ModelDirectory.locate(Support.root + "/Sources"), frontEnd: try Support.frontEnd())
        }
    }

    @Test func sentencesBreakAtSignsAndStayShort() throws {
        let synthesiser = try Support.tiny()
        let models = try #require(synthesiser.models(.int8))
        let writer = ScoreWriter(bases: models.acoustic.bases)
        let front = try Support.frontEnd()
        let scores = writer.scores(front.pronounce("你好。去哪儿？快走！", dialect: .mandarin, surface: true))
        #expect(scores.map(\.ending) == [.major, .question, .exclaim])
        let long = front.pronounce(String(repeating: "长", count: 400), dialect: .mandarin, surface: true)
        #expect(writer.scores(long).allSatisfy { $0.tokens.count <= ScoreWriter.longest + 4 })
    }

    @Test func theSameWordsTakeAboutAsLongWhateverSignEndsThem() throws {
        let synthesiser = try Support.synthesiser()
        for voice in synthesiser.voices where voice.own == nil {
            func length(_ sign: String) throws -> Double {
                let options = SpeechOptions(voice: voice.name)
                var stream = try synthesiser.stream("今天晚上去公园" + sign, options: options)
                return Double(stream.rest().count)
            }
            let statement = try length("。")
            for sign in ["！", "？", "", "!", "吗？"] {
                #expect((0.85...1.25).contains(try length(sign) / statement), "\(voice.name): \(sign)")
            }
        }
    }

    @Test func everyUnitHasAToken() throws {
        let synthesiser = try Support.tiny()
        let models = try #require(synthesiser.models(.int8))
        let writer = ScoreWriter(bases: models.acoustic.bases)
        for unit in PhoneInventory.units.dropFirst() { #expect(writer.token(unit) != nil, "\(unit)") }
        #expect(writer.token("E_ZH") == writer.token("E_JH"))
        let (plain, stressed) = (try #require(writer.token("E_AE")), try #require(writer.token("E_AE1")))
        #expect(stressed.base == plain.base && stressed.tone == 1 && plain.tone == 0 && stressed.isNucleus)
    }
}
