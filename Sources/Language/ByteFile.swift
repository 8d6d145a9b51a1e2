import Glibc

/// A file read whole, with little-endian numbers looked up in place; reading past the end gives zero.
struct ByteFile: Sendable {
    let path: String
    let bytes: [UInt8]

    init(path: String) throws(LanguageError) {
        guard let file = fopen(path, "rb") else { throw .unreadable(path: path) }
        defer { fclose(file) }
        guard fseek(file, 0, SEEK_END) == 0, case let size = ftell(file), size >= 0, fseek(file, 0, SEEK_SET) == 0
        else {
            throw .unreadable(path: path)
        }
        var content = [UInt8](repeating: 0, count: size)
        let count = content.withUnsafeMutableBytes { fread($0.baseAddress, 1, size, file) }
        guard count == size else {
            throw .malformed(path: path, expected: "\(size) bytes", found: "\(count)")
        }
        self.path = path
        bytes = content
    }

    func u8(_ offset: Int) -> Int { offset >= 0 && offset < bytes.count ? Int(bytes[offset]) : 0 }

    func u16(_ offset: Int) -> Int { u8(offset) | u8(offset + 1) << 8 }

    func u24(_ offset: Int) -> Int { u16(offset) | u8(offset + 2) << 16 }

    func u32(_ offset: Int) -> Int { u16(offset) | u16(offset + 2) << 16 }

    func text(_ offset: Int, _ count: Int) -> String {
        guard offset >= 0, count >= 0, offset + count <= bytes.count else { return "" }
        return String(decoding: bytes[offset..<offset + count], as: UTF8.self)
    }

    /// Walks the sections of a file, checking that each lies inside it.
    struct Cursor {
        let file: ByteFile
        var offset: Int

        mutating func number() throws(LanguageError) -> Int {
            let start = try skip(4)
            return file.u32(start)
        }

        /// Passes `count` bytes padded to a multiple of four and returns where they start.
        mutating func skip(_ count: Int) throws(LanguageError) -> Int {
            let start = offset
            let padded = (count + 3) & ~3
            guard count >= 0, count < 1 << 31, start + padded <= file.bytes.count else {
                throw .malformed(
                    path: file.path, expected: "\(count) bytes at \(start)",
                    found: "\(max(0, file.bytes.count - start))")
            }
            offset += padded
            return start
        }
    }

    func cursor(after magic: String) throws(LanguageError) -> Cursor {
        let found = text(0, magic.utf8.count)
        guard found == magic else {
            throw .malformed(
                path: path, expected: "a file that starts with \(magic)", found: "\(bytes.count) other bytes")
        }
        return Cursor(file: self, offset: magic.utf8.count)
    }
}
