import Glibc
import Hear
import Sound
import Tensors
import Think

/// The ears at a microphone: level, gate, endpointing and recogniser over an endless stream of 16 kHz samples.
///
/// The recogniser runs only from the onset of an utterance (with a little sound from before it) to its end, so an
/// empty room costs no more than the gate.
public struct LiveEars: Ears {
    private let room: HearRoom
    private var gate: Gate
    private var gain: Double = 0
    private var endpointer: Endpointer
    private var level = FrontEnd()
    /// Samples that the gate was not given yet: less than one of its frames.
    private var unjudged: [Float] = []
    /// Frames that the gate has not answered for yet.
    private var waiting: [[Float]] = []
    /// Judged samples of the last second, for the sound before an onset.
    private var recent: [Float] = []
    private var stream: RecognitionStream?
    private var unheard: [Float] = []
    private var spoken: [Float] = []
    private var hearSeconds = 0.0
    private var utterance: Heard?
    private var isCancelled = false
    private let hint: Hint?
    private var hasHint = false
    /// No utterance has begun yet.
    private var isFresh = true

    /// Says from the sound so far whether it is a whole command, which ends the utterance sooner.
    public typealias Hint = @Sendable (Emissions) -> Endpointer.Hint

    /// A pause so long is worth asking for a hint.
    private static let hintSeconds = 0.18

    /// The syllables heard so far.
    public private(set) var partial: [String] = []

    private static let rate = 16_000
    private static let gateFrames = 256
    /// The recogniser is fed a tenth of a second at a time.
    private static let step = rate / 10

    /// Ears that have heard nothing yet.
    public init(
        room: HearRoom, gate model: GateModel, configuration: Endpointer.Configuration = Endpointer.Configuration(),
        hint: Hint? = nil
    ) throws {
        self.room = room
        self.hint = hint
        gate = try Gate(model: model)
        endpointer = try Endpointer(frameSeconds: Gate.frameSeconds, configuration: configuration)
    }

    /// Hears samples and says where utterances begin and end.
    public mutating func listen(_ samples: [Float]) throws -> [EarEvent] {
        unjudged += level.process(samples)
        gain = 20 * log10(Double(max(level.currentGain, 1e-6)))
        var events: [EarEvent] = []
        var start = 0
        while unjudged.count - start >= Self.gateFrames {
            let frame = Array(unjudged[start..<start + Self.gateFrames])
            start += Self.gateFrames
            waiting.append(frame)
            for probability in gate.accept(frame) {
                try take(waiting.removeFirst(), probability: Double(probability), into: &events)
            }
        }
        unjudged.removeFirst(start)
        return events
    }

    /// The utterance that ended.
    public mutating func take() throws -> Heard {
        defer {
            utterance = nil
            partial = []
        }
        if let utterance { return utterance }
        return Heard(try room.recogniser.makeStream(), prosody: nil, audioSeconds: 0, hearSeconds: 0)
    }

    /// Forgets the utterance that is going on: its end will not be told.
    public mutating func forget() {
        isCancelled = endpointer.isSpeaking
        stream = nil
        utterance = nil
        unheard = []
        partial = []
    }

    private mutating func take(_ frame: [Float], probability: Double, into events: inout [EarEvent]) throws {
        recent += frame
        if recent.count > 2 * Self.rate { recent.removeFirst(recent.count - Self.rate) }
        if stream != nil { unheard += frame }
        // The level as the microphone gave it: the automatic gain must not look like a voice that fades.
        let power = frame.reduce(Float(1e-10)) { $0 + $1 * $1 } / Float(frame.count)
        switch endpointer.advance(probability: probability, decibels: 10 * log10(Double(power)) - gain) {
        case .began(let from):
            isCancelled = false
            try begin(secondsBack: endpointer.seconds - from)
            events.append(.began)
        case .ended:
            guard !isCancelled else { return isCancelled = false }
            try finish()
            events.append(.ended)
        case .dropped:
            guard !isCancelled else { return isCancelled = false }
            stream = nil
            unheard = []
            partial = []
            events.append(.dropped)
        case nil:
            try hear(atLeast: Self.step)
            askForHint()
        }
    }

    /// Asks once in each pause whether it is a command already, or whether something must follow (「打开」…).
    private mutating func askForHint() {
        guard let hint, endpointer.isSpeaking, stream != nil else { return }
        guard endpointer.silenceSeconds >= Self.hintSeconds else { return hasHint = false }
        guard !hasHint, let emissions = stream?.preview() else { return }
        hasHint = true
        endpointer.note(hint(emissions))
    }

    private mutating func begin(secondsBack: Double) throws {
        // The gate needs a moment of sound to wake up: of a stream that begins with speech, everything is heard.
        let isFirst = isFresh && recent.count < 2 * Self.rate
        isFresh = false
        let count = isFirst ? recent.count : min(recent.count, Int(secondsBack * Double(Self.rate)))
        stream = try room.recogniser.makeStream()
        spoken = []
        hasHint = false
        // Where nothing came before, silence gives the first sound the context that it needs.
        let lead = count == recent.count ? Self.step : 0
        unheard = [Float](repeating: 0, count: lead) + recent[(recent.count - count)...]
        hearSeconds = 0
        partial = []
    }

    private mutating func hear(atLeast minimum: Int) throws {
        guard stream != nil, unheard.count >= max(1, minimum) else { return }
        let clock = ContinuousClock()
        let start = clock.now
        do {
            try stream?.accept(unheard)
        } catch {
            stream = nil
            unheard = []
            throw error
        }
        spoken += unheard
        unheard = []
        if let stream { partial = Syllables.spelled(stream.emissions.greedyUnits().map(\.unit)) }
        hearSeconds += (clock.now - start) / .seconds(1)
    }

    private mutating func finish() throws {
        try hear(atLeast: 1)
        let clock = ContinuousClock()
        let start = clock.now
        stream?.finish()
        hearSeconds += (clock.now - start) / .seconds(1)
        guard let done = stream else { return }
        utterance = Heard(
            done, prosody: Prosody(samples: spoken), audioSeconds: Double(spoken.count) / Double(Self.rate),
            hearSeconds: hearSeconds)
        stream = nil
        spoken = []
    }
}
