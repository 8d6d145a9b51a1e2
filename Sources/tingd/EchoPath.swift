import Sound

/// From the microphone's samples to the ears' samples: 16 kHz, no offset, without the device's own voice.
///
/// Microphone and speaker have rates of their own; both are brought to 16 kHz here and paired frame by frame. The
/// playback pump fills the reference as fast as the device's buffer takes it, so the backlog that builds up at the
/// start of a reply is the device's delay, and keeping it keeps the two in step.
struct EchoPath {
    static let rate = 16_000
    static let frameCount = 160

    private var canceller: EchoCanceller?
    private var microphone: StreamingResampler?
    private var speaker: StreamingResampler?
    private var offset = OffsetRemover(sampleRate: EchoPath.rate)
    private var heard: [Float] = []
    private var played: [Float] = []
    private var silentFrames = Int.max / 2

    /// - Parameters:
    ///   - cancels: false only converts.
    init(cancels: Bool) { canceller = cancels ? try? EchoCanceller() : nil }

    /// Takes what the microphone heard and what the speaker played meanwhile; gives whole clean frames.
    mutating func process(
        heard newHeard: [Float], heardRate: Int, played newPlayed: [Float], playedRate: Int
    ) -> [Float] {
        Self.convert(newHeard, from: heardRate, with: &microphone, into: &heard)
        Self.convert(newPlayed, from: playedRate, with: &speaker, into: &played)
        var output: [Float] = []
        var taken = 0
        var consumed = 0
        while heard.count - taken >= Self.frameCount {
            var frame = Array(heard[taken..<taken + Self.frameCount])
            taken += Self.frameCount
            offset.process(&frame, count: frame.count)
            let available = min(Self.frameCount, played.count - consumed)
            let reference = Array(played[consumed..<consumed + available])
            consumed += available
            silentFrames = reference.contains { abs($0) > 1e-4 } ? 0 : min(silentFrames + 1, Int.max / 2)
            // Half a second after the last played sound the room is quiet again, and the exact samples pass.
            if let canceller, silentFrames < 50 { canceller.process(&frame, played: reference) }
            output += frame
        }
        heard.removeFirst(taken)
        played.removeFirst(consumed)
        // A microphone that was away must not leave the reference behind for ever.
        if played.count > Self.rate { played.removeFirst(played.count - Self.rate / 4) }
        return output
    }

    /// The microphone was closed: what it heard belongs to nothing any more.
    mutating func reset() {
        heard.removeAll()
        played.removeAll()
        microphone = nil
        offset = OffsetRemover(sampleRate: Self.rate)
    }

    private static func convert(
        _ samples: [Float], from rate: Int, with resampler: inout StreamingResampler?, into output: inout [Float]
    ) {
        guard !samples.isEmpty else { return }
        guard rate != Self.rate else { return output += samples }
        if resampler?.inputRate != rate { resampler = try? StreamingResampler(from: rate, to: Self.rate, quality: 6) }
        output += resampler?.process(samples) ?? []
    }
}
