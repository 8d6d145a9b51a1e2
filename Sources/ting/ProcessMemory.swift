import Glibc

/// What a process occupies, read from /proc.
enum ProcessMemory {
    /// Resident megabytes of a process, by default this one; nil where /proc does not tell.
    static func residentMegabytes(of process: Int32? = nil) -> Double? { pages(of: process, field: 1, less: nil) }

    /// Resident megabytes that are no pages of a file.
    static func ownMegabytes(of process: Int32? = nil) -> Double? { pages(of: process, field: 1, less: 2) }

    /// One field of `statm` in megabytes, or what another is less; the fields are size, resident and shared, in pages.
    private static func pages(of process: Int32?, field: Int, less: Int?) -> Double? {
        guard let file = fopen("/proc/\(process.map(String.init) ?? "self")/statm", "r") else { return nil }
        defer { fclose(file) }
        var buffer = [CChar](repeating: 0, count: 256)
        guard fgets(&buffer, 256, file) != nil else { return nil }
        let text = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let fields = text.split(separator: " ").map { Double($0) ?? 0 }
        guard fields.count > max(field, less ?? 0) else { return nil }
        let count = fields[field] - (less.map { fields[$0] } ?? 0)
        return count * Double(sysconf(Int32(_SC_PAGESIZE))) / 1e6
    }
}
