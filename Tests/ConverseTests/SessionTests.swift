import Language
import Testing
import Think

@testable import Converse

/// Hears 1 as voice and 0 as silence: three blocks of silence end an utterance.
private struct FakeEars: Ears {
    var partial: [String] = []
    var isOpen = false
    var silence = 0
    var forgotten = 0
    mutating func listen(_ samples: [Float]) throws -> [EarEvent] {
        guard samples.first != 9 else { throw ThinkFailure(description: "bad sound") }
        let isVoice = samples.first == 1
        silence = isVoice ? 0 : silence + 1
        if isVoice && !isOpen {
            isOpen = true
            partial = ["da3"]
            return [.began]
        }
        if isVoice { partial.append("kai1") }
        guard isOpen, silence == 3 else { return [] }
        isOpen = false
        return [.ended]
    }
    mutating func take() -> Int {
        defer { partial = [] }
        return partial.count
    }
    mutating func forget() {
        isOpen = false
        partial = []
        forgotten += 1
    }
}

private struct ThinkFailure: Error, CustomStringConvertible { let description: String }

/// Understands utterances of two syllables or more.
private struct FakeMind: Mind {
    mutating func consider(_ evidence: Int, at now: Double) throws -> Thought {
        guard evidence != 7 else { throw ThinkFailure(description: "seven") }
        let intent = evidence >= 2 ? "OpenWindow" : nil
        let reply = intent.map { _ in Saying(text: "好的") }
        return Thought(understanding: Understanding(text: "打开", intent: intent), reply: reply)
    }
}

/// Says three pieces.
private struct FakeVoice: Voice {
    struct Reply: ReplyStream {
        var left = 3
        mutating func next() -> [Float]? {
            guard left > 0 else { return nil }
            left -= 1
            return [0.5]
        }
    }
    mutating func begin(_ saying: Saying) throws -> Reply {
        guard saying.text != "坏" else { throw ThinkFailure(description: "no voice") }
        return Reply()
    }
}

@Suite struct SessionTests {
    private typealias Tested = Session<FakeEars, FakeMind, FakeVoice>
    private func session(_ configuration: TurnState.Configuration = .init()) -> Tested {
        Tested(ears: FakeEars(), mind: FakeMind(), voice: FakeVoice(), configuration: configuration)
    }

    /// One short word for each output.
    private func words(_ outputs: [Tested.Output]) -> [String] {
        outputs.map {
            switch $0 {
            case .state(let label): label
            case .voiceStarted: "started"
            case .voiceStopped: "stopped"
            case .partial(let syllables): syllables.joined(separator: "-")
            case .thought(let thought): "thought:\(thought.understanding.intent ?? "none")"
            case .replyStarted(let saying): "reply:\(saying.text)"
            case .play: "play"
            case .silence: "silence"
            case .replyEnded(let wasCut): wasCut ? "cut" : "played"
            case .failed(let reason): "failed:\(reason)"
            }
        }
    }

    private func run(_ session: inout Tested, _ blocks: [Float], from start: Double = 0, quiet: Bool = true) -> [String]
    {
        blocks.enumerated().flatMap { index, block in
            words(session.step([block], queuedSeconds: 0, isQuiet: quiet, now: start + Double(index) * 0.1))
        }
    }

    @Test func aCommandIsHeardUnderstoodAndAnswered() {
        var session = session()
        #expect(
            run(&session, [0, 1, 1, 0, 0, 0, 0, 0, 0, 0]) == [
                "started", "da3", "listening", "da3-kai1", "stopped", "thinking", "thought:OpenWindow", "reply:好的",
                "play", "speaking", "play", "play", "played", "idle",
            ])
    }

    @Test func aNoiseIsNotAnswered() {
        var session = session()
        #expect(run(&session, [1, 0, 0, 0]).suffix(4) == ["stopped", "thinking", "thought:none", "idle"])
    }

    @Test func speakingOverTheReplySilencesIt() {
        var session = session()
        _ = session.say(Saying(text: "很长的话"), now: 0)
        let seen = run(&session, [0, 1, 1, 1, 1, 1, 1, 1], from: 1, quiet: false)
        #expect(seen.contains("silence"))
        #expect(seen.last?.hasPrefix("da3-kai1") == true)
        #expect(session.turn.phase == .listening)
    }

    @Test func failuresAreToldAndTheSessionGoesOn() {
        var session = session()
        #expect(run(&session, [9]) == ["failed:bad sound"])
        #expect(
            run(&session, [1, 1, 1, 1, 1, 1, 1, 0, 0, 0], from: 1).suffix(3) == ["thinking", "failed:seven", "idle"])
        #expect(words(session.say(Saying(text: "坏"), now: 5)) == ["reply:坏", "failed:no voice", "speaking"])
        #expect(run(&session, [0], from: 6) == ["played", "idle"])
        #expect(run(&session, [1, 1, 0, 0, 0], from: 7).contains("thought:OpenWindow"))
    }

    @Test func mutedNothingIsHeard() {
        var session = session()
        #expect(words(session.mute(true, now: 0)) == ["muted"])
        #expect(run(&session, [1, 1, 0, 0, 0]).isEmpty)
        #expect(words(session.mute(false, now: 1)) == ["idle"])
    }

    @Test func theReplyWaitsWhileTheSpeakerHasEnough() {
        var session = session()
        _ = session.say(Saying(text: "一二三"), now: 0)
        #expect(words(session.step([], queuedSeconds: 2, isQuiet: false, now: 0.1)).isEmpty)
        #expect(words(session.step([], queuedSeconds: 0.1, isQuiet: false, now: 0.2)) == ["play"])
        #expect(words(session.stop(now: 0.3)) == ["silence", "cut", "idle"])
        #expect(words(session.step([], queuedSeconds: 0, isQuiet: true, now: 0.4)).isEmpty)
    }
}
