import CSpeexDSP

/// Converts a stream of samples from one rate to another with the speexdsp resampler.
///
/// The filter's delay is taken out, so that sample `n` of the output is the input at `n · from / to`; `finish()` gives
/// the tail. Any chunking of the same input gives the same output.
public final class StreamingResampler {
    /// Rate of the samples that go in.
    public let inputRate: Int
    /// Rate of the samples that come out.
    public let outputRate: Int
    private let state: OpaquePointer?
    private var consumed = 0
    private var produced = 0

    /// A converter between two rates.
    /// - Parameters:
    ///   - quality: 0…10, speexdsp's scale; 10 costs most.
    /// - Throws: `SoundError.sampleRate` for a rate outside 1 000…768 000 Hz.
    public init(from inputRate: Int, to outputRate: Int, quality: Int = 10) throws(SoundError) {
        for rate in [inputRate, outputRate] where !(1_000...768_000).contains(rate) { throw .sampleRate(rate) }
        self.inputRate = inputRate
        self.outputRate = outputRate
        guard inputRate != outputRate else {
            state = nil
            return
        }
        var failure: Int32 = 0
        let made = speex_resampler_init(
            1, UInt32(inputRate), UInt32(outputRate), Int32(min(10, max(0, quality))), &failure)
        guard failure == 0, let made else { throw .sampleRate(outputRate) }
        speex_resampler_skip_zeros(made)
        state = made
    }

    deinit {
        if let state { speex_resampler_destroy(state) }
    }

    /// Takes the next samples and gives those that are ready.
    public func process(_ samples: [Float]) -> [Float] {
        guard state != nil else { return samples }
        consumed += samples.count
        let output = run(samples)
        produced += output.count
        return output
    }

    /// Ends the stream: the samples still in the filter, so that `round(input · to / from)` came out in all.
    ///
    /// The converter then starts anew.
    public func finish() -> [Float] {
        guard let state else { return [] }
        let total = (consumed * outputRate + inputRate / 2) / inputRate
        var output = run([Float](repeating: 0, count: Int(speex_resampler_get_input_latency(state)) + 1))
        while produced + output.count < total {
            output += run([Float](repeating: 0, count: 256))
        }
        output.removeLast(max(0, min(output.count, produced + output.count - total)))
        reset()
        return output
    }

    /// Forgets what was heard.
    public func reset() {
        consumed = 0
        produced = 0
        guard let state else { return }
        speex_resampler_reset_mem(state)
        speex_resampler_skip_zeros(state)
    }

    private func run(_ samples: [Float]) -> [Float] {
        guard let state, !samples.isEmpty else { return [] }
        let room = samples.count * outputRate / inputRate + 64
        return [Float](unsafeUninitializedCapacity: room) { output, filled in
            samples.withUnsafeBufferPointer { input in
                var taken = 0
                while taken < input.count && filled < room {
                    var inputLength = UInt32(min(input.count - taken, 1 << 20))
                    var outputLength = UInt32(room - filled)
                    guard let from = input.baseAddress, let to = output.baseAddress else { return }
                    speex_resampler_process_float(
                        state, 0, from.advanced(by: taken), &inputLength, to.advanced(by: filled), &outputLength)
                    if inputLength == 0 && outputLength == 0 { return }
                    taken += Int(inputLength)
                    filled += Int(outputLength)
                }
            }
        }
    }
}
