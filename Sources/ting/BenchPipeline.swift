import Converse
import Glibc
import Hear
import Language
import Sound
import Speak
import Tensors
import Think

/// Measures the rooms of the pipeline one by one.
struct BenchPipeline {
    let models: ModelDirectory
    let runs: Int

    /// INT8 or fp32 multiply-accumulates a second of Hear's widest layer, in 10⁹.
    func multiplications(_ precision: Precision) -> Double {
        var state: UInt32 = 1
        func next() -> Float {
            state = state &* 1_664_525 &+ 1_013_904_223
            return Float(Int32(bitPattern: state)) / Float(Int32.max)
        }
        let weights = Matrix(rows: 2048, columns: 512, values: (0..<2048 * 512).map { _ in next() })
        let x = Matrix(rows: 20, columns: 512, values: (0..<20 * 512).map { _ in next() })
        let layer = Linear(weights: weights, precision: precision)
        var y = layer(x)
        let seconds = median { for _ in 0..<50 { layer.apply(x, into: &y) } }
        return 50 * 20 * 512 * 2048 / seconds / 1e9
    }

    /// Opens every weight file, from mapping to layers, with the files in the page cache.
    func loading(_ precision: Precision) throws -> (seconds: Double, copiedMegabytes: Double) {
        let frontEnd = try TextFrontEnd(directory: models.file("lexicon"))
        let domain = try ThinkRoom.load(["home"], models: models)
        var copied = 0
        let seconds = try median {
            let before = WeightFile.copiedBytes
            _ = try GateModel(models: models, precision: precision)
            _ = try Recogniser(models: models, precision: precision)
            _ = try Understander(models: models, domain: domain, precision: precision)
            _ = try Synthesiser(models: models, frontEnd: frontEnd, precision: precision)
            _ = try WeightFile(path: models.file("speaker.safetensors"))
            copied = WeightFile.copiedBytes - before
        }
        return (seconds, Double(copied) / 1e6)
    }

    /// Megabytes of all weight files, and of the same numbers as 32-bit floats.
    func sizes() throws -> (int8: Double, float32: Double) {
        var bytes = 0
        var parameters = 0
        for part in ModelCommand.parts {
            let file = try WeightFile(path: models.file("\(part).safetensors"))
            bytes += file.byteCount
            parameters += file.parameterCount
        }
        return (Double(bytes) / 1e6, Double(4 * parameters) / 1e6)
    }

    /// A command in the voice of the device, where no recording was given.
    static func spoken(_ models: ModelDirectory) throws -> Recording {
        let room = try SpeakRoom(models: models)
        var stream = try room.synthesiser.stream("空调调到二十四度", options: SpeechOptions())
        var samples: [Float] = []
        while let chunk = stream.next() { samples += chunk }
        return Recording(PCM(samples: samples, sampleRate: SpeechStream.sampleRate))
    }

    /// Real-time factors of all of Hear, words included, and of features and encoder alone; from the last sample to all
    /// units; from there to the intent.
    func hearing(
        _ audio: Recording, _ precision: Precision
    ) throws -> (factor: Double, encoder: Double, end: Double, intent: Double) {
        let ears = try HearRoom(models: models, precision: precision)
        var mind = try ThinkRoom(models: models, precision: precision, ears: ears)
        var heard = try ears.hear(audio)
        _ = try mind.consider(heard, at: 0)
        let whole = try median { heard = try ears.hear(audio) }
        let encoder = try median {
            var alone = try ears.recogniser.makeStream()
            try alone.accept(audio.samples)
            alone.finish()
        }
        var stream = try ears.recogniser.makeStream()
        try stream.accept(audio.samples)
        let end = median {
            var ending = stream
            ending.finish()
        }
        let intent = try median {
            mind.startSession()
            _ = try mind.consider(heard, at: 0)
        }
        return (whole / audio.seconds, encoder / audio.seconds, end, end + intent)
    }

    /// The voice's real-time factor, and from the reply's text to its first samples.
    func speaking(_ precision: Precision) throws -> (factor: Double, first: Double) {
        let room = try SpeakRoom(models: models, precision: precision)
        var count = 0
        func say(untilFirst: Bool) throws {
            count = 0
            var stream = try room.synthesiser.stream(Bench.reply, options: SpeechOptions())
            while let chunk = stream.next() {
                count += chunk.count
                if untilFirst { return }
            }
        }
        try say(untilFirst: false)
        let first = try median { try say(untilFirst: true) }
        let whole = try median { try say(untilFirst: false) }
        return (whole / (Double(count) / Double(SpeechStream.sampleRate)), first)
    }

    /// Median processor seconds of several runs: what other programs do does not count.
    private func median(_ work: () throws -> Void) rethrows -> Double {
        var seconds: [Double] = []
        for _ in 0..<runs {
            let start = threadSeconds()
            try work()
            seconds.append(threadSeconds() - start)
        }
        return seconds.sorted()[seconds.count / 2]
    }

    private func threadSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
