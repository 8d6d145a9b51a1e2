import CKernels
import Tensors
import Testing

@Suite("Every instruction set equals the scalar reference")
struct KernelTests {
    static let others = Array(0..<Int(ting_kernels_count())).dropFirst().map { Int32($0) }

    @Test("scalar comes first and the active one is available")
    func names() {
        #expect(Kernels.available.first == "scalar")
        #expect(Kernels.available.contains(Kernels.active))
    }

    enum Fill: CaseIterable { case random, saturating, border, zeros, huge }

    private func row(_ fill: Fill, _ count: Int, _ dice: inout Dice) -> [Float] {
        switch fill {
        case .random: dice.floats(count)
        case .saturating: dice.floats(count).map { $0 < 0 ? -1 : 1 }
        case .border: [1] + dice.floats(count - 1).map { (Float(Int($0 * 127)) + 0.5) / 127 }
        case .zeros: [Float](repeating: 0, count: count)
        case .huge: dice.floats(count).map { $0 * 3e38 }
        }
    }

    @Test("quantised activations", arguments: others, Fill.allCases)
    func quantising(kernel: Int32, fill: Fill) {
        var dice = Dice(3)
        for count in [1, 7, 8, 15, 16, 17, 63, 64, 65, 200, 512, 1000] {
            let x = row(fill, count, &dice)
            let padded = (count + 63) / 64 * 64
            var expected = [Int8](repeating: 9, count: padded)
            var found = expected
            var sums: [Int32] = [0, 0]
            let scale = ting_quantise_row(0, x, count, &expected, padded, &sums[0])
            #expect(ting_quantise_row(kernel, x, count, &found, padded, &sums[1]) == scale)
            #expect(found == expected)
            #expect(sums[0] == sums[1])
            #expect(expected.dropFirst(count).allSatisfy { $0 == 0 })
            #expect(expected.allSatisfy { $0 != -128 })
        }
    }

    @Test("products on random shapes, weights down to -128", arguments: others)
    func products(kernel: Int32) {
        var dice = Dice(11)
        var shapes = [(1, 1, 1), (1, 512, 2048), (20, 512, 64), (13, 100, 33), (8, 65, 31), (7, 63, 47), (100, 3, 5)]
        // Whole registers of inputs, and more of them than are taken in one go.
        shapes += [(4, 64, 4), (20, 2048, 64), (7, 1088, 9), (5, 1536, 31), (12, 1024, 12), (3, 2112, 6)]
        for _ in 0..<60 {
            shapes.append(
                (
                    Int.random(in: 1...40, using: &dice), Int.random(in: 1...400, using: &dice),
                    Int.random(in: 1...70, using: &dice)
                ))
        }
        for (index, (m, k, n)) in shapes.enumerated() {
            let lda = (k + 63) / 64 * 64
            var a = [Int8](repeating: 0, count: m * lda)
            var sums = [Int32](repeating: 0, count: m)
            for row in 0..<m {
                for column in 0..<k {
                    let value = index % 3 == 0 ? 127 : max(-127, dice.byte())
                    a[row * lda + column] = index % 6 == 3 ? -value : value
                    sums[row] += Int32(a[row * lda + column])
                }
            }
            let w = (0..<n * k).map { _ in index % 3 == 0 ? -128 : dice.byte() }
            var expected = [Int32](repeating: 0, count: m * n)
            var found = expected
            ting_gemm_int8(0, a, lda, sums, m, w, k, n, &expected, n)
            ting_gemm_int8(kernel, a, lda, sums, m, w, k, n, &found, n)
            #expect(found == expected, "\(m) x \(k) -> \(n)")
        }
    }

    @Test("whole layers, float for float", arguments: others)
    func layers(kernel: Int32) {
        var dice = Dice(5)
        for (m, k, n) in [(1, 512, 96), (20, 240, 512), (5, 77, 13)] {
            let x = dice.floats(m * k)
            let w = (0..<n * k).map { _ in Int8.random(in: -127...127, using: &dice) }
            let scale = dice.floats(n, in: 0...0.01)
            let bias = dice.floats(n)
            var expected = [Float](repeating: 0, count: m * n)
            var found = expected
            ting_linear_int8(0, x, k, m, w, scale, bias, k, n, &expected, n)
            ting_linear_int8(kernel, x, k, m, w, scale, bias, k, n, &found, n)
            #expect(found == expected)
        }
    }

    @Test("the scalar product is the sum of products")
    func reference() {
        let a: [Int8] = [1, -2, 127] + [Int8](repeating: 0, count: 61)
        let w: [Int8] = [-128, 5, 1, 127, -128, -128]
        var c: [Int32] = [0, 0]
        ting_gemm_int8(0, a, 64, [126], 1, w, 3, 2, &c, 2)
        #expect(c == [-11, -15873])  // -128 - 10 + 127 and 127 + 256 - 127 * 128
    }

    @Test("halves round to nearest even, and a non-finite row has no scale")
    func rounding() {
        var q = [Int8](repeating: 0, count: 64)
        var sum: Int32 = 0
        #expect(ting_quantise_row(-1, [127, 0.5, 1.5, 2.5, -0.5, -1.5], 6, &q, 64, &sum) == 1)
        #expect(Array(q[0..<6]) == [127, 0, 2, 2, 0, -2])
        for bad in [Float.nan, .infinity, -.infinity] {
            #expect(ting_quantise_row(-1, [1, bad, 3], 3, &q, 64, &sum).isNaN)
            #expect(q.allSatisfy { $0 == 0 })
        }
    }
}
