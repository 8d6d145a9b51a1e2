import Testing

@testable import Converse

@Suite struct TurnStateTests {
    /// Feeds inputs one second apart and gives the actions.
    private func run(_ turn: inout TurnState, _ inputs: [TurnState.Input], from start: Double = 0) -> [TurnState.Action]
    {
        inputs.enumerated().flatMap { turn.advance($1, at: start + Double($0)) }
    }

    @Test func aCommandGoesRoundOnce() {
        var turn = TurnState()
        #expect(turn.advance(.voiceBegan, at: 1).isEmpty)
        #expect(turn.phase == .listening)
        #expect(turn.advance(.voiceEnded, at: 2) == [.think])
        #expect(turn.phase == .thinking)
        #expect(turn.advance(.understood(forUs: true, reply: true), at: 2.1) == [.startReply])
        #expect(turn.phase == .speaking)
        #expect(turn.advance(.speakerQuiet, at: 2.2).isEmpty, "not all is queued yet")
        #expect(turn.advance(.replyQueued, at: 3).isEmpty)
        #expect(turn.advance(.speakerQuiet, at: 4) == [.replyHeard])
        #expect(turn.phase == .idle)
    }

    @Test func whatWasNotMeantForUsIsLetGo() {
        var turn = TurnState()
        #expect(run(&turn, [.voiceBegan, .voiceEnded, .understood(forUs: false, reply: false)]) == [.think])
        #expect(turn.phase == .idle)
        #expect(run(&turn, [.voiceBegan, .voiceDropped]) == [.forget])
        #expect(turn.phase == .idle)
    }

    @Test func speakingOverTheReplyInterruptsIt() {
        var turn = TurnState()
        _ = run(&turn, [.say])
        #expect(turn.advance(.voiceBegan, at: 5).isEmpty)
        #expect(turn.advance(.tick, at: 5.3).isEmpty)
        #expect(turn.advance(.tick, at: 5.41) == [.cutReply])
        #expect(turn.phase == .listening)
        #expect(turn.advance(.voiceEnded, at: 6) == [.think])
    }

    @Test func aNoiseOverTheReplyDoesNot() {
        var turn = TurnState()
        _ = run(&turn, [.say])
        #expect(turn.advance(.voiceBegan, at: 5).isEmpty)
        #expect(turn.advance(.voiceDropped, at: 5.2) == [.forget])
        #expect(turn.advance(.tick, at: 6).isEmpty)
        #expect(turn.phase == .speaking)
    }

    @Test func aShortWordOverTheReplyCountsIfItMeansSomething() {
        for forUs in [true, false] {
            var turn = TurnState()
            _ = run(&turn, [.say])
            _ = turn.advance(.voiceBegan, at: 5)
            #expect(turn.advance(.voiceEnded, at: 5.35) == [.think])
            #expect(turn.advance(.understood(forUs: forUs, reply: false), at: 5.4) == (forUs ? [.cutReply] : []))
            #expect(turn.phase == (forUs ? .idle : .speaking))
        }
    }

    @Test func withoutBargeInTheEarsRestWhileSpeaking() {
        var configuration = TurnState.Configuration()
        configuration.allowsBargeIn = false
        var turn = TurnState(configuration: configuration)
        #expect(turn.wantsEars)
        _ = turn.advance(.say, at: 0)
        #expect(!turn.wantsEars)
        _ = turn.advance(.voiceBegan, at: 1)
        #expect(turn.advance(.tick, at: 10).isEmpty)
    }

    @Test func mutedNobodyIsHeardButTheReplyEnds() {
        var turn = TurnState()
        _ = turn.advance(.say, at: 0)
        #expect(turn.advance(.mute(true), at: 1) == [.forget])
        #expect(turn.advance(.mute(true), at: 1).isEmpty)
        #expect(turn.label == "speaking")
        #expect(run(&turn, [.voiceBegan, .voiceEnded], from: 2).isEmpty)
        #expect(run(&turn, [.replyQueued, .speakerQuiet], from: 4) == [.replyHeard])
        #expect(turn.label == "muted")
        #expect(!turn.wantsEars)
        _ = turn.advance(.mute(false), at: 9)
        #expect(turn.label == "idle")
    }

    @Test func nothingLastsForEver() {
        let stuck: [([TurnState.Input], Double, [TurnState.Action])] = [
            ([.voiceBegan], 21, [.forget]), ([.voiceBegan, .voiceEnded], 12, [.forget]),
            ([.say], 121, [.cutReply, .forget]),
        ]
        for (inputs, seconds, actions) in stuck {
            var turn = TurnState()
            _ = run(&turn, inputs)
            #expect(turn.advance(.tick, at: seconds - 2).isEmpty)
            #expect(turn.advance(.tick, at: seconds + 1) == actions)
            #expect(turn.phase == .idle)
        }
    }

    @Test func stopEndsTheReplyAndNothingElse() {
        var turn = TurnState()
        #expect(turn.advance(.stop, at: 0).isEmpty)
        _ = turn.advance(.say, at: 1)
        #expect(turn.advance(.stop, at: 2) == [.cutReply, .forget])
        #expect(turn.phase == .idle)
    }

    @Test func everyOrderOfInputsKeepsAPhaseAndNeverSpeaksTwice() {
        let inputs: [TurnState.Input] = [
            .voiceBegan, .voiceEnded, .voiceDropped, .understood(forUs: true, reply: true),
            .understood(forUs: false, reply: false), .say, .replyQueued, .speakerQuiet, .stop, .mute(true),
            .mute(false),
            .tick,
        ]
        var state: UInt64 = 7
        var turn = TurnState()
        var isSounding = false
        for step in 0..<20000 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            for action in turn.advance(inputs[Int(state >> 33) % inputs.count], at: Double(step) * 0.3) {
                switch action {
                case .startReply:
                    #expect(!isSounding)
                    isSounding = true
                case .cutReply, .replyHeard:
                    #expect(isSounding)
                    isSounding = false
                case .think, .forget: break
                }
            }
            #expect((turn.phase == .speaking) == isSounding)
        }
    }
}
