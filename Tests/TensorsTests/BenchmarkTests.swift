import Tensors
import Testing

@Suite("The benchmark of the kernels")
struct BenchmarkTests {
    @Test("each instruction set and OpenBLAS are measured on each shape")
    func measuring() {
        let shapes = [1, 5].map { KernelBenchmark.Shape(rows: $0, inputs: 96, outputs: 64) }
        let found = KernelBenchmark.run(shapes: shapes, seconds: 0.001)
        let names = Kernels.available + ["openblas"]
        #expect(found.map(\.shape) == shapes.flatMap { [KernelBenchmark.Shape](repeating: $0, count: names.count) })
        for (index, measured) in found.enumerated() {
            #expect(measured.name.hasPrefix(names[index % names.count]))
            #expect(measured.gigaMACsPerSecond > 0)
        }
    }
}
