import CALSA
import Glibc

/// A microphone behind ALSA.
///
/// Where the device has several channels, the first is taken.
public final class ALSAMicrophone: Microphone {
    private let stream: ALSAStream

    /// Opens and starts a capture device at the rate nearest to `sampleRate`.
    public init(name: String, sampleRate: Int = 16000) throws(SoundError) {
        stream = try ALSAStream(
            name: name, capture: true, sampleRate: sampleRate, periodSeconds: 0.02, bufferSeconds: 0.5)
        let code = snd_pcm_start(stream.handle)
        guard code >= 0 else { throw .device(name: name, action: "start", code: -code) }
    }

    /// The ALSA name.
    public var name: String { stream.name }
    /// The rate the device runs at.
    public var sampleRate: Int { stream.rate }

    /// Takes up to one period.
    public func read(into buffer: inout [Float]) -> Transfer {
        let transfer = stream.move(frames: buffer.count) { snd_pcm_readi($0, $1, $2) }
        guard case .frames(let count) = transfer else { return transfer }
        let step = stream.frameBytes
        stream.raw.withUnsafeBytes { raw in
            switch stream.form {
            case .float32:
                for index in 0..<count {
                    let value = raw.loadUnaligned(fromByteOffset: index * step, as: Float.self)
                    buffer[index] = value.isFinite ? max(-1, min(1, value)) : 0
                }
            case .signed32:
                for index in 0..<count {
                    buffer[index] = Float(raw.loadUnaligned(fromByteOffset: index * step, as: Int32.self)) * 0x1p-31
                }
            case .signed16:
                for index in 0..<count {
                    buffer[index] = Float(raw.loadUnaligned(fromByteOffset: index * step, as: Int16.self)) * 0x1p-15
                }
            }
        }
        return transfer
    }

    /// Closes the device.
    public func close() { stream.close() }
}

/// A speaker behind ALSA.
///
/// Where the device has several channels, each gets the same samples.
public final class ALSASpeaker: Speaker {
    private let stream: ALSAStream

    /// Opens a playback device at the rate nearest to `sampleRate`.
    public init(name: String, sampleRate: Int = 24000, latencySeconds: Double = 0.12) throws(SoundError) {
        stream = try ALSAStream(
            name: name, capture: false, sampleRate: sampleRate, periodSeconds: min(0.02, latencySeconds / 4),
            bufferSeconds: latencySeconds)
    }

    /// The ALSA name.
    public var name: String { stream.name }
    /// The rate the device runs at.
    public var sampleRate: Int { stream.rate }

    /// What the device says it still has to play.
    public var pendingFrames: Int {
        guard
            snd_pcm_state(stream.handle) == SND_PCM_STATE_RUNNING
                || snd_pcm_state(stream.handle) == SND_PCM_STATE_DRAINING
        else { return 0 }
        var delay: Int = 0
        return snd_pcm_delay(stream.handle, &delay) < 0 ? 0 : max(0, delay)
    }

    /// Asks by preparing anew, which is the one thing that a stopped stream of any plug-in passes on to its device.
    public var isPresent: Bool {
        switch snd_pcm_state(stream.handle) {
        case SND_PCM_STATE_SETUP, SND_PCM_STATE_PREPARED: snd_pcm_prepare(stream.handle) >= 0
        case SND_PCM_STATE_DISCONNECTED: false
        default: true
        }
    }

    /// Gives the device up to one period.
    public func write(_ buffer: [Float], from start: Int, to end: Int) -> Transfer {
        switch snd_pcm_state(stream.handle) {
        case SND_PCM_STATE_SETUP:
            snd_pcm_prepare(stream.handle)
        case SND_PCM_STATE_DRAINING:
            // The last reply is still sounding; a write would be refused until it ends.
            pause(seconds: 0.01)
            return .idle
        default:
            break
        }
        let count = min(end - start, stream.periodFrames)
        let step = stream.frameBytes
        let channels = stream.channels
        stream.raw.withUnsafeMutableBytes { raw in
            for index in 0..<count {
                let sample = max(-1, min(1, buffer[start + index]))
                for channel in 0..<channels {
                    switch stream.form {
                    case .float32:
                        raw.storeBytes(of: sample, toByteOffset: index * step + channel * 4, as: Float.self)
                    case .signed32:
                        let value = Int32(sample * 2_147_483_520)
                        raw.storeBytes(of: value, toByteOffset: index * step + channel * 4, as: Int32.self)
                    case .signed16:
                        let value = Int16(sample * 32767)
                        raw.storeBytes(of: value, toByteOffset: index * step + channel * 2, as: Int16.self)
                    }
                }
            }
        }
        return stream.move(frames: count) { snd_pcm_writei($0, $1, $2) }
    }

    /// Stops at once.
    public func drop() { snd_pcm_drop(stream.handle) }

    /// Starts what waits below the threshold and drains; returns at once, the stream being non-blocking.
    public func settle() {
        let state = snd_pcm_state(stream.handle)
        if state == SND_PCM_STATE_PREPARED || state == SND_PCM_STATE_RUNNING { snd_pcm_drain(stream.handle) }
    }

    /// Closes the device.
    public func close() { stream.close() }
}
