import Language

/// How a sentence is coloured.
///
/// The colours act on the predicted pitch, durations and energy.
public enum Style: String, Sendable, CaseIterable {
    /// As the model speaks it; sentences that end in a question or exclamation mark still sound like it.
    case neutral
    /// The end rises.
    case question
    /// Wider and higher, with stress.
    case exclaim
    /// Higher, wider, a little faster.
    case happy
    /// Lower, flatter, slower, softer.
    case sad
    /// Wider, harder, faster.
    case angry
}

/// How something is said.
public struct SpeechOptions: Sendable, Equatable {
    /// A voice's name; the first voice when nil.
    public var voice: String?
    /// Speed, 0.5 to 2; 1 is the voice's own.
    public var rate: Double
    /// Pitch shift, −6 to 6 semitones.
    public var pitchSemitones: Double
    /// Loudness, 0.25 to 2; 1 is the voice's own.
    public var energy: Double
    /// The colour of the sentences.
    public var style: Style

    /// What `rate` may be.
    public static let rates = 0.5...2.0
    /// What `pitchSemitones` may be.
    public static let pitches = -6.0...6.0
    /// What `energy` may be.
    public static let energies = 0.25...2.0

    /// The voice as it is, unless told otherwise.
    public init(
        voice: String? = nil, rate: Double = 1, pitchSemitones: Double = 0, energy: Double = 1, style: Style = .neutral
    ) {
        self.voice = voice
        self.rate = rate
        self.pitchSemitones = pitchSemitones
        self.energy = energy
        self.style = style
    }

    /// Throws `control` when a value is out of its range.
    func check() throws(SpeakError) {
        let limits: [(String, Double, ClosedRange<Double>)] = [
            ("rate", rate, Self.rates), ("pitch", pitchSemitones, Self.pitches), ("energy", energy, Self.energies),
        ]
        for (name, value, range) in limits where !range.contains(value) {
            throw .control(name: name, value: value, range: range)
        }
    }
}

/// One of the voices a model holds.
public struct Voice: Sendable, Hashable {
    /// What `SpeechOptions.voice` calls it.
    public var name: String
    /// "female" or "male".
    public var sex: String
    /// What it speaks; Han text is read in this dialect.
    public var dialect: Dialect
    /// One line for a person.
    public var description: String
    /// Whose timbre: an index into the acoustic model's speakers.
    let timbre: Int
    /// Whose way of speaking: an index into the same.
    let manner: Int
    /// The middle of its pitch in hertz.
    let hertz: Float
    /// What durations are multiplied by.
    let pace: Float
    /// What a cloned voice has of its own; nil for the model's voices.
    let own: Own?

    /// A person's timbre, what movements of the pitch are multiplied by, and what is added to the energy that the model is told.
    struct Own: Sendable, Hashable {
        var head: TimbreHead
        var spread: Float
        var energy: Float
    }

    /// Whether it was cloned from a person's recordings; what it says is marked (`Watermark`).
    public var isCloned: Bool { own != nil }

    /// A cloned voice, on top of the shipped one it was fitted to.
    init(_ cloned: ClonedVoice, base: Voice) {
        name = cloned.name
        sex = cloned.sex
        dialect = base.dialect
        timbre = base.timbre
        manner = base.manner
        hertz = cloned.hertz
        pace = cloned.pace
        own = Own(head: cloned.head, spread: cloned.spread, energy: cloned.energy)
        description = "cloned from \(Int(cloned.seconds.rounded())) s of speech, with consent; marked"
    }

    /// Reads `name|sex|dialect|timbre|manner|hertz|pace|description`.
    init?(line: Substring, speakers: [String]) {
        let parts = line.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 8, let dialect = Dialect(rawValue: parts[2]),
            let timbre = speakers.firstIndex(of: parts[3]), let manner = speakers.firstIndex(of: parts[4]),
            let hertz = Float(parts[5]), (40...600).contains(hertz), let pace = Float(parts[6]),
            (0.2...3).contains(pace)
        else { return nil }
        name = parts[0]
        sex = parts[1]
        self.dialect = dialect
        self.timbre = timbre
        self.manner = manner
        self.hertz = hertz
        self.pace = pace
        description = parts[7]
        own = nil
    }
}
