import Hear
import Sound
import Tensors
import Think

/// A recording made ready for the ears: mono, 16 kHz, without the microphone's offset.
public struct Recording: Sendable {
    /// 16 kHz samples.
    public let samples: [Float]
    /// Length in seconds, as recorded.
    public let seconds: Double
    /// True where the recording is clipped badly enough to hurt recognition.
    public let isClipped: Bool

    /// The rate the ears listen at.
    public static let sampleRate = 16_000

    /// Reads a WAV of any rate, depth and channel count.
    public init(path: String) throws(SoundError) {
        self.init(try WAV.read(path: path))
    }

    /// Prepares audio that is already in memory.
    public init(_ pcm: PCM) {
        isClipped = pcm.level.isClipped
        seconds = pcm.seconds
        samples = pcm.resampled(to: Self.sampleRate).removingOffset().samples
    }
}

/// What the ears made of a recording: the acoustic evidence that all searches share.
public struct Heard: Sendable {
    /// Log-probabilities of every unit in every frame.
    public let emissions: Emissions
    /// The encoder's states, frames × 512.
    public let states: Matrix
    /// How it was spoken, from the first frame of the emissions on; nil where there is too little voice to tell.
    public let prosody: Prosody?
    /// The recording's length in seconds.
    public let audioSeconds: Double
    /// Seconds that the encoder took.
    public let hearSeconds: Double

    /// What a finished stream holds.
    init(_ stream: RecognitionStream, prosody: Prosody?, audioSeconds: Double, hearSeconds: Double) {
        emissions = stream.emissions
        states = stream.states
        self.prosody = prosody
        self.audioSeconds = audioSeconds
        self.hearSeconds = hearSeconds
    }
}
