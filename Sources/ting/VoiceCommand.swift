import ArgumentParser
import Converse
import Glibc
import Language
import Sound
import Speak
import Tensors
import Think

/// `ting voice`: the voices there are, new ones from recordings, and the mark that tells cloned speech.
struct VoiceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "voice", abstract: "List voices, clone one from recordings, find the mark of cloned speech.",
        subcommands: [List.self, Clone.self, Verify.self])

    /// `ting voice list`.
    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Describe the voices, cloned ones included; --play lets each introduce itself.")

        @Flag(help: "Let every voice introduce itself through the default ALSA device.")
        var play = false

        @OptionGroup var models: ModelOptions

        func run() throws {
            try VoiceCommand.list(SpeakRoom(models: models.directory(), precision: models.precision), play: play)
        }
    }

    /// `ting voice clone NAME FILE…`.
    struct Clone: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a voice from 30 s to 5 min of one person's speech.",
            discussion: """
                  ting voice clone anna interview.wav --consent agreed.wav
                  ting voice clone me a.wav b.wav --i-have-consent
                  ting say --voice anna 你好
                The recordings are checked (length, silence, clipping, noise, music, more than one speaker), heard, and a
                voice is fitted to them in a minute or two: one file under 1 MB in $TING_VOICES or
                ~/.local/share/ting/voices. The person must agree: --consent FILE is a recording in which the same voice
                says so (我同意…), or --i-have-consent is your word for it. All that a cloned voice says carries an
                inaudible mark that `ting voice verify` finds.
                """)

        @Argument(help: "The name of the voice: letters, digits, - and _.")
        var name: String

        @Argument(help: "Recordings of Mandarin speech (WAV).", completion: .file(extensions: ["wav"]))
        var files: [String]

        @Option(help: "A recording in which the person agrees: 我同意克隆我的声音.")
        var consent: String?

        @Flag(name: .customLong("i-have-consent"), help: "I have this person's consent.")
        var hasConsent = false

        @Flag(help: "Replace a cloned voice of that name.")
        var replace = false

        @OptionGroup var models: ModelOptions

        func validate() throws {
            guard VoiceStore.isName(name) else {
                throw ValidationError("'\(name)' is no name for a voice: expected up to 32 letters, digits, - and _.")
            }
            guard !files.isEmpty else { throw ValidationError("Name at least one WAV file.") }
            guard consent != nil || hasConsent else {
                throw ValidationError(
                    "A voice belongs to a person: give --consent FILE, a recording in which they agree, or --i-have-consent."
                )
            }
        }

        func run() throws {
            let folder = try models.directory()
            let frontEnd = try TextFrontEnd(directory: folder.file("lexicon"))
            let room = try SpeakRoom(models: folder, precision: models.precision, frontEnd: frontEnd)
            if let taken = room.synthesiser.voices.first(where: { $0.name == name }), !(replace && taken.isCloned) {
                throw Failure(
                    taken.isCloned
                        ? "there is a cloned voice \(name): --replace makes it anew"
                        : "\(name) is one of Ting's own voices: choose another name")
            }
            let encoder = try SpeakerEncoder(models: folder, precision: models.precision)
            var sounds: [(name: String, sound: PCM)] = []
            for file in files { sounds.append((file, try WAV.read(path: file))) }
            let recordings = try VoiceRecordings(sounds, encoder: encoder)
            let ears = try HearRoom(models: folder, precision: models.precision, frontEnd: frontEnd)
            let agreed = try agreement(recordings, encoder, ears)
            var bar = ProgressBar(label: "cloning \(name)")
            var words: [[SpokenToken]] = []
            for (index, piece) in recordings.pieces.enumerated() {
                let text = try heard(piece.samples, ears)
                words.append(frontEnd.pronounce(text, dialect: .mandarin, surface: true))
                bar.show(0.4 * Double(index + 1) / Double(recordings.pieces.count))
            }
            let cloner = try VoiceCloner(synthesiser: room.synthesiser, encoder: encoder)
            let voice = try cloner.fit(name: name, recordings: recordings, words: words, consent: agreed) {
                bar.show(0.4 + 0.6 * $0)
            }
            bar.finish()
            let path = VoiceStore.path(name)
            try voice.write(to: path)
            print(
                "\(name)\t\(Int(voice.seconds.rounded())) s of speech, on \(voice.base), likeness "
                    + "\(Output.fixed(voice.likeness, 2))\t\(path)")
        }

        private func heard(_ samples: [Float], _ ears: HearRoom) throws -> String {
            let heard = try ears.hear(Recording(PCM(samples: samples, sampleRate: SpeechStream.sampleRate)))
            return ears.transcribe(heard, dialect: .mandarin).text
        }

        /// What the file will say of the consent; a recorded one must be heard, and in the same voice.
        private func agreement(
            _ recordings: VoiceRecordings, _ encoder: SpeakerEncoder, _ ears: HearRoom
        ) throws -> String {
            guard let consent else { return "stated by the user" }
            let recording = try Recording(path: consent)
            let text = ears.transcribe(try ears.hear(recording), dialect: .mandarin).text
            guard text.contains("同意") || text.lowercased().contains("agree") else {
                throw Failure("\(consent): expected a statement of consent (我同意…), heard \"\(text.prefix(40))\"")
            }
            let likeness = encoder.embedding(of: recording.samples).map {
                SpeakerEncoder.likeness($0, recordings.embedding)
            }
            guard let likeness, likeness >= VoiceRecordings.leastAlike else {
                let found = likeness.map { "likeness \(Output.fixed(Double($0), 2))" } ?? "too little speech"
                throw Failure("\(consent): expected the same voice as in the recordings, found \(found)")
            }
            return "recorded: \(text.prefix(80))"
        }
    }

    /// `ting voice verify FILE…`.
    struct Verify: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Look for the mark of cloned speech in recordings.",
            discussion: """
                  ting voice verify call.wav
                Any WAV of three seconds of speech and more is read, also one that was sent through a codec (16 kHz Opus at
                24 kbit/s). Exit status 0 when every file is marked, 1 when one is not.
                """)

        @Argument(help: "WAV files.", completion: .file(extensions: ["wav"]))
        var files: [String]

        @Flag(help: "One JSON object a file.")
        var json = false

        func run() throws {
            var all = true
            for path in files {
                do {
                    let sound = try WAV.read(path: path).resampled(to: SpeechStream.sampleRate)
                    let finding = Watermark.find(in: sound.samples)
                    report(path, finding)
                    all = all && finding.isMarked
                } catch {
                    Output.note("ting: \(path): \(error)")
                    all = false
                }
            }
            if !all { throw ExitCode(1) }
        }

        private func report(_ path: String, _ finding: Watermark.Finding) {
            let score = Output.fixed(finding.score, 1)
            guard json else {
                let limit = "\(score), expected \(Output.fixed(Watermark.threshold, 1))"
                return print(finding.isMarked ? "\(path)\tcloned by Ting (\(score))" : "\(path)\tno mark (\(limit))")
            }
            print(
                Output.json([
                    ("path", JSONText.quote(path)), ("marked", finding.isMarked ? "true" : "false"), ("score", score),
                    ("from", Output.seconds(finding.seconds.lowerBound)),
                    ("to", Output.seconds(finding.seconds.upperBound)),
                ]))
        }
    }

    /// One line a voice, and its introduction aloud where wanted.
    static func list(_ room: SpeakRoom, play: Bool) throws {
        for voice in room.synthesiser.voices {
            print("\(voice.name)\t\(voice.sex), \(voice.dialect.rawValue)\t\(voice.description)")
            guard play else { continue }
            let text = voice.dialect == .english ? "Hello, this is my voice." : "你好，这是我的声音。"
            try Playback.play(try room.synthesiser.stream(text, options: SpeechOptions(voice: voice.name)))
        }
        for line in room.synthesiser.unusableVoices { Output.note("ting: \(line)") }
    }
}

/// A bar on the terminal's last line of standard error; nothing where that is no terminal.
struct ProgressBar {
    private static let width = 32
    private let label: String
    private let isShown = isatty(STDERR_FILENO) == 1
    private var last = -1

    init(label: String) { self.label = label }

    /// Shows 0…1.
    mutating func show(_ part: Double) {
        let filled = Int(max(0, min(1, part)) * Double(Self.width))
        guard isShown, filled != last else { return }
        last = filled
        let bar = String(repeating: "█", count: filled) + String(repeating: "·", count: Self.width - filled)
        put("\r\(label) \(bar) \(Int(max(0, min(1, part)) * 100)) %")
    }

    /// Clears the line.
    func finish() {
        if isShown { put("\r\u{1B}[K") }
    }

    private func put(_ text: String) {
        let bytes = Array(text.utf8)
        _ = write(STDERR_FILENO, bytes, bytes.count)
    }
}
