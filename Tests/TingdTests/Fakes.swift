import Converse
import Language
import Speak
import Synchronization
import Think

@testable import tingd

struct Failure: Error, CustomStringConvertible { let description: String }

/// Rooms that count instead of hearing: enough to see that requests go the right way.
struct FakeRooms: SpeechRooms {
    let cacheCounts = [(name: "understanding", counts: CacheCounts(hits: 3, misses: 1))]
    var speech = SpeechStatistics()
    var offer = SpeechOffer(voices: [("lan", ["zh"])], domains: ["home"], intentCount: 3)

    struct FakeTranscriber: Transcriber {
        let language: String?
        let hotWords: [String]
        var count = 0
        mutating func accept(_ samples: [Float]) throws {
            guard !samples.contains(where: { $0 > 0.9 }) else { throw Failure(description: "too loud") }
            count += samples.count
        }
        mutating func finish() -> (text: String, language: String) {
            ("\(count) samples" + hotWords.map { " \($0)" }.joined(), language ?? "zh")
        }
    }

    struct FakeDialogue: DialoguePartner {
        var turns = 0
        mutating func understand(_ text: String, now: Double) throws -> Thought {
            turns += 1
            guard text != "坏" else { throw Failure(description: "cannot think") }
            let isCommand = text.hasPrefix("打开")
            let slots: [(name: String, value: SlotValue)] =
                isCommand ? [("place", .option("left")), ("turn", .number(Double(turns)))] : []
            let understanding = Understanding(text: text, intent: isCommand ? "OpenWindow" : nil, slots: slots)
            return Thought(understanding: understanding, reply: isCommand ? Saying(text: "好的") : nil)
        }
    }

    struct FakeReply: ReplyStream {
        var left: Int
        mutating func next() throws -> [Float]? {
            guard left > 0 else { return nil }
            left -= 1
            return [Float](repeating: 0.25, count: 2400)
        }
    }

    struct FakeConversation: Conversing {
        mutating func step(_ samples: [Float], queuedSeconds: Double, isQuiet: Bool, now: Double) -> [SessionOutput] {
            []
        }
        mutating func say(_ saying: Saying, now: Double) -> [SessionOutput] { [.replyStarted(saying), .play([0.5])] }
        mutating func stop(now: Double) -> [SessionOutput] { [.silence] }
        mutating func mute(_ muted: Bool, now: Double) -> [SessionOutput] { [.state(muted ? "muted" : "idle")] }
    }

    func makeTranscriber(language: String?, hotWords: [String]) throws -> any Transcriber {
        FakeTranscriber(language: language, hotWords: hotWords)
    }
    func makeDialogue() throws -> any DialoguePartner { FakeDialogue() }
    func makeReply(_ saying: Saying) throws -> any ReplyStream {
        guard saying.text != "坏" else { throw Failure(description: "cannot speak") }
        return FakeReply(left: saying.text.count)
    }
    func makeConversation(_ settings: Configuration) throws -> any Conversing { FakeConversation() }
    func reloaded(with settings: Configuration) throws -> any SpeechRooms { self }
}
