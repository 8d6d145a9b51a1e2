import CKernels
import Glibc

/// The Fourier transform of `size` real values; any even size with no other factors than 2, 3 and 5.
public final class RealFFT: @unchecked Sendable {  // the plan is never written after init
    /// How many values go in.
    public let size: Int
    /// How many complex values come out: size / 2 + 1.
    public var bins: Int { size / 2 + 1 }
    private let plan: OpaquePointer

    /// Nil when `size` is odd or has another factor than 2, 3 and 5.
    public init?(size: Int) {
        guard size > 0, let plan = ting_fft_create(size) else { return nil }
        self.size = size
        self.plan = plan
    }

    deinit { ting_fft_free(plan) }

    /// The spectrum as `bins` pairs of (real, imaginary).
    public func forward(_ x: [Float]) -> [Float] {
        var spectrum = [Float](repeating: 0, count: 2 * bins)
        var scratch = [Float](repeating: 0, count: 2 * size)
        forward(x, into: &spectrum, scratch: &scratch)
        return spectrum
    }

    /// The spectrum into arrays that are kept from call to call: 2 · bins and 2 · size values.
    public func forward(_ x: [Float], into spectrum: inout [Float], scratch: inout [Float]) {
        precondition(
            x.count >= size && spectrum.count >= 2 * bins && scratch.count >= 2 * size, "room for \(size) values")
        ting_fft_forward(plan, x, &spectrum, &scratch)
    }

    /// The `size` values whose spectrum is given as pairs: the inverse of `forward`.
    public func inverse(_ spectrum: [Float]) -> [Float] {
        var x = [Float](repeating: 0, count: size)
        var scratch = [Float](repeating: 0, count: 2 * size)
        inverse(spectrum, into: &x, scratch: &scratch)
        return x
    }

    /// The values into arrays that are kept from call to call: size and 2 · size values.
    public func inverse(_ spectrum: [Float], into x: inout [Float], scratch: inout [Float]) {
        precondition(
            x.count >= size && spectrum.count >= 2 * bins && scratch.count >= 2 * size, "room for \(size) values")
        ting_fft_inverse(plan, spectrum, &x, &scratch)
    }
}

/// Frames of spectra back to samples: windowed, overlapped, added and divided by the sum of squared windows, as
/// `torch.istft` does.
///
/// Frames may come in any portions; the samples are the same.
public struct InverseSTFT: Sendable {
    /// How many samples a frame spans.
    public let size: Int
    /// How many samples lie between frames.
    public let hop: Int
    /// How many samples are dropped at the start and at the end; size / 2 for a centred transform.
    public let trim: Int
    private let transform: RealFFT
    private let window: [Float]
    private var sum: [Float]
    private var weight: [Float]
    private var frame: [Float]
    private var scratch: [Float]
    private var skip: Int
    private var started = false

    /// Nil when `size` cannot be transformed, the hop is not in 1...size, `trim` is above size − hop or the window is not of `size` values.
    ///
    /// - Parameters:
    ///   - window: The synthesis window; periodic Hann when nil.
    ///   - trim: Samples dropped at both ends; `size / 2` when nil.
    public init?(size: Int, hop: Int, window: [Float]? = nil, trim: Int? = nil) {
        let window = window ?? Self.hann(size)
        let trim = trim ?? size / 2
        guard let transform = RealFFT(size: size), (1...size).contains(hop), (0...size - hop).contains(trim),
            window.count == size
        else { return nil }
        self.size = size
        self.hop = hop
        self.trim = trim
        self.transform = transform
        self.window = window
        sum = [Float](repeating: 0, count: size)
        weight = sum
        frame = sum
        scratch = [Float](repeating: 0, count: 2 * size)
        skip = trim
    }

    /// The periodic Hann window.
    public static func hann(_ size: Int) -> [Float] {
        (0..<max(0, size)).map { Float(0.5 - 0.5 * cos(2 * .pi * Double($0) / Double(size))) }
    }

    /// Adds one frame of size / 2 + 1 (real, imaginary) pairs; returns the samples that it completes.
    public mutating func push(_ spectrum: [Float]) -> [Float] {
        started = true
        transform.inverse(spectrum, into: &frame, scratch: &scratch)
        for index in 0..<size {
            sum[index] += frame[index] * window[index]
            weight[index] += window[index] * window[index]
        }
        let samples = emit(hop)
        for index in 0..<size {
            let from = index + hop
            sum[index] = from < size ? sum[from] : 0
            weight[index] = from < size ? weight[from] : 0
        }
        return samples
    }

    /// Ends the stream: returns what the last frames left, and is ready for the next stream.
    public mutating func finish() -> [Float] {
        let samples = started ? emit(size - hop).dropLast(trim) : []
        for index in 0..<size {
            sum[index] = 0
            weight[index] = 0
        }
        skip = trim
        started = false
        return Array(samples)
    }

    private mutating func emit(_ count: Int) -> [Float] {
        let dropped = min(skip, count)
        skip -= dropped
        return (dropped..<count).map { weight[$0] > 1e-11 ? sum[$0] / weight[$0] : sum[$0] }
    }
}
