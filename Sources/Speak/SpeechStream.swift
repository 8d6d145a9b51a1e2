import Language
import Tensors

/// Speech that is made while it is asked for: sentence after sentence, chunk after chunk, in steady memory.
public struct SpeechStream: Sendable {
    /// How many frames of 10.67 ms the chunks of a sentence hold: the first is short so that sound starts early.
    public enum Chunking: Sendable, Equatable {
        /// 16 frames at first, then twice as many each time up to 192.
        case growing
        /// Always so many.
        case fixed(Int)
        /// A sentence at once.
        case whole
    }

    /// The sample rate of what comes out.
    public static let sampleRate = Vocoder.sampleRate

    private let synthesiser: Synthesiser
    private let voice: Voice
    private let options: SpeechOptions
    private let chunking: Chunking
    private var scores: ScoreReader
    private var current: Sentence?
    /// Samples handed out so far.
    private var position = 0
    /// Test hook: changes samples as they are rendered, before they are looked at.
    var tamper: (@Sendable (_ samples: inout [Float], _ precision: Precision) -> Void)?

    private struct Sentence: Sendable {
        var score: Score
        var renderer: SentenceRenderer
        var watch: OutputGuard
        var precision: Precision
        var emitted = 0
        /// Where in the stream it begins, in frames.
        var origin: Int
        var chunk: Int
        var silenceAfter: Int
    }

    init(synthesiser: Synthesiser, voice: Voice, options: SpeechOptions, chunking: Chunking, scores: ScoreReader) {
        self.synthesiser = synthesiser
        self.voice = voice
        self.options = options
        self.chunking = chunking
        self.scores = scores
    }

    /// The next samples, mono at 24 kHz in −1…1; nil when all is said.
    ///
    /// What comes out is finite and not clipped: a chunk that is not is rendered again in 32-bit floats, and a sentence
    /// that is bad even then is left out; both are counted in `Synthesiser.statistics`.
    public mutating func next() -> [Float]? {
        while true {
            if current == nil {
                guard let score = scores.next() else { return nil }
                current = sentence(score, synthesiser.precision, origin: position / Vocoder.hop)
                if current == nil { synthesiser.count { $0.droppedSentences += 1 } }
                continue
            }
            if let samples = advance() {
                position += samples.count
                return samples
            }
        }
    }

    /// All that is left, at once.
    public mutating func rest() -> [Float] {
        var all: [Float] = []
        while let chunk = next() { all.append(contentsOf: chunk) }
        return all
    }

    private func sentence(_ score: Score, _ precision: Precision, origin: Int) -> Sentence? {
        guard let models = synthesiser.models(precision),
            let renderer = SentenceRenderer(
                score, acoustic: models.acoustic, vocoder: models.vocoder, voice: voice, options: options,
                origin: origin)
        else { return nil }
        let seconds: Double
        switch score.ending {
        case .none, .minor: seconds = 0.08
        case .major: seconds = 0.3
        case .question, .exclaim: seconds = 0.35
        }
        let first: Int
        switch chunking {
        case .growing: first = 16
        case .fixed(let frames): first = max(1, frames)
        case .whole: first = renderer.frameCount
        }
        return Sentence(
            score: score, renderer: renderer, watch: OutputGuard(sounds: score.tokens.count), precision: precision,
            origin: origin, chunk: first, silenceAfter: Int(seconds / options.rate * Double(Vocoder.sampleRate)))
    }

    /// The next chunk of the current sentence; nil when there is none, and the sentence is then done.
    private mutating func advance() -> [Float]? {
        guard var sentence = current else { return nil }
        guard var samples = sentence.renderer.next(sentence.chunk) else {
            current = nil
            let silence = scores.isAtEnd ? 0 : sentence.silenceAfter
            synthesiser.count { $0.sentences += 1 }
            return silence > 0 ? [Float](repeating: 0, count: silence) : nil
        }
        tamper?(&samples, sentence.precision)
        if sentence.watch.inspect(samples, isLast: sentence.renderer.isDone) != nil {
            guard let again = retried(sentence) else {
                current = nil
                synthesiser.count { $0.droppedSentences += 1 }
                return nil
            }
            (sentence, samples) = again
        }
        if chunking == .growing { sentence.chunk = min(192, sentence.chunk * 2) }
        sentence.emitted += samples.count
        current = sentence
        Limiter.apply(&samples)
        return samples
    }

    /// The same sentence in floats, brought to where the bad chunk began; nil when that is bad as well.
    private func retried(_ sentence: Sentence) -> (Sentence, [Float])? {
        guard sentence.precision == .int8 else { return nil }
        synthesiser.count { $0.retries += 1 }
        guard var fresh = self.sentence(sentence.score, .float32, origin: sentence.origin) else { return nil }
        fresh.chunk = sentence.chunk
        var passed = 0
        while var samples = fresh.renderer.next(passed < sentence.emitted ? 32 : fresh.chunk) {
            tamper?(&samples, .float32)
            guard fresh.watch.inspect(samples, isLast: fresh.renderer.isDone) == nil else { return nil }
            passed += samples.count
            if passed > sentence.emitted {
                let kept = Array(samples.suffix(passed - sentence.emitted))
                fresh.emitted = sentence.emitted
                return (fresh, kept)
            }
        }
        return nil
    }
}
