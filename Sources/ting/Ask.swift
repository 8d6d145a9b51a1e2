import ArgumentParser
import Converse
import Hear
import Language
import Sound
import Speak
import Tensors
import Think

/// `ting ask`: the main job on one recording — hear, think, speak.
struct Ask: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Hear a recorded command, understand it and answer aloud.",
        discussion: """
              ting ask command.wav                     text, intent, slots and reply
              ting ask command.wav --out reply.wav     the spoken reply, 24 kHz
              ting ask command.wav --json --stream     partial results as the audio arrives, then the answer
              ting ask *.wav --json                    one object a file, each file a dialogue of its own
              ting ask call.wav --names contact=names.txt      open slots spelled as in your lists
            The intent is null, and nothing is spoken, when the speech was not meant for the device. A recording longer
            than 30 seconds is heard as at a microphone: each utterance in it is a turn, answered in order.
            """)

    @Argument(help: "A WAV file, or several.", completion: .file(extensions: ["wav"]))
    var inputs: [String]

    @Option(help: "Write the spoken reply here (24 kHz WAV).")
    var out: String?

    @Flag(help: "One JSON object.")
    var json = false

    @Option(help: "Domain name or file; may be repeated (default: car and home).")
    var domain: [String] = []

    @Option(help: "Where the device is: car or home.")
    var scene: String?

    @Flag(help: "With --json, what the directed score was made from; nothing is held back for a low score.")
    var evidence = false

    @Option(help: "What a learned domain goes by: text, sound or both (default: text).")
    var by: Senses?

    @Flag(help: "Show what is heard while the recording plays through.")
    var stream = false

    @Option(help: "Language: zh, yue, sc or en (default: the one heard).")
    var lang: String?

    @Option(help: "Voice of the reply.")
    var voice: String?

    @OptionGroup var lists: NameOptions

    @OptionGroup var models: ModelOptions

    func validate() throws {
        if out != nil, inputs.count != 1 {
            throw ValidationError("--out takes the reply to one recording; found \(inputs.count).")
        }
        if let scene, !["car", "home"].contains(scene) {
            throw ValidationError("Unknown scene '\(scene)': expected car or home.")
        }
        if let lang, Dialect(rawValue: lang) == nil {
            throw ValidationError("Unknown language '\(lang)': expected zh, yue, sc or en.")
        }
    }

    func run() throws {
        // A file that cannot be read is told before anything is loaded.
        for input in inputs { _ = try WAVSource(path: input) }
        let folder = try models.directory()
        let assistant = try Assistant(
            models: folder, domains: domain.isEmpty ? scene.map { [$0] } ?? [] : domain,
            precision: models.precision, dialect: lang.flatMap(Dialect.init(rawValue:)), names: lists.read(),
            falseActionsPerHour: evidence ? nil : DirectedTable.usualLimit, senses: by)
        if by != nil, !assistant.mind.isLearned {
            throw Failure("--by is for learned domains, such as nlpcc2018; a written one goes by its sentences")
        }
        for input in inputs {
            assistant.startSession()
            try answer(input, assistant, folder)
        }
    }

    private func answer(_ input: String, _ assistant: Assistant, _ folder: ModelDirectory) throws {
        var shown = ""
        let partial: ((String) -> Void)? =
            stream
            ? { text in
                guard text != shown else { return }
                shown = text
                print(json ? Output.json([("partial", JSONText.quote(text))]) : Output.coloured("… \(text)", 2))
            } : nil
        var hearing = try Hearing(
            path: input, room: assistant.ears, models: folder, precision: models.precision, partial: partial)
        var speech: [Float] = []
        var now = 0.0
        while let heard = try hearing.next() {
            now += heard.audioSeconds
            let answer = try assistant.answer(heard, at: now, voice: voice)
            speech += answer.speech
            json ? printJSON(answer, path: input) : printText(answer)
        }
        if hearing.isClipped { Output.note("ting: \(input): the recording is clipped; results may suffer") }
        guard let out else { return }
        try WAV.write(speech, sampleRate: SpeechStream.sampleRate, to: out)
        if !json { print("wrote   \(out)") }
    }

    private func printText(_ answer: Answer) {
        let understanding = answer.thought.understanding
        print("heard   \(understanding.text)")
        let slots = understanding.slots.map { " \($0.name)=\($0.value.jsonValue)" }.joined()
        print("intent  \(understanding.intent ?? "none")\(Output.coloured(slots, 36))")
        print("reply   \(answer.thought.reply?.text ?? "")")
        print(
            "took    hear \(milliseconds(answer.seconds.hear)) · think \(milliseconds(answer.seconds.think))"
                + " · first sound \(milliseconds(answer.seconds.firstAudio))"
                + " · \(Output.fixed(answer.seconds.audio, 2)) s of audio")
    }

    private func milliseconds(_ seconds: Double) -> String { "\(Output.fixed(seconds * 1000, 0)) ms" }

    private func printJSON(_ answer: Answer, path: String) {
        let understanding = answer.thought.understanding
        let seconds = Output.json([
            ("audio", Output.seconds(answer.seconds.audio)), ("hear", Output.seconds(answer.seconds.hear)),
            ("think", Output.seconds(answer.seconds.think)), ("speak", Output.seconds(answer.seconds.speak)),
            ("first_audio", Output.seconds(answer.seconds.firstAudio)),
        ])
        let figures =
            evidence ? understanding.evidence.map { $0.figures.map(JSONText.number).joined(separator: ",") } : nil
        let named = inputs.count > 1 ? [("path", JSONText.quote(path))] : []
        print(
            Output.json(
                named + [
                    ("text", JSONText.quote(understanding.text)),
                    ("units", JSONText.quote(answer.thought.syllables.joined(separator: " "))),
                    ("intent", understanding.intent.map(JSONText.quote) ?? "null"),
                    ("slots", JSONText.object(understanding.slots)),
                    ("confidence", Output.seconds(understanding.confidence)),
                    ("directed", Output.seconds(understanding.directed)),
                    ("emotion", JSONText.quote(understanding.emotion)),
                    ("dialect", JSONText.quote(answer.thought.dialect.rawValue)),
                    ("reply", (answer.thought.reply?.text).map(JSONText.quote) ?? "null"), ("seconds", seconds),
                ] + (figures.map { [("evidence", "[\($0)]")] } ?? [])))
    }
}

extension Senses: ExpressibleByArgument {}
