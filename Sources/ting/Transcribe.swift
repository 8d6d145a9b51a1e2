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
            Recordings may be hours long: beyond 30 seconds they are heard utterance by utterance, with a space between.
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
        let folder = try models.directory()
        let ears = try HearRoom(models: folder, precision: models.precision)
        let closed = words.map { $0.split(separator: ",").map(String.init) }
        var failed = false
        for path in files {
            do {
                let hearing = try Hearing(path: path, room: ears, models: folder, precision: models.precision)
                try report(path: path, hearing: hearing, ears: ears, closed: closed)
            } catch {
                Output.note("ting: \(path): \(error)")
                failed = true
            }
        }
        if failed { throw ExitCode(1) }
    }

    private func report(path: String, hearing: Hearing, ears: HearRoom, closed: [String]?) throws {
        var hearing = hearing
        let dialect = lang.flatMap(Dialect.init(rawValue:))
        var parts: [Part] = []
        while let heard = try hearing.next() {
            parts.append(part(of: heard, ears: ears, closed: closed, dialect: dialect))
        }
        let text = parts.map { pinyin && !json ? $0.units : $0.text }.filter { !$0.isEmpty }.joined(separator: " ")
        guard json else { return print("\(path)\t\(text)") }
        let confidence = parts.map(\.confidence).reduce(0, +) / Double(max(1, parts.count))
        guard closed == nil else { return print(line(path, text: text, confidence: confidence)) }
        print(
            Output.json([
                ("path", JSONText.quote(path)), ("text", JSONText.quote(text)),
                ("units", JSONText.quote(parts.map(\.units).filter { !$0.isEmpty }.joined(separator: " "))),
                ("dialect", JSONText.quote((parts.first?.dialect ?? dialect ?? .mandarin).rawValue)),
                ("confidence", Output.seconds(confidence)), ("seconds", Output.seconds(hearing.seconds)),
            ]))
    }

    /// What one utterance says.
    private struct Part {
        var text: String
        var units = ""
        var dialect: Dialect?
        var confidence: Double
    }

    private func part(of heard: Heard, ears: HearRoom, closed: [String]?, dialect: Dialect?) -> Part {
        if let closed {
            let best = ears.choose(among: closed, heard: heard, dialect: dialect)
            return Part(text: best?.word ?? "", confidence: best?.share ?? 0)
        }
        let transcript = ears.transcribe(heard, dialect: dialect, hotWords: hotWords)
        return Part(
            text: transcript.text, units: transcript.syllables.joined(separator: " "), dialect: transcript.dialect,
            confidence: transcript.confidence)
    }

    private func line(_ path: String, text: String, confidence: Double) -> String {
        Output.json([
            ("path", JSONText.quote(path)), ("text", JSONText.quote(text)), ("confidence", Output.seconds(confidence)),
        ])
    }
}
