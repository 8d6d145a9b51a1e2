// The one place of this module that holds unsafe pointers: files mapped for reading, and the way from stored weights to
// the pointers that the kernels take.
import CKernels
import Glibc

/// A file mapped read-only; it stays mapped as long as any layer refers to it.
final class MappedFile: @unchecked Sendable {  // never written after init
    let count: Int
    private let base: UnsafeMutableRawPointer

    init(path: String) throws(TensorError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .cannotOpen(path: path, reason: Self.reason(errno)) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .cannotOpen(path: path, reason: Self.reason(errno)) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .cannotOpen(path: path, reason: "not a regular file") }
        guard status.st_size > 0 else { throw .malformed(path: path, detail: "expected a header, found an empty file") }
        guard let mapped = mmap(nil, Int(status.st_size), PROT_READ, MAP_PRIVATE, descriptor, 0), mapped != MAP_FAILED
        else { throw .cannotOpen(path: path, reason: Self.reason(errno)) }
        base = mapped
        count = Int(status.st_size)
    }

    deinit { munmap(base, count) }

    private static func reason(_ code: Int32) -> String {
        guard let text = strerror(code) else { return "error \(code)" }
        return String(cString: text)
    }

    /// A copy of some bytes; the caller has checked the range.
    func bytes(_ range: Range<Int>) -> [UInt8] {
        Array(UnsafeRawBufferPointer(start: base + range.lowerBound, count: range.count))
    }

    func pointer<Value>(at offset: Int, as type: Value.Type) -> UnsafePointer<Value> {
        UnsafeRawPointer(base + offset).assumingMemoryBound(to: type)
    }

    func floats(at offset: Int, count: Int) -> [Float] {
        Array(UnsafeBufferPointer(start: pointer(at: offset, as: Float.self), count: count))
    }

    func halves(at offset: Int, count: Int) -> [Float] {
        [Float](unsafeUninitializedCapacity: count) { buffer, filled in
            if let start = buffer.baseAddress {
                ting_half_to_float(pointer(at: offset, as: UInt16.self), count, start)
            }
            filled = count
        }
    }

    func areFinite(at offset: Int, count: Int) -> Bool {
        ting_all_finite(pointer(at: offset, as: Float.self), count)
    }
}

/// Weights where they lie: in a mapped file, or in an array of this process.
enum Stored<Value: Sendable>: Sendable {
    case mapped(MappedFile, offset: Int)
    case owned([Value])

    /// Calls `body` with the weights; the pointer is good only inside.
    func withPointer(_ body: (UnsafePointer<Value>) -> Void) {
        switch self {
        case .mapped(let file, let offset):
            withExtendedLifetime(file) { body(file.pointer(at: offset, as: Value.self)) }
        case .owned(let values):
            values.withUnsafeBufferPointer { buffer in
                if let start = buffer.baseAddress { body(start) }
            }
        }
    }

    /// One number; the caller knows that it is there.
    subscript(index: Int) -> Value {
        switch self {
        case .mapped(let file, let offset):
            withExtendedLifetime(file) { file.pointer(at: offset, as: Value.self)[index] }
        case .owned(let values): values[index]
        }
    }
}

extension Stored<Float> {
    /// Calls `body` with the weights and others that may be absent; the pointers are good only inside.
    func withPointer(
        and other: Stored<Float>?, _ body: (UnsafePointer<Float>, UnsafePointer<Float>?) -> Void
    ) {
        withPointer { first in
            guard let other else { return body(first, nil) }
            other.withPointer { second in body(first, second) }
        }
    }

    /// Adds `factor` times `count` numbers from `start` on to the values that begin at `place`.
    func add(from start: Int, times factor: Float, count: Int, to values: inout [Float], at place: Int) {
        values.withUnsafeMutableBufferPointer { buffer in
            guard let target = buffer.baseAddress else { return }
            withPointer { ting_scale_add(target + place, $0 + start, factor, count) }
        }
    }
}
