import ArgumentParser
import Glibc
import Tensors

extension ModelOptions {
    /// The folder of weights, found or an error that says where it was sought.
    func directory() throws -> ModelDirectory { try ModelDirectory.locate(models) }

    /// INT8 unless `--fp32`.
    var precision: Precision { float32 ? .float32 : .int8 }
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
