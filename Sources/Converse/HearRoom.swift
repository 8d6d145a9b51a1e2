import Hear
import Language
import Tensors
import Think

/// The ears, ready: encoder, lexicons and searches, loaded once and shared by every utterance.
public final class HearRoom: Sendable {
    /// The streaming encoder.
    public let recogniser: Recogniser
    /// Lexicons and pronunciation.
    public let frontEnd: TextFrontEnd
    /// The search for open text.
    public let open: OpenSearch

    /// Loads the weights and lexicons.
    public init(models: ModelDirectory, precision: Precision = .int8, frontEnd: TextFrontEnd? = nil) throws {
        let language = try frontEnd ?? TextFrontEnd(directory: models.file("lexicon"))
        self.frontEnd = language
        recogniser = try Recogniser(models: models, precision: precision)
        open = try OpenSearch(models: models, frontEnd: language)
    }

    /// Runs the encoder over a recording as it would run on a microphone: a hop at a time.
    ///
    /// `partial` receives the syllables heard so far, after each 0.1 s of audio that brought something new.
    public func hear(_ recording: Recording, partial: ((String) -> Void)? = nil) throws -> Heard {
        let clock = ContinuousClock()
        let start = clock.now
        var stream = try recogniser.makeStream()
        let step = Recording.sampleRate / 10
        var position = 0
        var shown = ""
        // Silence before and after gives the first and last sound the context that a live microphone gives them.
        let lead = [Float](repeating: 0, count: Recording.sampleRate / 10)
        try stream.accept(lead)
        while position < recording.samples.count {
            let end = min(position + step, recording.samples.count)
            try stream.accept(Array(recording.samples[position..<end]))
            position = end
            if let partial {
                let syllables = open.transcribe(stream.emissions).syllables.joined(separator: " ")
                if syllables != shown {
                    shown = syllables
                    partial(syllables)
                }
            }
        }
        try stream.accept([Float](repeating: 0, count: Recording.sampleRate / 5))
        stream.finish()
        let seconds = (clock.now - start) / .seconds(1)
        return Heard(
            stream, prosody: Prosody(samples: lead + recording.samples), audioSeconds: recording.seconds,
            hearSeconds: seconds)
    }

    /// Open text from what was heard.
    public func transcribe(_ heard: Heard, dialect: Dialect?, hotWords: [String] = []) -> Transcript {
        open.transcribe(heard.emissions, dialect: dialect, hotWords: hotWords)
    }

    /// The one of a closed set of words that fits best, with its share of the probability.
    public func choose(
        among words: [String], heard: Heard, dialect: Dialect?
    ) -> (word: String, share: Double)? {
        let dialects = dialect.map { [$0] } ?? [.mandarin, .english]
        return ClosedSet(words: words, frontEnd: frontEnd, dialects: dialects).best(heard.emissions)
    }
}
