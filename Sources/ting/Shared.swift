import ArgumentParser
import Glibc
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
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = read(STDIN_FILENO, &buffer, buffer.count)
            guard count > 0 else { break }
            bytes += buffer[..<count]
            guard bytes.count <= limit else { throw Failure("the text is over \(limit) bytes; split it") }
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Failure("the text is not valid UTF-8")
        }
        return text
    }
}
