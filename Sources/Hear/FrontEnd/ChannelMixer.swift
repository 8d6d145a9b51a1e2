/// Picks the channel of a microphone array that hears best, or sums the channels after aligning them.
public struct ChannelMixer: Sendable {
    /// How several channels become one.
    public enum Method: String, Sendable { case best, delayAndSum = "delay-and-sum" }

    /// Longest delay between two microphones looked for: 16 samples are 34 cm.
    private static let largestDelay = 16

    private let channelCount: Int
    private let method: Method
    private var levels: [Float]
    private var floors: [Float]
    private var delays: [Int]
    private var history: [[Float]]

    /// A mixer before its first block; `channelCount` is at least 1.
    ///
    /// - Throws: `HearError.badParameter` for fewer than one channel.
    public init(channelCount: Int, method: Method = .best) throws(HearError) {
        guard channelCount >= 1 else {
            throw .badParameter(name: "channelCount", expected: "1 or more", found: "\(channelCount)")
        }
        self.channelCount = channelCount
        self.method = method
        levels = [Float](repeating: 0, count: channelCount)
        floors = [Float](repeating: 1, count: channelCount)
        delays = [Int](repeating: 0, count: channelCount)
        let silence = [Float](repeating: 0, count: Self.largestDelay)
        history = [[Float]](repeating: silence, count: channelCount)
    }

    /// Mixes one block of interleaved samples (`frames × channelCount`) into mono.
    ///
    /// Feed blocks of one length (10–20 ms): the choice is made anew with every block.
    public mutating func process(_ interleaved: [Float]) -> [Float] {
        guard channelCount > 1 else { return interleaved }
        let frames = interleaved.count / channelCount
        let block = (0..<channelCount).map { channel in
            history[channel] + (0..<frames).map { interleaved[$0 * channelCount + channel] }
        }
        measure(block)
        defer { for channel in 0..<channelCount { history[channel] = Array(block[channel].suffix(Self.largestDelay)) } }
        let best = bestChannel
        guard method == .delayAndSum else { return Array(block[best].dropFirst(Self.largestDelay)) }
        return sum(block, reference: best, frames: frames)
    }

    /// The channel with the largest ratio of its speech to its own noise.
    private var bestChannel: Int {
        (0..<channelCount).max { levels[$0] * floors[$1] < levels[$1] * floors[$0] } ?? 0
    }

    private mutating func measure(_ block: [[Float]]) {
        for channel in 0..<channelCount {
            let energy = block[channel].reduce(0) { $0 + $1 * $1 } / Float(max(1, block[channel].count))
            let level = energy.squareRoot()
            floors[channel] = max(1e-5, min(level, floors[channel] * 1.01))
            levels[channel] = max(level, levels[channel] * 0.98)
        }
    }

    private mutating func sum(_ block: [[Float]], reference: Int, frames: Int) -> [Float] {
        let largest = Self.largestDelay
        var mixed = [Float](repeating: 0, count: frames)
        for channel in 0..<channelCount {
            if channel != reference, let delay = bestDelay(block[channel], against: block[reference], frames: frames) {
                delays[channel] = delay
            } else if channel == reference {
                delays[channel] = largest / 2
            }
            // The reference is itself held back by half the range, so that a delay of either sign stays causal.
            let start = largest - delays[channel]
            for frame in 0..<frames { mixed[frame] += block[channel][start + frame] }
        }
        return mixed.map { $0 / Float(channelCount) }
    }

    /// The lag in 0…largestDelay at which the channel best matches the reference held back by half of that.
    private func bestDelay(_ channel: [Float], against reference: [Float], frames: Int) -> Int? {
        let largest = Self.largestDelay
        var best: (score: Float, delay: Int)?
        for delay in 0...largest {
            var score: Float = 0
            for frame in 0..<frames {
                score += channel[largest - delay + frame] * reference[largest / 2 + frame]
            }
            if score > best?.score ?? 0 { best = (score, delay) }
        }
        return best?.delay
    }
}
