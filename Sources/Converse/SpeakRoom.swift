import Language
import Speak
import Tensors

/// The voice, ready: acoustic model, vocoder and text front end.
public final class SpeakRoom: Sendable {
    /// The synthesiser with its voices.
    public let synthesiser: Synthesiser

    /// Loads the weights and lexicons.
    public init(models: ModelDirectory, precision: Precision = .int8, frontEnd: TextFrontEnd? = nil) throws {
        let language = try frontEnd ?? TextFrontEnd(directory: models.file("lexicon"))
        synthesiser = try Synthesiser(models: models, frontEnd: language, precision: precision)
    }

    /// Whose voice says it: the one asked for, the configured one, or the first that speaks the dialect; nil for the first of all.
    public func name(for saying: Saying, configured: String?) -> String? {
        saying.voice ?? configured ?? synthesiser.voices.first { $0.dialect == saying.dialect }?.name
    }

    /// Begins to speak a saying in its style.
    public func stream(_ saying: Saying, voice: String?, rate: Double = 1) throws -> SpeechStream {
        try synthesiser.stream(
            saying.text,
            options: SpeechOptions(voice: voice, rate: rate, style: Style(rawValue: saying.style) ?? .neutral))
    }
}
