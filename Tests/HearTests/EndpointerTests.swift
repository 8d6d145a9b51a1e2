import Testing

@testable import Hear

@Suite struct EndpointerTests {
    /// Plays (probability, seconds) stretches and gives the events.
    private static func events(
        _ stretches: [(Double, Double)], hints: [Int: Endpointer.Hint] = [:],
        configuration: Endpointer.Configuration = .init()
    ) throws -> [Endpointer.Event] {
        var endpointer = try Endpointer(frameSeconds: 0.016, configuration: configuration)
        var events: [Endpointer.Event] = []
        for (index, (probability, seconds)) in stretches.enumerated() {
            if let hint = hints[index] { endpointer.note(hint) }
            for _ in 0..<Int((seconds / 0.016).rounded()) {
                if let event = endpointer.advance(probability: probability) { events.append(event) }
            }
        }
        if let event = endpointer.finish() { events.append(event) }
        return events
    }

    @Test func silenceGivesNoEvents() throws {
        #expect(try Self.events([(0.05, 10)]).isEmpty)
    }

    @Test func utteranceBeginsWithPreRollAndEndsAfterThePause() throws {
        let events = try Self.events([(0.0, 2), (0.9, 1), (0.0, 2)])
        #expect(events.count == 2)
        guard case .began(let from) = events[0], case .ended(let at, let lastSpeech, let cut) = events[1] else {
            Issue.record("expected began and ended, found \(events)")
            return
        }
        #expect(abs(from - 1.6) < 0.15)
        #expect(abs(lastSpeech - 3) < 0.03)
        #expect(abs(at - 3.6) < 0.05)
        #expect(!cut)
    }

    @Test func clickDoesNotOpenAnUtterance() throws {
        #expect(try Self.events([(0.0, 1), (1.0, 0.05), (0.0, 1)]).isEmpty)
    }

    @Test func coughIsDropped() throws {
        let events = try Self.events([(0.0, 1), (1.0, 0.12), (0.0, 2)])
        #expect(events.count == 2)
        guard case .dropped = events.last else {
            Issue.record("expected a drop, found \(events)")
            return
        }
    }

    @Test func hysteresisBridgesAWeakStretch() throws {
        let events = try Self.events([(0.9, 0.5), (0.45, 1.5), (0.9, 0.5), (0.0, 1)])
        #expect(events.count == 2)
    }

    @Test func completeCommandEndsSooner() throws {
        let plain = try Self.events([(0.9, 1), (0.0, 2)])
        let early = try Self.events([(0.9, 1), (0.0, 2)], hints: [1: .complete])
        let late = try Self.events([(0.9, 1), (0.0, 2)], hints: [1: .incomplete])
        func end(_ events: [Endpointer.Event]) -> Double {
            if case .ended(let at, _, _) = events.last { at } else { .infinity }
        }
        #expect(abs(end(early) - 1.25) < 0.05)
        #expect(abs(end(plain) - 1.6) < 0.05)
        #expect(abs(end(late) - 2.0) < 0.05)
    }

    @Test func aPauseAfterAClauseDoesNotEndTheUtterance() throws {
        let stretches = [(0.9, 0.8), (0.0, 0.7), (0.9, 1.2), (0.0, 2)]
        let clause = try Self.events(stretches, hints: [1: .clause, 3: .complete])
        #expect(clause.count == 2)
        #expect(try Self.events(stretches, hints: [1: .complete]).count == 4)
        #expect(try Self.events(stretches).count == 4)
    }

    @Test func longSpeechEndsAtTheFirstShortPause() throws {
        var configuration = Endpointer.Configuration()
        configuration.longSeconds = 8
        let stretches = [(0.9, 4.0), (0.0, 0.4), (0.9, 5.0), (0.0, 0.4), (0.9, 3.0), (0.0, 1)]
        #expect(try Self.events(stretches, configuration: configuration).count == 4)
        #expect(try Self.events(stretches).count == 2)
    }

    /// Plays (probability, decibels, seconds) stretches and gives the time of the end.
    private static func end(_ stretches: [(Double, Double, Double)]) throws -> Double {
        var endpointer = try Endpointer()
        for (probability, decibels, seconds) in stretches {
            for _ in 0..<Int((seconds / 0.016).rounded()) {
                let event = endpointer.advance(probability: probability, decibels: decibels)
                if case .ended(let at, _, _) = event { return at }
            }
        }
        return .infinity
    }

    @Test func aVoiceThatTrailsOffIsStillSpeech() throws {
        // After 2 s of room and 1 s of voice the gate closes, but for 0.3 s the level stays near the voice's.
        let quiet = try Self.end([(0.0, -60, 2), (0.9, -20, 1), (0.1, -60, 2)])
        let trailing = try Self.end([(0.0, -60, 2), (0.9, -20, 1), (0.1, -30, 0.3), (0.1, -60, 2)])
        #expect(abs(quiet - 3.6) < 0.06)
        #expect(abs(trailing - quiet - 0.3) < 0.06)
    }

    @Test func noiseDoesNotHoldAnUtteranceOpen() throws {
        // A loud room is not taken for a voice, and one that gets loud only for a while.
        let loud = try Self.end([(0.0, -25, 2), (0.9, -20, 1), (0.1, -25, 3)])
        let fan = try Self.end([(0.0, -60, 2), (0.9, -20, 1), (0.1, -25, 3)])
        #expect(abs(loud - 3.6) < 0.06)
        #expect(fan < 3.6 + 0.4 + 0.06)
    }

    @Test func endlessSpeechIsCut() throws {
        let events = try Self.events([(0.9, 40)])
        let cuts = events.filter { if case .ended(_, _, true) = $0 { true } else { false } }
        #expect(cuts.count == 2)
    }

    @Test func secondUtteranceDoesNotReachBackIntoTheFirst() throws {
        let events = try Self.events([(0.9, 1), (0.0, 0.62), (0.9, 1), (0.0, 1)])
        guard events.count == 4, case .ended(let at, _, _) = events[1], case .began(let from) = events[2] else {
            Issue.record("expected two utterances, found \(events)")
            return
        }
        #expect(from >= at)
    }

    @Test func sameFramesGiveTheSameEvents() throws {
        let stretches = [(0.1, 0.5), (0.8, 0.7), (0.3, 0.9), (0.95, 0.3), (0.0, 3)]
        #expect(try Self.events(stretches) == Self.events(stretches))
    }

    @Test func thresholdsTheWrongWayRoundAreAnError() {
        var configuration = Endpointer.Configuration()
        configuration.offsetProbability = 0.9
        #expect(throws: HearError.self) { try Endpointer(configuration: configuration) }
        #expect(throws: HearError.self) { try Endpointer(frameSeconds: 0) }
    }
}
