import Hear
import Language
import Sound
import Speak
import Tensors
import Think

/// Example sentences as this device would hear them: spoken by its own voices, heard by its own ears.
public struct SpokenExamples {
    private let ears: HearRoom
    private let voice: SpeakRoom

    /// Loads ears and voice.
    public init(models: ModelDirectory, precision: Precision = .int8) throws {
        let frontEnd = try TextFrontEnd(directory: models.file("lexicon"))
        ears = try HearRoom(models: models, precision: precision, frontEnd: frontEnd)
        voice = try SpeakRoom(models: models, precision: precision, frontEnd: frontEnd)
    }

    /// The examples as heard, each in several voices; those that came through whole or not at all are left out.
    ///
    /// - Parameters:
    ///   - voices: How many voices speak each sentence.
    ///   - progress: Told after each sentence.
    public func hear(
        _ examples: [Example], voices: Int = 2, progress: (_ done: Int, _ of: Int) -> Void
    ) throws -> [Example] {
        let speakers = voice.synthesiser.voices.filter { $0.dialect == .mandarin }.prefix(voices).map(\.name)
        var result: [Example] = []
        for (place, example) in examples.enumerated() {
            for speaker in speakers {
                var stream = try voice.synthesiser.stream(example.text, options: SpeechOptions(voice: speaker))
                var samples: [Float] = []
                while let chunk = stream.next() { samples += chunk }
                guard !samples.isEmpty else { continue }
                let heard = try ears.hear(Recording(PCM(samples: samples, sampleRate: SpeechStream.sampleRate)))
                let words = ears.transcribe(heard, dialect: .mandarin).text
                guard words != example.text, let variant = example.heard(as: words), !result.contains(variant) else {
                    continue
                }
                result.append(variant)
            }
            progress(place + 1, examples.count)
        }
        return result
    }
}
