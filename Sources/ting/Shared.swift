import ArgumentParser
import Glibc
import Sound
import Tensors
import Think

extension ModelOptions {
    /// The folder of weights, found or an error that says where it was sought.
    func directory() throws -> ModelDirectory { try ModelDirectory.locate(models) }

    /// INT8 unless `--fp32`.
    var precision: Precision { float32 ? .float32 : .int8 }
}

/// Lists of names for open slots.
struct NameOptions: ParsableArguments {
    @Option(
        name: .customLong("names"),
        help: "Names for an open slot as SLOT=FILE, one a line (contact=names.txt); may be repeated.")
    var settings: [String] = []

    func validate() throws {
        for setting in settings where NameList.parts(of: setting) == nil {
            throw ValidationError("Unknown list '\(setting)': expected SLOT=FILE, such as contact=names.txt.")
        }
    }

    func read() throws -> [NameList] { try settings.map { try NameList.read($0) } }
}

/// Standard input as one text.
enum StandardInput {
    /// All of it, up to `limit` bytes; more is an error.
    static func text(limit: Int) throws -> String {
        try TextFile.text(of: STDIN_FILENO, name: "the text", limit: limit)
    }
}

/// Small files of text.
enum TextFile {
    /// A whole file, up to 16 MiB.
    static func read(_ path: String) throws -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Failure("\(path): \(systemMessage(errno))") }
        defer { close(descriptor) }
        return try text(of: descriptor, name: path, limit: 16 << 20)
    }

    /// Writes a file, replacing what was there.
    static func write(_ text: String, to path: String) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw Failure("\(path): \(systemMessage(errno))") }
        defer { close(descriptor) }
        let bytes = Array(text.utf8)
        guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count else {
            throw Failure("\(path): \(systemMessage(errno))")
        }
    }

    fileprivate static func text(of descriptor: Int32, name: String, limit: Int) throws -> String {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            guard count >= 0 else { throw Failure("\(name): \(systemMessage(errno))") }
            guard count > 0 else { break }
            bytes += buffer[..<count]
            guard bytes.count <= limit else { throw Failure("\(name) is over \(limit) bytes; split it") }
        }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw Failure("\(name) is not valid UTF-8") }
        return text
    }
}
