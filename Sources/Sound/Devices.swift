import Glibc

/// What one move of samples from or to a device came to.
///
/// No text, so that audio threads allocate nothing.
public enum Transfer: Sendable, Equatable {
    /// So many frames moved.
    case frames(Int)
    /// Nothing moved in time; the device is still there.
    case idle
    /// The device ran over or dry and was restarted; samples were lost.
    case xrun
    /// The device is gone or broken; the positive errno.
    case failed(Int32)
}

/// A source of mono samples.
public protocol Microphone: AnyObject {
    /// What a person calls it.
    var name: String { get }
    /// Samples a second that `read` delivers.
    var sampleRate: Int { get }
    /// Fills the front of `buffer`; waits at most about 0.2 s.
    func read(into buffer: inout [Float]) -> Transfer
    /// Closes the device; `read` then fails.
    func close()
}

/// A sink of mono samples.
public protocol Speaker: AnyObject {
    /// What a person calls it.
    var name: String { get }
    /// Samples a second that `write` expects.
    var sampleRate: Int { get }
    /// Frames accepted but not yet heard.
    var pendingFrames: Int { get }
    /// Whether the device is still there; asked only while it is silent.
    var isPresent: Bool { get }
    /// Takes samples `start ..< end` of `buffer`, or the front part of them; waits at most about 0.2 s.
    func write(_ buffer: [Float], from start: Int, to end: Int) -> Transfer
    /// Forgets what is pending, at once.
    func drop()
    /// Lets what is pending sound, then stops the device until the next `write`; may be called again and again.
    func settle()
    /// Closes the device; `write` then fails.
    func close()
}

extension Speaker {
    /// A device that cannot tell is there until a write fails.
    public var isPresent: Bool { true }
}

/// The kinds of devices that a name in the configuration can mean.
public enum Device {
    /// Opens a capture device: `file:PATH` plays a WAV file in real time and is silent afterwards, anything else is an
    /// ALSA name such as `default` or `plughw:1,0`.
    public static func microphone(_ name: String, sampleRate: Int = 16000) throws(SoundError) -> any Microphone {
        guard name.hasPrefix("file:") else { return try ALSAMicrophone(name: name, sampleRate: sampleRate) }
        return try WAVMicrophone(path: String(name.dropFirst(5)), sampleRate: sampleRate)
    }

    /// Opens a playback device: `file:PATH` writes a WAV file in real time, anything else is an ALSA name.
    public static func speaker(
        _ name: String, sampleRate: Int = 24000, latencySeconds: Double = 0.12
    ) throws(SoundError) -> any Speaker {
        guard name.hasPrefix("file:") else {
            return try ALSASpeaker(name: name, sampleRate: sampleRate, latencySeconds: latencySeconds)
        }
        return try WAVSpeaker(path: String(name.dropFirst(5)), sampleRate: sampleRate)
    }
}

/// Seconds of the monotonic clock.
public func monotonicSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

/// Sleeps; a signal may end it early.
public func pause(seconds: Double) {
    guard seconds > 0 else { return }
    var time = timespec()
    time.tv_sec = Int(seconds)
    time.tv_nsec = Int((seconds - Double(Int(seconds))) * 1e9)
    nanosleep(&time, nil)
}
