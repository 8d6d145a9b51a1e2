import ArgumentParser
import Converse
import Language
import Sound
import Speak
import Tensors

/// `ting say`: speak a text into a file or a loudspeaker.
struct Say: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Speak a text.",
        discussion: """
              ting say 好的，空调二十四度 --out ok.wav
              ting say "今天气温26.5℃，湿度40%" --rate 1.2 --pitch -2
              ting say --voice list
            Without --out the default ALSA device plays it. With no text, standard input is read.
            """)

    @Argument(help: "What to say.")
    var text: [String] = []

    @Option(help: "Write a 24 kHz WAV here instead of playing.")
    var out: String?

    @Option(help: "Voice name; 'list' describes the voices, and with --play lets each introduce itself.")
    var voice: String?

    @Flag(help: "With --voice list: let every voice introduce itself.")
    var play = false

    @Option(help: "Speaking rate, 0.5 to 2.")
    var rate = 1.0

    @Option(parsing: .unconditional, help: "Pitch in semitones, -6 to 6.")  // a value may begin with a minus
    var pitch = 0.0

    @Option(help: "Loudness as a factor, 0.25 to 2.")
    var energy = 1.0

    @Option(help: "neutral, question, exclaim, happy, sad or angry.")
    var style = "neutral"

    @OptionGroup var models: ModelOptions

    func validate() throws {
        guard SpeechOptions.rates.contains(rate) else {
            throw ValidationError("--rate is \(rate): expected 0.5 to 2.")
        }
        guard SpeechOptions.pitches.contains(pitch) else {
            throw ValidationError("--pitch is \(pitch): expected -6 to 6.")
        }
        guard SpeechOptions.energies.contains(energy) else {
            throw ValidationError("--energy is \(energy): expected 0.25 to 2.")
        }
        guard Style(rawValue: style) != nil else {
            throw ValidationError("Unknown style '\(style)': expected neutral, question, exclaim, happy, sad or angry.")
        }
    }

    func run() throws {
        let voiceRoom = try SpeakRoom(models: models.directory(), precision: models.precision)
        if voice == "list" {
            return try VoiceCommand.list(voiceRoom, play: play)
        }
        let words = text.isEmpty ? try StandardInput.text(limit: 1 << 20) : text.joined(separator: " ")
        let options = SpeechOptions(
            voice: voice, rate: rate, pitchSemitones: pitch, energy: energy, style: Style(rawValue: style) ?? .neutral)
        if let out {
            var samples: [Float] = []
            var stream = try voiceRoom.synthesiser.stream(words, options: options)
            while let chunk = stream.next() { samples += chunk }
            if !samples.isEmpty { try WAV.write(samples, sampleRate: 24_000, to: out) }
        } else {
            try Playback.play(try voiceRoom.synthesiser.stream(words, options: options))
        }
        let dropped = voiceRoom.synthesiser.statistics.droppedSentences
        guard dropped == 0 else {
            throw Failure("\(dropped) of the sentences came out as noise and were left out: word them otherwise")
        }
    }
}
