import Glibc
import Tensors

/// Measures the recogniser on this machine: speed, delay, memory.
public struct HearBenchmark: Sendable {
    /// What was measured.
    public struct Figures: Sendable {
        /// How the products were evaluated.
        public var precision: Precision
        /// Seconds of sound recognised.
        public var audioSeconds: Double
        /// Processor seconds of this thread for each second of sound.
        public var realTimeFactor: Double
        /// Processor seconds for one chunk of 0.4 s: median and worst.
        public var chunkSeconds: (median: Double, worst: Double)
        /// Processor seconds from the last sample until all units are known (`finish()`), median.
        public var endSeconds: Double
        /// Processor seconds of one look at an unfinished chunk, median.
        public var previewSeconds: Double
        /// Processor seconds to load the weights.
        public var loadSeconds: Double
        /// Bytes that one stream's caches hold, whatever the length of the utterance.
        public var streamBytes: Int
        /// Sound that a chunk waits for beyond its end, in seconds.
        public var lookAheadSeconds: Double
        /// Longest wait until a unit is evaluated without a preview, in seconds.
        public var chunkWaitSeconds: Double
    }

    /// Recognises a sound in pieces of 20 ms, several times.
    ///
    /// - Parameters:
    ///   - samples: 16 kHz; a made-up sound of eight seconds when empty.
    ///   - rounds: How often; the figures are medians over rounds.
    /// - Throws: `HearError.badModel` when the weights cannot be read.
    public static func run(
        models: ModelDirectory, precision: Precision, samples: [Float] = [], rounds: Int = 3
    ) throws(HearError) -> Figures {
        let loading = now()
        let recogniser = try Recogniser(models: models, precision: precision)
        let loadSeconds = now() - loading
        let sound = samples.isEmpty ? hum(seconds: 8) : samples
        var chunks: [Double] = []
        var ends: [Double] = []
        var previews: [Double] = []
        var totals: [Double] = []
        for _ in 0..<max(1, rounds) {
            var stream = try recogniser.makeStream()
            let start = now()
            for from in stride(from: 0, to: sound.count, by: 320) {
                let before = now()
                let frames = stream.emissions.frameCount
                try stream.accept(Array(sound[from..<min(sound.count, from + 320)]))
                if stream.emissions.frameCount > frames { chunks.append(now() - before) }
            }
            let beforePreview = now()
            _ = stream.preview()
            previews.append(now() - beforePreview)
            let beforeEnd = now()
            stream.finish()
            ends.append(now() - beforeEnd)
            totals.append(now() - start - (previews.last ?? 0))
        }
        let seconds = Double(sound.count) / 16_000
        let rows = EncoderShape.contextFrames + EncoderShape.chunkFrames
        let history = (EncoderShape.convolutionTaps - 1) * EncoderShape.convolutionWidth
        return Figures(
            precision: precision, audioSeconds: seconds, realTimeFactor: median(totals) / max(seconds, 0.01),
            chunkSeconds: (median(chunks), chunks.max() ?? 0), endSeconds: median(ends),
            previewSeconds: median(previews), loadSeconds: loadSeconds,
            streamBytes: EncoderShape.blockCount * (2 * rows * EncoderShape.width + history) * 4,
            lookAheadSeconds: Double(LogMelStream.lookAhead) / 16_000,
            chunkWaitSeconds: Double(EncoderShape.chunkFrames + EncoderShape.shiftFrames) * Emissions.frameSeconds)
    }

    /// Processor time of this thread, so that other programs do not count.
    private static func now() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    private static func median(_ values: [Double]) -> Double {
        values.isEmpty ? 0 : values.sorted()[values.count / 2]
    }

    /// A buzz that glides: the cost does not depend on what is said.
    private static func hum(seconds: Double) -> [Float] {
        (0..<Int(seconds * 16_000)).map { index in
            let t = Double(index) / 16_000
            let phase = 2 * Double.pi * (130 * t + 4 * sin(t))
            return Float(0.1 * (sin(phase) + sin(2 * phase) / 2 + sin(5 * phase) / 3) * abs(sin(5 * t)))
        }
    }
}
