import Glibc

/// The text of an errno.
public func systemMessage(_ code: Int32) -> String {
    guard let text = strerror(code) else { return "error \(code)" }
    return String(cString: text)
}

/// Random access to a file's bytes.
///
/// Regular files are read where asked, so that an hour of audio never stands in memory twice; pipes and terminals are
/// read to their end first, up to a limit.
final class FileBytes {
    /// The largest stream (not a regular file) that is taken into memory.
    static let streamLimit = 512 << 20

    let path: String
    let count: Int
    private let descriptor: Int32
    private var stream: [UInt8]?

    init(path: String) throws(SoundError) {
        self.path = path
        let opened = open(path, O_RDONLY | O_CLOEXEC)
        guard opened >= 0 else { throw .file(path: path, reason: systemMessage(errno)) }
        var status = stat()
        guard fstat(opened, &status) == 0 else {
            let code = errno
            close(opened)
            throw .file(path: path, reason: systemMessage(code))
        }
        if status.st_mode & S_IFMT == S_IFDIR {
            close(opened)
            throw .file(path: path, reason: systemMessage(EISDIR))
        }
        descriptor = opened
        guard status.st_mode & S_IFMT != S_IFREG else {
            count = Int(status.st_size)
            return
        }
        switch Self.drain(opened) {
        case .success(let bytes):
            stream = bytes
            count = bytes.count
        case .failure(let reason):
            close(opened)
            count = 0
            throw .file(path: path, reason: reason.text)
        }
    }

    deinit { close(descriptor) }

    /// The bytes from `offset`, at most `length`; fewer at the end of the file.
    func read(at offset: Int, length: Int) throws(SoundError) -> [UInt8] {
        let wanted = max(0, min(length, count - offset))
        if let stream { return Array(stream[min(offset, count)..<min(offset, count) + wanted]) }
        var failure: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: wanted) { buffer, filled in
            while filled < wanted {
                let got = pread(
                    descriptor, buffer.baseAddress?.advanced(by: filled), wanted - filled, off_t(offset + filled))
                if got < 0 && errno == EINTR { continue }
                if got < 0 { failure = errno }
                if got <= 0 { return }
                filled += got
            }
        }
        guard failure == 0 else { throw .file(path: path, reason: systemMessage(failure)) }
        return bytes
    }

    private struct Reason: Error { let text: String }

    private static func drain(_ descriptor: Int32) -> Result<[UInt8], Reason> {
        var bytes: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let got = Glibc.read(descriptor, &block, block.count)
            if got < 0 && errno == EINTR { continue }
            if got < 0 { return .failure(Reason(text: systemMessage(errno))) }
            if got == 0 { return .success(bytes) }
            guard bytes.count + got <= streamLimit else {
                return .failure(Reason(text: "more than \(streamLimit >> 20) MiB from a stream"))
            }
            bytes += block[..<got]
        }
    }
}

/// Writes a whole file, replacing what was there.
func writeFile(_ bytes: [UInt8], to path: String) throws(SoundError) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw .file(path: path, reason: systemMessage(errno)) }
    var written = 0
    while written < bytes.count {
        let put = bytes.withUnsafeBytes {
            Glibc.write(descriptor, $0.baseAddress?.advanced(by: written), bytes.count - written)
        }
        if put < 0 && errno == EINTR { continue }
        guard put > 0 else {
            let code = errno
            close(descriptor)
            throw .file(path: path, reason: systemMessage(code))
        }
        written += put
    }
    guard close(descriptor) == 0 else { throw .file(path: path, reason: systemMessage(errno)) }
}
