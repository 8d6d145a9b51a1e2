import Glibc
import Tensors
import Testing

@Suite("Fourier transforms")
struct FourierTests {
    @Test(
        "forward equals the sum over samples and inverse undoes it",
        arguments: [2, 4, 6, 10, 12, 20, 30, 64, 90, 250, 400, 512, 720, 1024, 1200])
    func transform(size: Int) throws {
        var dice = Dice(UInt64(size))
        let x = dice.floats(size)
        let fft = try #require(RealFFT(size: size))
        let spectrum = fft.forward(x)
        #expect(spectrum.count == 2 * fft.bins)
        for bin in 0..<fft.bins {
            var (real, imaginary) = (0.0, 0.0)
            for i in 0..<size {
                let angle = -2 * Double.pi * Double(bin * i % size) / Double(size)
                real += Double(x[i]) * cos(angle)
                imaginary += Double(x[i]) * sin(angle)
            }
            #expect(abs(Double(spectrum[2 * bin]) - real) < 1e-5)
            #expect(abs(Double(spectrum[2 * bin + 1]) - imaginary) < 1e-5)
        }
        #expect(largestDifference(fft.inverse(spectrum), x) < 1e-6)
    }

    @Test("odd sizes and other factors are refused", arguments: [-2, 0, 1, 15, 14, 22, 1022])
    func refused(size: Int) { #expect(RealFFT(size: size) == nil) }

    @Test(
        "the inverse short-time transform gives the signal back, also at its ends",
        arguments: [(1024, 256), (400, 100)])
    func roundTrip(size: Int, hop: Int) throws {
        var dice = Dice(9)
        let x = dice.floats(hop * 20)
        let fft = try #require(RealFFT(size: size))
        let window = InverseSTFT.hann(size)
        let padded = [Float](repeating: 0, count: size / 2) + x + [Float](repeating: 0, count: size / 2)
        var inverse = try #require(InverseSTFT(size: size, hop: hop))
        for _ in 0..<2 {  // the second time after finish: nothing of the first stream is left
            var y: [Float] = []
            for start in stride(from: 0, through: padded.count - size, by: hop) {
                y += inverse.push(fft.forward(zip(padded[start..<start + size], window).map { $0 * $1 }))
            }
            y += inverse.finish()
            #expect(y.count == x.count)
            #expect(largestDifference(y, x) < 1e-5)
        }
        #expect(inverse.finish().isEmpty)
    }
}
