import Language
import Synchronization
import Tensors

/// What the guards have seen since the start.
public struct SpeechStatistics: Sendable, Equatable {
    /// Sentences that were spoken to their end.
    public var sentences = 0
    /// Chunks that were bad in INT8 and rendered again in floats.
    public var retries = 0
    /// Sentences that were bad even then and left out.
    public var droppedSentences = 0

    /// Nothing spoken yet.
    public init() {}
}

/// Text to speech: front end, acoustic model, vocoder.
public final class Synthesiser: Sendable {
    /// More bytes of text than this are refused.
    public static let mostBytes = 262_144

    /// The voices, the default one first, cloned ones last.
    public let voices: [Voice]
    /// Why cloned voices that are there cannot be used, a line each.
    public let unusableVoices: [String]
    /// How the models multiply.
    public let precision: Precision

    struct Models: Sendable {
        var acoustic: AcousticModel
        var vocoder: Vocoder
    }

    private let frontEnd: TextFrontEnd
    let writer: ScoreWriter
    private let loaded: Models
    private let acousticFile: WeightFile
    private let vocoderFile: WeightFile
    private let fallback = Mutex<Models?>(nil)
    private let counted = Mutex(SpeechStatistics())

    /// Opens `acoustic.safetensors` and `vocoder.safetensors` in the directory of models.
    ///
    /// - Throws: `model` for a file that cannot be used, `metadata` for one that is no model of Speak.
    public init(models: ModelDirectory, frontEnd: TextFrontEnd, precision: Precision = .int8) throws(SpeakError) {
        self.frontEnd = frontEnd
        self.precision = precision
        do throws(TensorError) {
            acousticFile = try WeightFile(path: models.file("acoustic.safetensors"))
            vocoderFile = try WeightFile(path: models.file("vocoder.safetensors"))
        } catch {
            throw .model(error)
        }
        loaded = Models(
            acoustic: try AcousticModel(acousticFile, precision: precision),
            vocoder: try Vocoder(vocoderFile, precision: precision))
        writer = ScoreWriter(bases: loaded.acoustic.bases)
        let lines = (acousticFile.metadata["voices"] ?? "").split(separator: "\n")
        var voices: [Voice] = []
        for line in lines {
            guard let voice = Voice(line: line, speakers: loaded.acoustic.speakers) else {
                throw .metadata(
                    path: acousticFile.path, key: "voices",
                    expected: "name|sex|dialect|timbre|manner|hertz|pace|description", found: String(line))
            }
            voices.append(voice)
        }
        guard !voices.isEmpty else {
            throw .metadata(path: acousticFile.path, key: "voices", expected: "at least one voice", found: "none")
        }
        var unusable: [String] = []
        for path in VoiceStore.files {
            do throws(SpeakError) {
                let cloned = try ClonedVoice(
                    path: path, model: Self.name(of: acousticFile), width: loaded.acoustic.width)
                guard let base = voices.first(where: { $0.name == cloned.base }) else {
                    throw .unknownVoice(name: cloned.base, known: voices.map(\.name))
                }
                if !voices.contains(where: { $0.name == cloned.name }) { voices.append(Voice(cloned, base: base)) }
            } catch {
                unusable.append(error.description)
            }
        }
        self.voices = voices
        unusableVoices = unusable
    }

    /// Which acoustic model this is; cloned voices belong to one.
    var modelName: String { Self.name(of: acousticFile) }

    private static func name(of file: WeightFile) -> String {
        "\(file.metadata["version"] ?? "0")-\(file.byteCount)"
    }

    /// What the guards have seen.
    public var statistics: SpeechStatistics { counted.withLock { $0 } }

    /// Starts to speak.
    ///
    /// Nothing is synthesised before the stream is asked for samples.
    ///
    /// - Parameters:
    ///   - text: Any text; digits, dates and units are read out, several sentences follow one another.
    ///   - options: Voice, speed, pitch, loudness and style.
    ///   - chunking: How the samples are divided; they are the same whatever the division.
    /// - Throws: `unknownVoice`, `control`, `textTooLong` or `nothingToSay`.
    public func stream(
        _ text: String, options: SpeechOptions = SpeechOptions(), chunking: SpeechStream.Chunking = .growing
    ) throws(SpeakError) -> SpeechStream {
        try stream(text, voice: try voice(named: options.voice), options: options, chunking: chunking)
    }

    func stream(
        _ text: String, voice: Voice, options: SpeechOptions, chunking: SpeechStream.Chunking = .growing
    ) throws(SpeakError) -> SpeechStream {
        try options.check()
        guard text.utf8.count <= Self.mostBytes else {
            throw .textTooLong(bytes: text.utf8.count, limit: Self.mostBytes)
        }
        let scores = ScoreReader(text, dialect: voice.dialect, frontEnd: frontEnd, writer: writer)
        guard !scores.isAtEnd else { throw .nothingToSay(text: text) }
        return SpeechStream(synthesiser: self, voice: voice, options: options, chunking: chunking, scores: scores)
    }

    /// The voice of a name, the default for nil.
    public func voice(named name: String?) throws(SpeakError) -> Voice {
        guard let name else { return voices[0] }
        guard let voice = voices.first(where: { $0.name == name }) else {
            throw .unknownVoice(name: name, known: voices.map(\.name))
        }
        return voice
    }

    func count(_ change: (inout SpeechStatistics) -> Void) {
        counted.withLock { change(&$0) }
    }

    /// The models at a precision; the ones in floats are loaded when first needed.
    func models(_ wanted: Precision) -> Models? {
        if wanted == precision { return loaded }
        return fallback.withLock { kept in
            if let kept { return kept }
            guard let acoustic = try? AcousticModel(acousticFile, precision: wanted),
                let vocoder = try? Vocoder(vocoderFile, precision: wanted)
            else { return nil }
            let models = Models(acoustic: acoustic, vocoder: vocoder)
            kept = models
            return models
        }
    }
}
