/// What can go wrong with sound files, converters and devices.
///
/// Each reads as one line that says what was expected and what was found.
public enum SoundError: Error, Equatable, CustomStringConvertible {
    /// A file could not be opened, read or written.
    case file(path: String, reason: String)
    /// The file is not a RIFF/WAVE file.
    case notWAV(path: String, found: String)
    /// The file ends before its header says so.
    case truncated(path: String, expectedBytes: Int, foundBytes: Int)
    /// The WAV header is there but cannot be meant.
    case malformed(path: String, reason: String)
    /// A sample format this reader does not decode.
    case unsupported(path: String, format: String)
    /// More audio than is accepted at once.
    case tooLong(path: String, seconds: Double, limitSeconds: Double)
    /// A sample rate outside 1 000…768 000 Hz.
    case sampleRate(Int)
    /// A device could not be opened or used; `code` is the positive errno.
    case device(name: String, action: String, code: Int32)

    /// One line for a person.
    public var description: String {
        switch self {
        case .file(let path, let reason):
            return "\(path): \(reason)"
        case .notWAV(let path, let found):
            return "\(path): not a WAV file: expected a RIFF/WAVE header, found \(found)"
        case .truncated(let path, let expected, let found):
            return "\(path): truncated: the header promises \(expected) bytes of audio, found \(found)"
        case .malformed(let path, let reason):
            return "\(path): bad WAV header: \(reason)"
        case .unsupported(let path, let format):
            return "\(path): cannot decode \(format): expected integer PCM of 8, 16, 24 or 32 bits, or float"
        case .tooLong(let path, let seconds, let limit):
            return "\(path): too long: \(Int(seconds)) s of audio, at most \(Int(limit)) s are read at once"
        case .sampleRate(let rate):
            return "sample rate \(rate) Hz: expected 1000…768000"
        case .device(let name, let action, let code):
            return "sound device \(name): cannot \(action): \(systemMessage(code)) (errno \(code))"
        }
    }
}
