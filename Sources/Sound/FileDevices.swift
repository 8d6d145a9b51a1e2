import Glibc

/// A microphone that plays a WAV file of any length in real time and then hears silence: a sound card for tests and
/// demonstrations.
public final class WAVMicrophone: Microphone {
    /// `file:` and the path.
    public let name: String
    /// The rate asked for; the file is resampled to it.
    public let sampleRate: Int
    private let source: WAVSource
    private let isPaced: Bool
    /// Samples read from the file and not yet heard.
    private var waiting: [Float] = []
    private var position = 0
    private var started: Double?
    private var isClosed = false

    /// Opens the file.
    /// - Parameters:
    ///   - isPaced: false delivers as fast as it is read.
    public init(path: String, sampleRate: Int = 16000, isPaced: Bool = true) throws(SoundError) {
        source = try WAVSource(path: path, sampleRate: sampleRate)
        name = "file:" + path
        self.sampleRate = sampleRate
        self.isPaced = isPaced
    }

    /// The next 20 ms, or less where `buffer` is shorter.
    public func read(into buffer: inout [Float]) -> Transfer {
        guard !isClosed else { return .failed(EBADF) }
        let now = monotonicSeconds()
        let began = started ?? now
        started = began
        let count = min(buffer.count, sampleRate / 50)
        if isPaced { pause(seconds: min(0.2, began + Double(position + count) / Double(sampleRate) - now)) }
        while waiting.count < count {
            do {
                guard let more = try source.next() else { break }
                waiting += more
            } catch {
                return .failed(EIO)
            }
        }
        for index in 0..<count { buffer[index] = index < waiting.count ? waiting[index] : 0 }
        waiting.removeFirst(min(count, waiting.count))
        position += count
        return .frames(count)
    }

    /// Ends the stream.
    public func close() { isClosed = true }
}

/// A speaker that writes what it plays to a WAV file, at the speed of a real one.
public final class WAVSpeaker: Speaker {
    /// `file:` and the path.
    public let name: String
    /// The rate asked for.
    public let sampleRate: Int
    private let descriptor: Int32
    private let isPaced: Bool
    private var frames = 0
    private var heardUntil = 0.0
    private var isClosed = false

    /// Creates the file with an empty header.
    public init(path: String, sampleRate: Int = 24000, isPaced: Bool = true) throws(SoundError) {
        try writeFile(WAV.encode([], sampleRate: sampleRate), to: path)
        descriptor = open(path, O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .file(path: path, reason: systemMessage(errno)) }
        name = "file:" + path
        self.sampleRate = sampleRate
        self.isPaced = isPaced
    }

    deinit { close() }

    /// What a real device would still be playing.
    public var pendingFrames: Int {
        isPaced ? max(0, Int((heardUntil - monotonicSeconds()) * Double(sampleRate))) : 0
    }

    /// Appends samples and keeps the header's lengths true.
    public func write(_ buffer: [Float], from start: Int, to end: Int) -> Transfer {
        guard !isClosed else { return .failed(EBADF) }
        guard end > start else { return .frames(0) }
        let bytes = buffer[start..<end].flatMap { sample -> [UInt8] in
            let bits = UInt16(bitPattern: WAV.int16(sample))
            return [UInt8(truncatingIfNeeded: bits), UInt8(truncatingIfNeeded: bits >> 8)]
        }
        guard pwrite(descriptor, bytes, bytes.count, off_t(44 + frames * 2)) == bytes.count else {
            return .failed(errno == 0 ? EIO : errno)
        }
        frames += end - start
        writeLength(UInt32(truncatingIfNeeded: 36 + frames * 2), at: 4)
        writeLength(UInt32(truncatingIfNeeded: frames * 2), at: 40)
        let now = monotonicSeconds()
        heardUntil = max(now, heardUntil) + Double(end - start) / Double(sampleRate)
        if isPaced { pause(seconds: min(0.2, heardUntil - now - 0.1)) }
        return .frames(end - start)
    }

    /// Only the clock: what is in the file stays.
    public func drop() { heardUntil = 0 }

    /// Nothing waits inside.
    public func settle() {}

    /// Closes the file.
    public func close() {
        guard !isClosed else { return }
        isClosed = true
        Glibc.close(descriptor)
    }

    private func writeLength(_ value: UInt32, at offset: off_t) {
        var little = value.littleEndian
        _ = pwrite(descriptor, &little, 4, offset)
    }
}
