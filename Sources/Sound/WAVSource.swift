/// A WAV file of any length as a stream of samples at one rate: what is in memory does not grow with the file.
public final class WAVSource {
    /// Samples a second that `next` gives.
    public let sampleRate: Int
    /// Length of the recording in seconds.
    public let seconds: Double
    private let reader: WAVReader
    private let channel: Int
    private let resampler: StreamingResampler
    private var frame = 0
    private var isFinished = false

    /// Opens a file in any form that `WAV.read` takes; of several channels the one with most energy is heard.
    public init(path: String, sampleRate: Int = 16_000) throws(SoundError) {
        reader = try WAVReader(path: path)
        channel = try reader.loudestChannel()
        resampler = try StreamingResampler(from: reader.sampleRate, to: sampleRate)
        self.sampleRate = sampleRate
        seconds = Double(reader.frameCount) / Double(reader.sampleRate)
    }

    /// The next samples, about `seconds` of them; nil at the end.
    public func next(seconds: Double = 0.1) throws(SoundError) -> [Float]? {
        while !isFinished {
            let wanted = max(1, Int(seconds * Double(reader.sampleRate)))
            let block = try reader.read(channel: channel, from: frame, count: wanted)
            frame += block.count
            isFinished = block.isEmpty
            let samples = isFinished ? resampler.finish() : resampler.process(block)
            if !samples.isEmpty { return samples }
        }
        return nil
    }
}
