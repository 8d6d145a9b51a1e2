import ArgumentParser
import Converse
import Language
import Sound
import Speak
import Tensors
import Think

/// `ting bench`: how fast, how large and how right the pipeline is here, INT8 beside 32-bit floats.
struct Bench: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure speed, memory and accuracy on this machine, one core, warm: INT8 beside 32-bit floats.",
        discussion: """
            Every time is the median of several runs. Real-time factors are seconds of work a second of audio.
              ting bench --runs 7 Tests/Recordings/command.wav
              ting bench --texts Tests/Recordings/texts.tsv     accuracy too: a path, a tab and the text a line
            The daemon beside this program, if there is one, is started on files to measure its start and its memory.
            """)

    @Argument(help: "A recorded command (default: one that the voice speaks).")
    var recording: String?

    @Option(help: "Runs of each measurement.")
    var runs = 5

    @Option(help: "Recordings and what they say, a path and a text a line with a tab between: compare accuracy.")
    var texts: String?

    @Flag(help: "Do not start the daemon.")
    var noDaemon = false

    @Flag(help: "One JSON object.")
    var json = false

    @OptionGroup var models: ModelOptions

    /// Twelve syllables: the reply length that the latency is stated for.
    static let reply = "好的，空调调到二十四度了"

    func validate() throws {
        guard (1...100).contains(runs) else { throw ValidationError("Runs: expected 1 to 100, found \(runs).") }
    }

    func run() throws {
        let folder = try models.directory()
        let list = try texts.map { try BenchAccuracy.list(path: $0) }
        let audio = try recording.map { try Recording(path: $0) } ?? BenchPipeline.spoken(folder)
        var report = BenchReport(runs: runs)
        let pipeline = BenchPipeline(models: folder, runs: runs)
        report.add("matrix products 20×512×2048", "GMAC/s", both { pipeline.multiplications($0) })
        report.add("load all weights, warm", "ms", try both { try pipeline.loading($0).seconds * 1000 })
        let hear = try both { precision in try pipeline.hearing(audio, precision) }
        report.add("Hear, real-time factor", "×", (hear.0.factor, hear.1.factor))
        report.add("features and encoder, real-time factor", "×", (hear.0.encoder, hear.1.encoder))
        report.add("last sample → units", "ms", (hear.0.end * 1000, hear.1.end * 1000))
        report.add("end of speech → intent", "ms", (hear.0.intent * 1000, hear.1.intent * 1000))
        let speak = try both { precision in try pipeline.speaking(precision) }
        report.add("Speak, real-time factor", "×", (speak.0.factor, speak.1.factor))
        report.add("intent → first sample", "ms", (speak.0.first * 1000, speak.1.first * 1000))
        let sizes = try pipeline.sizes()
        report.add("weights", "MB", (sizes.int8, sizes.float32))
        report.add("of these copied to memory", "MB", try both { try pipeline.loading($0).copiedMegabytes })
        if let list {
            let found = try BenchAccuracy(models: folder).compare(list)
            report.add("characters wrong", "%", (100 * found.int8, 100 * found.float32))
            report.note("recordings", "\(list.count)")
            report.note("frames in which INT8 and fp32 hear the same", Output.fixed(100 * found.agreement, 2) + " %")
        }
        if !noDaemon, let daemon = BenchDaemon(models: folder) {
            let figures = try daemon.measure(audio)
            report.note("tingd, start to ready", Output.fixed(figures.readySeconds * 1000, 0) + " ms")
            report.note("tingd, resident idle", Output.fixed(figures.idleMegabytes, 0) + " MB")
            report.note("tingd, resident while it speaks", Output.fixed(figures.speakingMegabytes, 0) + " MB")
            report.note("tingd, of these its own (not file pages)", Output.fixed(figures.ownMegabytes, 0) + " MB")
            report.note("tingd, SIGTERM to gone", Output.fixed(figures.stopSeconds * 1000, 0) + " ms")
        }
        report.note("resident memory of this process", Output.fixed(ProcessMemory.residentMegabytes() ?? 0, 0) + " MB")
        report.print(asJSON: json)
    }

    private func both<T>(_ measure: (Precision) throws -> T) rethrows -> (T, T) {
        (try measure(.int8), try measure(.float32))
    }
}

/// What was measured, as a table or as JSON.
struct BenchReport {
    private struct Row {
        var name: String
        var unit: String
        var int8: Double
        var float32: Double
    }

    private let runs: Int
    private var rows: [Row] = []
    private var notes: [(name: String, value: String)] = []

    init(runs: Int) { self.runs = runs }

    mutating func add(_ name: String, _ unit: String, _ values: (Double, Double)) {
        rows.append(Row(name: name, unit: unit, int8: values.0, float32: values.1))
    }

    mutating func note(_ name: String, _ value: String) { notes.append((name, value)) }

    func print(asJSON: Bool) {
        guard !asJSON else { return printJSON() }
        Swift.print("kernels \(Kernels.active), one core, median of \(runs)")
        Swift.print("                                 INT8        fp32     INT8 is")
        for row in rows {
            let name = row.name + String(repeating: " ", count: max(1, 28 - row.name.count))
            Swift.print("\(name)\(cell(row.int8))  \(cell(row.float32)) \(row.unit)  \(comparison(row))")
        }
        for note in notes { Swift.print("\(note.name): \(note.value)") }
    }

    private func comparison(_ row: Row) -> String {
        switch row.unit {
        case "GMAC/s": "\(Output.fixed(row.int8 / row.float32, 2)) × as fast"
        case "MB": "\(Output.fixed(row.int8 / max(row.float32, 1e-9), 2)) × the size"
        case "%": "\(Output.fixed(row.int8 - row.float32, 2)) points more"
        default: "\(Output.fixed(row.float32 / row.int8, 2)) × as fast"
        }
    }

    private func printJSON() {
        let fields = rows.map {
            ($0.name, "{\"int8\":\($0.int8),\"float32\":\($0.float32),\"unit\":\(JSONText.quote($0.unit))}")
        }
        Swift.print(
            Output.json(
                fields + notes.map { ($0.name, JSONText.quote($0.value)) } + [
                    ("kernels", JSONText.quote(Kernels.active))
                ]))
    }

    private func cell(_ value: Double) -> String {
        let text = Output.fixed(value, value < 10 ? 4 : 1)
        return String(repeating: " ", count: max(0, 12 - text.count)) + text
    }
}
