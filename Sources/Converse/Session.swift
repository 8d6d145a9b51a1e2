/// One conversation, from samples to samples: ears, mind and voice around a `TurnState`.
///
/// It knows no device, no socket and no clock; whoever owns it passes sound and time in and does what comes out.
public struct Session<E: Ears, M: Mind, V: Voice>: Conversing where E.Evidence == M.Evidence {
    /// Something that the owner should do or tell.
    public typealias Output = SessionOutput

    /// Whose turn it is.
    public private(set) var turn: TurnState
    /// What hears.
    public var ears: E
    /// What understands.
    public var mind: M
    /// What speaks.
    public var voice: V
    private var reply: V.Reply?
    private var waiting: Saying?
    private var lastPartial: [String] = []
    private var lastLabel = "idle"

    /// So much sound is kept ready at the speaker, in seconds.
    public var leadSeconds = 0.6

    /// A session in which nobody has spoken yet.
    public init(ears: E, mind: M, voice: V, configuration: TurnState.Configuration = TurnState.Configuration()) {
        self.ears = ears
        self.mind = mind
        self.voice = voice
        turn = TurnState(configuration: configuration)
    }

    /// Hears `samples` (16 kHz mono, echo already taken out), lets time pass, and keeps the reply flowing.
    /// - Parameters:
    ///   - queuedSeconds: sound that the speaker still has, in seconds.
    ///   - isQuiet: whether everything given to the speaker was heard.
    ///   - now: seconds of a clock that never goes back.
    public mutating func step(_ samples: [Float], queuedSeconds: Double, isQuiet: Bool, now: Double) -> [Output] {
        var outputs: [Output] = []
        if turn.wantsEars && !samples.isEmpty { hear(samples, at: now, into: &outputs) }
        apply(turn.advance(.tick, at: now), at: now, into: &outputs)
        continueReply(queuedSeconds: queuedSeconds, at: now, into: &outputs)
        if isQuiet && reply == nil { apply(turn.advance(.speakerQuiet, at: now), at: now, into: &outputs) }
        announce(into: &outputs)
        return outputs
    }

    /// Says something at a client's wish, in place of what sounds now.
    public mutating func say(_ saying: Saying, now: Double) -> [Output] {
        var outputs: [Output] = []
        waiting = saying
        apply(turn.advance(.say, at: now), at: now, into: &outputs)
        announce(into: &outputs)
        return outputs
    }

    /// Ends the reply that sounds.
    public mutating func stop(now: Double) -> [Output] {
        var outputs: [Output] = []
        apply(turn.advance(.stop, at: now), at: now, into: &outputs)
        announce(into: &outputs)
        return outputs
    }

    /// Closes or opens the ears.
    public mutating func mute(_ muted: Bool, now: Double) -> [Output] {
        var outputs: [Output] = []
        apply(turn.advance(.mute(muted), at: now), at: now, into: &outputs)
        announce(into: &outputs)
        return outputs
    }

    private mutating func hear(_ samples: [Float], at now: Double, into outputs: inout [Output]) {
        let events: [EarEvent]
        do {
            events = try ears.listen(samples)
        } catch {
            ears.forget()
            outputs.append(.failed("\(error)"))
            apply(turn.advance(.voiceDropped, at: now), at: now, into: &outputs)
            return
        }
        for event in events {
            switch event {
            case .began:
                lastPartial = []
                outputs.append(.voiceStarted)
                apply(turn.advance(.voiceBegan, at: now), at: now, into: &outputs)
            case .ended:
                outputs.append(.voiceStopped)
                apply(turn.advance(.voiceEnded, at: now), at: now, into: &outputs)
            case .dropped:
                outputs.append(.voiceStopped)
                apply(turn.advance(.voiceDropped, at: now), at: now, into: &outputs)
            }
        }
        guard turn.phase == .listening else { return }
        let partial = ears.partial
        if partial != lastPartial {
            lastPartial = partial
            outputs.append(.partial(partial))
        }
    }

    private mutating func apply(_ actions: [TurnState.Action], at now: Double, into outputs: inout [Output]) {
        for action in actions {
            switch action {
            case .forget: ears.forget()
            case .think: think(at: now, into: &outputs)
            case .startReply: startReply(at: now, into: &outputs)
            case .cutReply:
                reply = nil
                outputs.append(.silence)
                outputs.append(.replyEnded(wasCut: true))
            case .replyHeard:
                outputs.append(.replyEnded(wasCut: false))
            }
        }
    }

    private mutating func think(at now: Double, into outputs: inout [Output]) {
        announce(into: &outputs)
        do {
            let thought = try mind.consider(ears.take(), at: now)
            outputs.append(.thought(thought))
            waiting = thought.reply ?? waiting
            let isForUs = thought.understanding.intent != nil
            apply(
                turn.advance(.understood(forUs: isForUs, reply: thought.reply != nil), at: now), at: now, into: &outputs
            )
        } catch {
            ears.forget()
            outputs.append(.failed("\(error)"))
            apply(turn.advance(.understood(forUs: false, reply: false), at: now), at: now, into: &outputs)
        }
    }

    private mutating func startReply(at now: Double, into outputs: inout [Output]) {
        guard let saying = waiting else { return }
        waiting = nil
        outputs.append(.replyStarted(saying))
        do {
            reply = try voice.begin(saying)
        } catch {
            outputs.append(.failed("\(error)"))
            _ = turn.advance(.replyQueued, at: now)
        }
    }

    private mutating func continueReply(queuedSeconds: Double, at now: Double, into outputs: inout [Output]) {
        guard reply != nil, queuedSeconds < leadSeconds else { return }
        do {
            if let samples = try reply?.next() {
                outputs.append(.play(samples))
            } else {
                reply = nil
                _ = turn.advance(.replyQueued, at: now)
            }
        } catch {
            reply = nil
            outputs.append(.failed("\(error)"))
            _ = turn.advance(.replyQueued, at: now)
        }
    }

    private mutating func announce(into outputs: inout [Output]) {
        guard turn.label != lastLabel else { return }
        lastLabel = turn.label
        outputs.append(.state(lastLabel))
    }
}
