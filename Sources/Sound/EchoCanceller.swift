import CSpeexDSP

/// Takes the device's own voice out of what the microphone hears (speexdsp's adaptive filter).
///
/// Works on mono 16 kHz frames of `frameCount` samples: one of the microphone, one of what was played meanwhile.
public final class EchoCanceller {
    /// Samples in one frame.
    public let frameCount: Int
    private let echo: OpaquePointer?
    private let preprocess: OpaquePointer?
    private var near: [Int16]
    private var far: [Int16]
    private var clean: [Int16]

    /// A canceller.
    /// - Parameters:
    ///   - tailSeconds: the longest way from speaker to microphone that is modelled, buffers included.
    ///   - suppressesNoise: adds speexdsp's noise suppressor; off, because the recogniser was trained on noisy speech
    ///     and suppression costs it accuracy.
    /// - Throws: `SoundError.sampleRate` when speexdsp refuses.
    public init(
        sampleRate: Int = 16000, frameCount: Int = 160, tailSeconds: Double = 0.25, suppressesNoise: Bool = false
    ) throws(SoundError) {
        guard (1_000...768_000).contains(sampleRate), (32...8192).contains(frameCount),
            let made = speex_echo_state_init(
                Int32(frameCount), Int32(max(Double(frameCount), tailSeconds * Double(sampleRate))))
        else { throw .sampleRate(sampleRate) }
        var rate = Int32(sampleRate)
        speex_echo_ctl(made, SPEEX_ECHO_SET_SAMPLING_RATE, &rate)
        let state = speex_preprocess_state_init(Int32(frameCount), rate)
        if let state {
            var denoise: Int32 = suppressesNoise ? 1 : 0
            speex_preprocess_ctl(state, SPEEX_PREPROCESS_SET_DENOISE, &denoise)
            speex_preprocess_ctl(state, SPEEX_PREPROCESS_SET_ECHO_STATE, UnsafeMutableRawPointer(made))
        }
        echo = made
        preprocess = state
        self.frameCount = frameCount
        near = [Int16](repeating: 0, count: frameCount)
        far = near
        clean = near
    }

    deinit {
        if let preprocess { speex_preprocess_state_destroy(preprocess) }
        if let echo { speex_echo_state_destroy(echo) }
    }

    /// Cleans one frame in place.
    ///
    /// `played` is what went to the speaker in the same stretch; missing samples are silence.
    /// - Parameters:
    /// - suppressesResidue: also lowers the echo that the linear filter left, at the cost of the near voice while
    /// both sound; wanted while the device speaks.
    public func process(_ frame: inout [Float], played: [Float], suppressesResidue: Bool = true) {
        for index in 0..<frameCount {
            near[index] = WAV.int16(index < frame.count ? frame[index] : 0)
            far[index] = WAV.int16(index < played.count ? played[index] : 0)
        }
        speex_echo_cancellation(echo, near, far, &clean)
        if suppressesResidue, let preprocess { speex_preprocess_run(preprocess, &clean) }
        for index in 0..<min(frameCount, frame.count) { frame[index] = Float(clean[index]) / 32768 }
    }

    /// Forgets the room.
    public func reset() {
        if let echo { speex_echo_state_reset(echo) }
    }
}
