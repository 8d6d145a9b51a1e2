import Glibc

/// The text of a file whose length nobody knows before, such as those in /proc and /sys; nil when it cannot be read.
///
/// At most 1 MiB; bytes that are no UTF-8 are replaced.
public func smallFile(_ path: String) -> String? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 1 << 14)
    while bytes.count < 1 << 20 {
        let count = read(descriptor, &block, block.count)
        guard count >= 0 else { return nil }
        if count == 0 { break }
        bytes += block[..<count]
    }
    return String(decoding: bytes, as: UTF8.self)
}
