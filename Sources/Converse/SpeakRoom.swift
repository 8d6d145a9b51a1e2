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
}
