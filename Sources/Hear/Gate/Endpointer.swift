/// Where utterances begin and end: a value fed with speech probabilities and levels, which answers with events.
///
/// It knows no clock but the frames it is given, so the same probabilities always give the same events.
public struct Endpointer: Sendable {
    /// Thresholds and times; the defaults suit commands.
    public struct Configuration: Sendable {
        /// Probability at which a frame counts as speech when nobody was speaking.
        public var onsetProbability = 0.6
        /// Probability under which a frame counts as silence while someone speaks.
        public var offsetProbability = 0.35
        /// Speech needed within `onsetWindowSeconds` before an utterance opens.
        public var onsetSeconds = 0.1
        /// Window in which the onset's speech is counted.
        public var onsetWindowSeconds = 0.2
        /// Silence that ends an utterance.
        public var endSilenceSeconds = 0.6
        /// Silence that ends an utterance when what was heard is already a whole command.
        public var completeSilenceSeconds = 0.25
        /// Silence that ends it when what was heard is a clause that others often follow (「有点热，」…): longer than the
        /// pause at a comma, 0.2 to 0.6 s in read speech.
        public var clauseSilenceSeconds = 0.9
        /// Silence that ends it when what was heard must go on (「打开」…).
        public var incompleteSilenceSeconds = 1.0
        /// From this length on an utterance ends at the first pause of `completeSilenceSeconds`; long dictation is thus
        /// cut between clauses, and not inside a word at `maximumSeconds`.
        public var longSeconds = Double.infinity
        /// A voice that trails off counts as speech while its level is this much above the room's and no further below
        /// the speaker's own, in decibels, whatever the gate says.
        public var trailingDecibels = (aboveRoom: 12.0, belowVoice: 18.0)
        /// So long a trailing voice alone may hold an utterance open.
        public var trailingSeconds = 0.4
        /// Utterances with less speech than this are dropped as noises.
        public var minimumSpeechSeconds = 0.2
        /// Longest utterance; a longer one is cut.
        public var maximumSeconds = 15.0
        /// Sound kept from before the onset.
        public var preRollSeconds = 0.3

        /// The defaults.
        public init() {}
    }

    /// What the search says about the words so far; it sets how long a pause ends the utterance.
    public enum Hint: Sendable {
        /// Nothing is known.
        case unknown
        /// A whole command that seldom goes on.
        case complete
        /// A whole clause after which another often follows.
        case clause
        /// The beginning of a command.
        case incomplete
    }

    /// Something that happened, with times in seconds from the stream's start.
    public enum Event: Sendable, Equatable {
        /// Someone began to speak; `from` lies before the onset by the pre-roll and never before the last end.
        case began(from: Double)
        /// The utterance is over; its last speech was at `lastSpeech`.
        case ended(at: Double, lastSpeech: Double, cut: Bool)
        /// What had begun was too short to be speech.
        case dropped(at: Double)
    }

    private enum State {
        case idle
        case speaking(began: Double, speech: Double, lastSpeech: Double)
    }

    private let configuration: Configuration
    private let frameSeconds: Double
    private var state = State.idle
    private var recent: [Bool] = []
    private var lastEnd = 0.0
    private var hint = Hint.unknown
    private var levels = Levels()
    private var lastGated = 0.0

    /// Seconds of sound judged so far.
    public private(set) var seconds = 0.0

    /// An endpointer before its first frame; `frameSeconds` is the gate's step.
    ///
    /// - Throws: `HearError.badParameter` for a step that is not positive, or thresholds the wrong way round.
    public init(frameSeconds: Double = 0.016, configuration: Configuration = Configuration()) throws(HearError) {
        guard frameSeconds > 0, frameSeconds <= 0.1 else {
            throw .badParameter(name: "frameSeconds", expected: "0 to 0.1", found: "\(frameSeconds)")
        }
        guard configuration.offsetProbability <= configuration.onsetProbability else {
            throw .badParameter(
                name: "offsetProbability", expected: "at most onsetProbability \(configuration.onsetProbability)",
                found: "\(configuration.offsetProbability)")
        }
        self.frameSeconds = frameSeconds
        self.configuration = configuration
    }

