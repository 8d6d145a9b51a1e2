/// Whose turn it is: a pure value, fed with what happened and the clock, which answers with what to do.
public struct TurnState: Sendable, Equatable {
    /// What the device does, as its `ting-state` event says.
    public enum Phase: String, Sendable {
        /// Waits for somebody to speak.
        case idle
        /// Somebody speaks.
        case listening
        /// Somebody spoke; the meaning is being found.
        case thinking
        /// The reply sounds.
        case speaking
    }

    /// Something that happened.
    public enum Input: Sendable, Equatable {
        /// The gate opened.
        case voiceBegan
        /// The utterance is over.
        case voiceEnded
        /// What began was a noise.
        case voiceDropped
        /// The meaning was found.
        case understood(forUs: Bool, reply: Bool)
        /// A client asked for something to be said.
        case say
        /// The last sample of the reply is on its way to the speaker.
        case replyQueued
        /// The speaker has nothing left to play.
        case speakerQuiet
        /// A client asked for silence.
        case stop
        /// The microphone was closed or opened.
        case mute(Bool)
        /// Time passed.
        case tick
    }

    /// Something to do, in order.
    public enum Action: Sendable, Equatable {
        /// Find the meaning of the utterance that ended.
        case think
        /// Forget the sound of the utterance.
        case forget
        /// Begin to speak.
        case startReply
        /// Fall silent at once.
        case cutReply
        /// Tell that the reply was heard to its end.
        case replyHeard
    }

    /// Times and habits.
    public struct Configuration: Sendable, Equatable {
        /// Whether a person can interrupt the reply by speaking.
        public var allowsBargeIn = true
        /// Speech over the reply that counts as an interruption, in seconds; less may be an echo.
        public var bargeInSeconds = 0.4
        /// An utterance that never ends is let go after so long.
        public var longestListening = 20.0
        /// So long may the meaning take.
        public var longestThinking = 10.0
        /// So long may one reply sound.
        public var longestReply = 120.0

        /// The usual times.
        public init() {}
    }

    /// What the device does now.
    public private(set) var phase = Phase.idle
    /// Whether the microphone is closed.
    public private(set) var isMuted = false
    /// When the phase began.
    public private(set) var since = 0.0
    private let configuration: Configuration
    private var voiceOverReplySince: Double?
    private var isReplyQueued = false

    /// An idle device.
    public init(configuration: Configuration = Configuration()) { self.configuration = configuration }

    /// `muted` while the microphone is closed and nothing sounds, else the phase.
    public var label: String { isMuted && phase == .idle ? "muted" : phase.rawValue }

    /// Whether sound should reach the ears: not while muted, nor over the reply when nobody may interrupt it.
    public var wantsEars: Bool { !isMuted && (phase != .speaking || configuration.allowsBargeIn) }

    /// Takes what happened at `now` and says what to do.
    public mutating func advance(_ input: Input, at now: Double) -> [Action] {
        switch input {
        case .mute(let muted):
            guard muted != isMuted else { return [] }
            isMuted = muted
            voiceOverReplySince = nil
            if phase == .listening { enter(.idle, at: now) }
            return [.forget]
        case .voiceBegan, .voiceEnded, .voiceDropped:
            return isMuted ? [] : voice(input, at: now)
        case .understood(let forUs, let reply):
            return understood(forUs: forUs, reply: reply, at: now)
        case .say:
            let actions: [Action] = phase == .speaking ? [.cutReply, .startReply] : [.forget, .startReply]
            enter(.speaking, at: now)
            return actions
        case .replyQueued:
            isReplyQueued = phase == .speaking
            return []
        case .speakerQuiet:
            guard phase == .speaking, isReplyQueued else { return [] }
            // Somebody who began to speak while the last words sounded goes on as the next speaker.
            enter(voiceOverReplySince == nil ? .idle : .listening, at: now)
            return [.replyHeard]
        case .stop:
            guard phase == .speaking else { return [] }
            enter(.idle, at: now)
            return [.cutReply, .forget]
        case .tick:
            return tick(at: now)
        }
    }

    private mutating func enter(_ next: Phase, at now: Double) {
        phase = next
        since = now
        voiceOverReplySince = nil
        isReplyQueued = false
    }

    private mutating func voice(_ input: Input, at now: Double) -> [Action] {
        switch (phase, input) {
        case (.idle, .voiceBegan):
            enter(.listening, at: now)
            return []
        case (.listening, .voiceEnded):
            enter(.thinking, at: now)
            return [.think]
        case (.listening, .voiceDropped):
            enter(.idle, at: now)
            return [.forget]
        case (.speaking, .voiceBegan):
            if configuration.allowsBargeIn { voiceOverReplySince = now }
            return []
        case (.speaking, .voiceEnded):
            // Too short to interrupt by itself; the reply goes on unless it meant something (「停」).
            guard voiceOverReplySince != nil else { return [.forget] }
            voiceOverReplySince = nil
            return [.think]
        case (.speaking, .voiceDropped), (.thinking, .voiceDropped):
            voiceOverReplySince = nil
            return [.forget]
        default:
            return []
        }
    }

    private mutating func understood(forUs: Bool, reply: Bool, at now: Double) -> [Action] {
        switch phase {
        case .thinking:
            enter(reply ? .speaking : .idle, at: now)
            return reply ? [.startReply] : []
        case .speaking where forUs:
            enter(reply ? .speaking : .idle, at: now)
            return reply ? [.cutReply, .startReply] : [.cutReply]
        default:
            return []
        }
    }

    private mutating func tick(at now: Double) -> [Action] {
        switch phase {
        case .idle:
            return []
        case .listening where now - since > configuration.longestListening:
            enter(.idle, at: now)
            return [.forget]
        case .thinking where now - since > configuration.longestThinking:
            enter(.idle, at: now)
            return [.forget]
        case .speaking:
            if let began = voiceOverReplySince, now - began >= configuration.bargeInSeconds {
                enter(.listening, at: now)
                return [.cutReply]
            }
            guard now - since > configuration.longestReply else { return [] }
            enter(.idle, at: now)
            return [.cutReply, .forget]
        default:
            return []
        }
    }
}
