import CALSA
import Glibc

/// What the microphone and the speaker share: one open ALSA stream and its form.
///
/// Samples are converted here, in a buffer made at opening, so that moving them allocates nothing.
final class ALSAStream {
    enum Form { case float32, signed32, signed16 }

    let name: String
    let handle: OpaquePointer
    let form: Form
    let rate: Int
    let channels: Int
    let periodFrames: Int
    /// One period as the device has it: bytes, interleaved.
    var raw: [UInt8]
    private var isOpen = true

    init(
        name: String, capture: Bool, sampleRate: Int, periodSeconds: Double, bufferSeconds: Double
    ) throws(SoundError) {
        ting_alsa_be_quiet()
        var opened: OpaquePointer?
        let direction = capture ? SND_PCM_STREAM_CAPTURE : SND_PCM_STREAM_PLAYBACK
        // Not blocking: a busy device must answer "busy" and never hold the thread.
        let code = snd_pcm_open(&opened, name, direction, Int32(SND_PCM_NONBLOCK))
        guard code >= 0, let opened else {
            let action = capture ? "open for recording" : "open for playing"
            throw .device(name: name, action: action, code: Device.cause(-code))
        }
        var chosen: (form: Form, rate: Int, channels: Int, period: Int) = (.signed16, 0, 0, 0)
        let result = Self.configure(
            opened, rate: sampleRate, period: periodSeconds, buffer: bufferSeconds, capture: capture, into: &chosen)
        guard result >= 0, chosen.rate >= 1_000, chosen.channels >= 1 else {
            snd_pcm_close(opened)
            throw .device(name: name, action: "set mono \(sampleRate) Hz", code: result < 0 ? -result : EINVAL)
        }
        self.name = name
        handle = opened
        form = chosen.form
        rate = chosen.rate
        channels = chosen.channels
        periodFrames = max(16, chosen.period)
        raw = [UInt8](repeating: 0, count: periodFrames * chosen.channels * (chosen.form == .signed16 ? 2 : 4))
    }

    deinit { close() }

    func close() {
        guard isOpen else { return }
        isOpen = false
        snd_pcm_drop(handle)
        snd_pcm_close(handle)
    }

    var frameBytes: Int { channels * (form == .signed16 ? 2 : 4) }

    /// Waits until the device can move samples, then moves one period between it and `raw`.
    func move(frames: Int, _ transfer: (OpaquePointer, UnsafeMutableRawPointer, UInt) -> Int) -> Transfer {
        guard isOpen else { return .failed(EBADF) }
        let ready = snd_pcm_wait(handle, 200)
        if ready == 0 { return .idle }
        if ready < 0 { return recover(ready) }
        let wanted = UInt(min(frames, periodFrames))
        let moved = raw.withUnsafeMutableBytes { bytes in
            bytes.baseAddress.map { transfer(handle, $0, wanted) } ?? 0
        }
        if moved == -Int(EAGAIN) { return .idle }
        return moved < 0 ? recover(Int32(moved)) : .frames(moved)
    }

    private func recover(_ code: Int32) -> Transfer {
        switch -code {
        case EPIPE, ESTRPIPE, EINTR:
            guard snd_pcm_recover(handle, code, 1) >= 0 else { return .failed(-code) }
            if snd_pcm_stream(handle) == SND_PCM_STREAM_CAPTURE { snd_pcm_start(handle) }
            return .xrun
        default:
            return .failed(-code)
        }
    }

    private static func configure(
        _ pcm: OpaquePointer, rate: Int, period: Double, buffer: Double, capture: Bool,
        into chosen: inout (form: Form, rate: Int, channels: Int, period: Int)
    ) -> Int32 {
        var allocated: OpaquePointer?
        guard snd_pcm_hw_params_malloc(&allocated) >= 0, let hardware = allocated else { return -ENOMEM }
        defer { snd_pcm_hw_params_free(hardware) }
        var code = snd_pcm_hw_params_any(pcm, hardware)
        if code < 0 { return code }
        // ALSA's own rate converter is linear interpolation; ours is better, so ask for the device's real rates.
        snd_pcm_hw_params_set_rate_resample(pcm, hardware, 0)
        code = snd_pcm_hw_params_set_access(pcm, hardware, SND_PCM_ACCESS_RW_INTERLEAVED)
        if code < 0 { return code }
        let forms: [(Form, snd_pcm_format_t)] = [
            (.float32, SND_PCM_FORMAT_FLOAT_LE), (.signed32, SND_PCM_FORMAT_S32_LE), (.signed16, SND_PCM_FORMAT_S16_LE),
        ]
        guard let form = forms.first(where: { snd_pcm_hw_params_test_format(pcm, hardware, $0.1) == 0 }) else {
            return -EINVAL
        }
        chosen.form = form.0
        code = snd_pcm_hw_params_set_format(pcm, hardware, form.1)
        if code < 0 { return code }
        var channels: UInt32 = 1
        code = snd_pcm_hw_params_set_channels_near(pcm, hardware, &channels)
        if code < 0 { return code }
        var actual = UInt32(rate)
        code = snd_pcm_hw_params_set_rate_near(pcm, hardware, &actual, nil)
        if code < 0 { return code }
        var periodTime = UInt32(period * 1e6)
        snd_pcm_hw_params_set_period_time_near(pcm, hardware, &periodTime, nil)
        var bufferTime = UInt32(buffer * 1e6)
        snd_pcm_hw_params_set_buffer_time_near(pcm, hardware, &bufferTime, nil)
        code = snd_pcm_hw_params(pcm, hardware)
        if code < 0 { return code }
        var periodFrames: UInt = 0
        snd_pcm_hw_params_get_period_size(hardware, &periodFrames, nil)
        var bufferFrames: UInt = 0
        snd_pcm_hw_params_get_buffer_size(hardware, &bufferFrames)
        chosen.rate = Int(actual)
        chosen.channels = Int(channels)
        chosen.period = Int(min(periodFrames, UInt(actual)))
        return setThresholds(pcm, period: periodFrames, buffer: bufferFrames, capture: capture)
    }

    /// Playing starts when two periods wait, so that one late wake-up is not heard.
    private static func setThresholds(_ pcm: OpaquePointer, period: UInt, buffer: UInt, capture: Bool) -> Int32 {
        var allocated: OpaquePointer?
        guard snd_pcm_sw_params_malloc(&allocated) >= 0, let software = allocated else { return -ENOMEM }
        defer { snd_pcm_sw_params_free(software) }
        var code = snd_pcm_sw_params_current(pcm, software)
        if code < 0 { return code }
        snd_pcm_sw_params_set_start_threshold(pcm, software, capture ? 1 : min(2 * period, buffer))
        snd_pcm_sw_params_set_avail_min(pcm, software, period)
        code = snd_pcm_sw_params(pcm, software)
        return code < 0 ? code : snd_pcm_prepare(pcm)
    }
}
