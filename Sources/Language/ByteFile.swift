import Glibc

/// A file mapped read-only, with little-endian numbers looked up in place; reading past the end gives zero.
///
/// Mapped and not read: the system may drop such pages and get them back from the file, so that 18 MB of lexicons cost
/// a small board only what it looks up.
struct ByteFile: Sendable {
    let path: String
    private let mapping: Mapping

    /// The pages; the only holder of an unsafe pointer in this module.
    private final class Mapping: @unchecked Sendable {  // never written after init
        let bytes: UnsafeRawBufferPointer

        init(path: String) throws(LanguageError) {
            let descriptor = open(path, O_RDONLY | O_CLOEXEC)
            guard descriptor >= 0 else { throw .unreadable(path: path) }
            defer { close(descriptor) }
            var status = stat()
            guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
                throw .unreadable(path: path)
            }
            let count = Int(status.st_size)
            guard count > 0 else {
                bytes = UnsafeRawBufferPointer(start: nil, count: 0)
                return
            }
            guard let start = mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0), start != MAP_FAILED else {
                throw .unreadable(path: path)
            }
            bytes = UnsafeRawBufferPointer(start: start, count: count)
        }

        deinit {
            if let start = bytes.baseAddress { munmap(UnsafeMutableRawPointer(mutating: start), bytes.count) }
        }
    }

    init(path: String) throws(LanguageError) {
        self.path = path
        mapping = try Mapping(path: path)
    }

    var count: Int { mapping.bytes.count }

    func u8(_ offset: Int) -> Int { offset >= 0 && offset < mapping.bytes.count ? Int(mapping.bytes[offset]) : 0 }

    func u16(_ offset: Int) -> Int { u8(offset) | u8(offset + 1) << 8 }

    func u24(_ offset: Int) -> Int { u16(offset) | u8(offset + 2) << 16 }

    func u32(_ offset: Int) -> Int { u16(offset) | u16(offset + 2) << 16 }

    func text(_ offset: Int, _ count: Int) -> String { String(decoding: slice(offset, count), as: UTF8.self) }

    /// A copy of some bytes; none where they do not lie inside the file.
    func slice(_ offset: Int, _ count: Int) -> [UInt8] {
        guard offset >= 0, count >= 0, offset <= self.count, count <= self.count - offset else { return [] }
        return Array(mapping.bytes[offset..<offset + count])
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
            guard count >= 0, count < 1 << 31, start + padded <= file.count else {
                throw .malformed(
                    path: file.path, expected: "\(count) bytes at \(start)",
                    found: "\(max(0, file.count - start))")
            }
            offset += padded
            return start
        }
    }

    func cursor(after magic: String) throws(LanguageError) -> Cursor {
        let found = text(0, magic.utf8.count)
        guard found == magic else {
            throw .malformed(
                path: path, expected: "a file that starts with \(magic)", found: "\(count) other bytes")
        }
        return Cursor(file: self, offset: magic.utf8.count)
    }
}
