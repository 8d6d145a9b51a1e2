import ArgumentParser
import Converse
import Language
import Sound
import Speak
import Tensors
import Think

/// `ting bench`: how fast the pipeline is here, INT8 beside 32-bit floats.
struct Bench: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure speed and memory on this machine, one core, warm: INT8 beside 32-bit floats.",
        discussion: """
            Every figure is the median of several runs. Real-time factors are seconds of work a second of audio.
              ting bench --runs 7 Tests/Recordings/command.wav
            """)

    @Argument(help: "A recorded command (default: one that the voice speaks).")
    var recording: String?

    @Option(help: "Runs of each measurement.")
    var runs = 5

    @Flag(help: "One JSON object.")
    var json = false

    @OptionGroup var models: ModelOptions

    /// Twelve syllables: the reply length that the latency is stated for.
    static let reply = "好的，空调调到二十四度了"

    func run() throws {
        let folder = try models.directory()
        var rows: [(name: String, int8: Double, float32: Double, unit: String)] = []
        let kernels = both { Self.multiplications(precision: $0, runs: runs) }
        rows.append(("matrix products 20×512×2048", kernels.0, kernels.1, "GMAC/s"))
        let audio = try recording.map { try Recording(path: $0) } ?? spoken(folder)
        let hear = try both { precision in try hearing(folder, audio, precision) }
        rows.append(("Hear, real-time factor", hear.0.factor, hear.1.factor, "×"))
        rows.append(("end of speech → intent", hear.0.intent * 1000, hear.1.intent * 1000, "ms"))
        let speak = try both { precision in try speaking(folder, precision) }
        rows.append(("Speak, real-time factor", speak.0.factor, speak.1.factor, "×"))
        rows.append(("text → first sample", speak.0.first * 1000, speak.1.first * 1000, "ms"))
        report(rows)
    }

    private func both<T>(_ measure: (Precision) throws -> T) rethrows -> (T, T) {
        (try measure(.int8), try measure(.float32))
    }

    private func report(_ rows: [(name: String, int8: Double, float32: Double, unit: String)]) {
        if json {
            let fields = rows.map {
                ($0.name, "{\"int8\":\($0.int8),\"float32\":\($0.float32),\"unit\":\(JSONText.quote($0.unit))}")
            }
            return print(
                Output.json(
                    fields + [
                        ("kernels", JSONText.quote(Kernels.active)),
                        ("resident_mb", Output.seconds(Self.residentMegabytes())),
                    ]))
        }
        print("kernels \(Kernels.active), one core, median of \(runs)")
        print("                              INT8        fp32     INT8 is")
        for row in rows {
            let times = row.unit == "GMAC/s" ? row.int8 / row.float32 : row.float32 / row.int8
            let name = row.name + String(repeating: " ", count: max(1, 28 - row.name.count))
            print("\(name)\(cell(row.int8))  \(cell(row.float32)) \(row.unit)  \(Output.fixed(times, 2)) × as fast")
        }
        print("resident memory of this process: \(Output.fixed(Self.residentMegabytes(), 0)) MB")
    }

    private func cell(_ value: Double) -> String {
        let text = Output.fixed(value, value < 10 ? 4 : 1)
        return String(repeating: " ", count: max(0, 9 - text.count)) + text
    }

    /// INT8 or fp32 multiply-accumulates a second of Hear's widest layer, in 10⁹.
    static func multiplications(precision: Precision, runs: Int) -> Double {
        var state: UInt32 = 1
        func next() -> Float {
            state = state &* 1_664_525 &+ 1_013_904_223
            return Float(Int32(bitPattern: state)) / Float(Int32.max)
        }
        let weights = Matrix(rows: 2048, columns: 512, values: (0..<2048 * 512).map { _ in next() })
        let x = Matrix(rows: 20, columns: 512, values: (0..<20 * 512).map { _ in next() })
        let layer = Linear(weights: weights, precision: precision)
        var y = layer(x)
        let seconds = median(runs) { for _ in 0..<50 { layer.apply(x, into: &y) } }
        return 50 * 20 * 512 * 2048 / seconds / 1e9
    }

    private func spoken(_ folder: ModelDirectory) throws -> Recording {
        let room = try SpeakRoom(models: folder)
        var stream = try room.synthesiser.stream("空调调到二十四度", options: SpeechOptions())
        var samples: [Float] = []
        while let chunk = stream.next() { samples += chunk }
        return Recording(PCM(samples: samples, sampleRate: 24_000))
    }

    private func hearing(
        _ folder: ModelDirectory, _ audio: Recording, _ precision: Precision
    ) throws -> (factor: Double, intent: Double) {
        let ears = try HearRoom(models: folder, precision: precision)
        var mind = try ThinkRoom(models: folder, precision: precision, ears: ears)
        var heard = try ears.hear(audio)
        _ = try mind.consider(heard, at: 0)
        let encoder = try Self.median(runs) { heard = try ears.hear(audio) }
        let intent = try Self.median(runs) {
            mind.startSession()
            _ = try mind.consider(heard, at: 0)
        }
        return (encoder / audio.seconds, intent)
    }

    private func speaking(
        _ folder: ModelDirectory, _ precision: Precision
    ) throws -> (factor: Double, first: Double) {
        let room = try SpeakRoom(models: folder, precision: precision)
        var count = 0
        func say(untilFirst: Bool) throws {
            count = 0
            var stream = try room.synthesiser.stream(Self.reply, options: SpeechOptions())
            while let chunk = stream.next() {
                count += chunk.count
                if untilFirst { return }
            }
        }
        try say(untilFirst: false)
        let first = try Self.median(runs) { try say(untilFirst: true) }
        let whole = try Self.median(runs) { try say(untilFirst: false) }
        return (whole / (Double(count) / 24_000), first)
    }

    /// Median seconds of several runs.
    static func median(_ runs: Int, _ work: () throws -> Void) rethrows -> Double {
        let clock = ContinuousClock()
        var seconds: [Double] = []
        for _ in 0..<max(1, runs) {
            let start = clock.now
            try work()
            seconds.append((clock.now - start) / .seconds(1))
        }
        return seconds.sorted()[seconds.count / 2]
    }

    /// Resident memory of this process, from /proc.
    static func residentMegabytes() -> Double {
        ProcessMemory.residentMegabytes() ?? 0
    }
}