    /// True between `began` and the end.
    public var isSpeaking: Bool {
        if case .speaking = state { true } else { false }
    }

    /// Silence since the last speech, in seconds; 0 while nobody has begun.
    public var silenceSeconds: Double {
        if case .speaking(_, _, let lastSpeech) = state { seconds - lastSpeech } else { 0 }
    }

    /// Tells what the search makes of the words so far; holds until the utterance ends or a new hint comes.
    public mutating func note(_ hint: Hint) { self.hint = hint }

    /// Judges the next frame.
    ///
    /// - Parameters:
    ///   - probability: The gate's.
    ///   - decibels: The frame's level, on any scale that stays the same; nil leaves the decision to the gate.
    public mutating func advance(probability: Double, decibels: Double? = nil) -> Event? {
        seconds += frameSeconds
        if let decibels { levels.note(decibels, isSpeech: probability >= configuration.onsetProbability) }
        switch state {
        case .idle: return advanceIdle(probability)
        case .speaking(let began, let speech, let lastSpeech):
            return advanceSpeaking(probability, began: began, speech: speech, lastSpeech: lastSpeech)
        }
    }

    /// Ends the stream: closes an open utterance.
    public mutating func finish() -> Event? {
        guard case .speaking(_, let speech, let lastSpeech) = state else { return nil }
        return close(speech: speech, lastSpeech: lastSpeech, cut: false)
    }

    private mutating func advanceIdle(_ probability: Double) -> Event? {
        let window = max(1, Int((configuration.onsetWindowSeconds / frameSeconds).rounded()))
        recent.append(probability >= configuration.onsetProbability)
        if recent.count > window { recent.removeFirst() }
        let speech = Double(recent.count(where: { $0 })) * frameSeconds
        guard recent.last == true, speech >= configuration.onsetSeconds - frameSeconds / 2 else { return nil }
        let onset = seconds - Double(recent.count) * frameSeconds
        let began = max(lastEnd, 0, onset - configuration.preRollSeconds)
        recent.removeAll(keepingCapacity: true)
        hint = .unknown
        lastGated = seconds
        state = .speaking(began: began, speech: speech, lastSpeech: seconds)
        return .began(from: began)
    }

    private mutating func advanceSpeaking(
        _ probability: Double, began: Double, speech: Double, lastSpeech: Double
    ) -> Event? {
        let isSpeech = probability >= configuration.offsetProbability
        let speech = speech + (isSpeech ? frameSeconds : 0)
        if isSpeech { lastGated = seconds }
        let isTrailing = levels.isTrailing(configuration) && seconds - lastGated <= configuration.trailingSeconds
        let lastSpeech = isSpeech || isTrailing ? seconds : lastSpeech
        if seconds - began >= configuration.maximumSeconds {
            return close(speech: speech, lastSpeech: lastSpeech, cut: true)
        }
        let isLong = seconds - began >= configuration.longSeconds
        let patience = isLong ? min(endSilence, configuration.completeSilenceSeconds) : endSilence
        if seconds - lastSpeech >= patience - frameSeconds / 2 {
            return close(speech: speech, lastSpeech: lastSpeech, cut: false)
        }
        state = .speaking(began: began, speech: speech, lastSpeech: lastSpeech)
        return nil
    }

    private var endSilence: Double {
        switch hint {
        case .unknown: configuration.endSilenceSeconds
        case .complete: configuration.completeSilenceSeconds
        case .clause: configuration.clauseSilenceSeconds
        case .incomplete: configuration.incompleteSilenceSeconds
        }
    }

    private mutating func close(speech: Double, lastSpeech: Double, cut: Bool) -> Event {
        state = .idle
        recent.removeAll(keepingCapacity: true)
        lastEnd = seconds
        guard speech >= configuration.minimumSpeechSeconds else { return .dropped(at: seconds) }
        return .ended(at: seconds, lastSpeech: lastSpeech, cut: cut)
    }
}
