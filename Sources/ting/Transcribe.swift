import ArgumentParser
import Converse
import Hear
import Language
import Sound
import Tensors
import Think

/// `ting transcribe`: what was said, one line a file.
struct Transcribe: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write what recordings say: path, a tab, and the text.",
        discussion: """
            Any WAV is read: 8 to 48 kHz, 8 to 32 bits or float, any number of channels.
              ting transcribe meeting.wav
              ting transcribe --pinyin *.wav        tonal syllables heard: da3 kai1 kong1 tiao2
              ting transcribe --words 打开,关闭 a.wav   which of these words was it?
            A file that cannot be read is reported on standard error; the others are still transcribed, and the exit
            status is 1.
            """)

    @Flag(help: "Write the tonal syllables heard instead of characters.")
    var pinyin = false

    @Option(help: "Language: zh, yue, sc or en (default: the one heard).")
    var lang: String?

    @Flag(help: "One JSON object a file.")
    var json = false

    @Option(help: "Comma-separated words: write the one that fits best (a closed set).")
    var words: String?

    @Option(name: .customLong("hot-word"), help: "A name or word to expect more than usual; may be repeated.")
    var hotWords: [String] = []

    @OptionGroup var models: ModelOptions

    @Argument(help: "WAV files.", completion: .file(extensions: ["wav"]))
    var files: [String]

    func validate() throws {
        guard !files.isEmpty else { throw ValidationError("Name at least one WAV file.") }
        if let lang, Dialect(rawValue: lang) == nil {
            throw ValidationError("Unknown language '\(lang)': expected zh, yue, sc or en.")
        }
    }

    func run() throws {
        let ears = try HearRoom(models: models.directory(), precision: models.precision)
        let closed = words.map { $0.split(separator: ",").map(String.init) }
        var failed = false
        for path in files {
            do {
                let heard = try ears.hear(try Recording(path: path))
                report(path: path, heard: heard, ears: ears, closed: closed)
            } catch {
                Output.note("ting: \(path): \(error)")
                failed = true
            }
        }
        if failed { throw ExitCode(1) }
    }

    private func report(path: String, heard: Heard, ears: HearRoom, closed: [String]?) {
        let dialect = lang.flatMap(Dialect.init(rawValue:))
        if let closed {
            let best = ears.choose(among: closed, heard: heard, dialect: dialect)
            let word = best?.word ?? ""
            return print(json ? line(path, text: word, confidence: best?.share ?? 0) : "\(path)\t\(word)")
        }
        let transcript = ears.transcribe(heard, dialect: dialect, hotWords: hotWords)
        let text = pinyin ? transcript.syllables.joined(separator: " ") : transcript.text
        guard json else { return print("\(path)\t\(text)") }
        print(
            Output.json([
                ("path", JSONText.quote(path)), ("text", JSONText.quote(transcript.text)),
                ("units", JSONText.quote(transcript.syllables.joined(separator: " "))),
                ("dialect", JSONText.quote(transcript.dialect.rawValue)),
                ("confidence", Output.seconds(transcript.confidence)),
                ("seconds", Output.seconds(heard.audioSeconds)),
            ]))
    }

    private func line(_ path: String, text: String, confidence: Double) -> String {
        Output.json([
            ("path", JSONText.quote(path)), ("text", JSONText.quote(text)), ("confidence", Output.seconds(confidence)),
        ])
    }
}
