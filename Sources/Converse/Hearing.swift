import Hear
import Sound
import Tensors

/// A recording of any length, heard one utterance after another.
///
/// A short one is heard whole, as one utterance. A long one goes through gate and endpointing as at a microphone, so that
/// memory does not grow with it and time grows no faster than its length.
public struct Hearing {
    /// Recordings up to so many seconds are one utterance.
    public static let wholeSeconds = 30.0

    private let room: HearRoom
    private let source: WAVSource
    private var whole: Recording?
    private var ears: LiveEars?
    private var isOver = false
    private var isEmpty = true
    private var partial: ((String) -> Void)?

    /// Opens a WAV file.
    ///
    /// - Parameters:
    ///   - partial: receives the syllables heard so far while the recording goes by.
    public init(
        path: String, room: HearRoom, models: ModelDirectory, precision: Precision = .int8,
        partial: ((String) -> Void)? = nil
    ) throws {
        self.room = room
        self.partial = partial
        source = try WAVSource(path: path)
        if source.seconds <= Self.wholeSeconds {
            whole = try Recording(path: path)
        } else {
            let gate = try GateModel(models: models, precision: precision)
            ears = try LiveEars(room: room, gate: gate, configuration: Self.dictation)
        }
    }

    /// Length of the recording in seconds.
    public var seconds: Double { source.seconds }
    /// Whether the recording is short enough to be one utterance.
    public var isWhole: Bool { ears == nil }
    /// Whether a short recording is clipped badly enough to hurt recognition.
    public var isClipped: Bool { whole?.isClipped ?? false }

    /// Endpoints for text rather than commands: the gate opens more readily, so that little is lost, and long speech is
    /// cut at the next short pause.
    private static let dictation: Endpointer.Configuration = {
        var configuration = Endpointer.Configuration()
        configuration.onsetProbability = 0.5
        configuration.longSeconds = 8
        return configuration
    }()

    /// The next utterance; nil when there is no more.
    ///
    /// Where nobody speaks there is one, with nothing in it.
    public mutating func next() throws -> Heard? {
        guard !isOver else { return nil }
        if ears != nil { return try nextOfMany() }
        isOver = true
        return try whole.map { try room.hear($0, partial: partial) }
    }

    private mutating func nextOfMany() throws -> Heard? {
        var shown: [String] = []
        while !isOver {
            // A tenth of a second is too short for one utterance to end and another to end too.
            var samples = try source.next()
            if samples == nil {
                isOver = true
                samples = [Float](repeating: 0, count: 2 * Recording.sampleRate)
            }
            let events = try ears?.listen(samples ?? []) ?? []
            if events.contains(.ended) {
                isEmpty = false
                return try ears?.take()
            }
            if let partial, let now = ears?.partial, now != shown {
                shown = now
                partial(now.joined(separator: " "))
            }
        }
        return isEmpty ? try ears?.take() : nil
    }
}
