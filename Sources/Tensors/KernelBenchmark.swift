import CKernels
import Glibc

/// How fast this machine multiplies: 8-bit integers with each instruction set, floats through OpenBLAS; on one core.
///
/// OpenBLAS 0.3.21 takes the newest processors for very old ones; `OPENBLAS_CORETYPE=SkylakeX` in the environment helps it.
public enum KernelBenchmark {
    /// The shape of a layer and of what goes through it.
    public struct Shape: Sendable, Equatable {
        /// Rows of x.
        public var rows: Int
        /// The width of x.
        public var inputs: Int
        /// The width of y.
        public var outputs: Int

        /// A product of so many rows.
        public init(rows: Int, inputs: Int, outputs: Int) {
            self.rows = rows
            self.inputs = inputs
            self.outputs = outputs
        }
    }

    /// What one way of multiplying reached on one shape.
    public struct Measurement: Sendable {
        /// An instruction set with INT8, or `openblas` with floats and the processor it takes this one for.
        public var name: String
        /// What was multiplied.
        public var shape: Shape
        /// Multiplications and additions a second, in milliards; quantising and scaling included in the time.
        public var gigaMACsPerSecond: Double
    }

    /// The layers of Hear: one frame, and a chunk of twenty.
    public static let hearShapes = [1, 20].flatMap { rows in
        [(512, 1536), (512, 2048), (2048, 512), (1536, 512)].map { Shape(rows: rows, inputs: $0, outputs: $1) }
    }

    /// Measures every instruction set, then OpenBLAS, on every shape; each for about `seconds`, the best run counts.
    public static func run(shapes: [Shape] = hearShapes, seconds: Double = 0.05) -> [Measurement] {
        shapes.flatMap { shape in
            let names = Kernels.available
            let integers = names.indices.map { index in
                Measurement(
                    name: names[index], shape: shape,
                    gigaMACsPerSecond: integerSpeed(Int32(index), shape, seconds: seconds))
            }
            let layer = Linear(
                weights: Matrix(rows: shape.outputs, columns: shape.inputs, values: ramp(shape.inputs * shape.outputs)),
                precision: .float32)
            let x = Matrix(rows: shape.rows, columns: shape.inputs, values: ramp(shape.rows * shape.inputs))
            var y = Matrix(rows: shape.rows, columns: shape.outputs)
            let speed = speed(shape, seconds: seconds) { layer.apply(x, into: &y) }
            return integers + [Measurement(name: BLAS.name, shape: shape, gigaMACsPerSecond: speed)]
        }
    }

    private static func integerSpeed(_ kernel: Int32, _ shape: Shape, seconds: Double) -> Double {
        let x = ramp(shape.rows * shape.inputs)
        let scale = [Float](repeating: 0.01, count: shape.outputs)
        let weights = (0..<shape.inputs * shape.outputs).map { Int8(truncatingIfNeeded: $0) }
        var y = [Float](repeating: 0, count: shape.rows * shape.outputs)
        return speed(shape, seconds: seconds) {
            ting_linear_int8(
                kernel, x, shape.inputs, shape.rows, weights, scale, nil, shape.inputs, shape.outputs, &y, shape.outputs
            )
        }
    }

    private static func ramp(_ count: Int) -> [Float] { (0..<count).map { Float($0 % 201 - 100) / 100 } }

    /// Time is the thread's own, so that what else the machine does counts little.
    private static func speed(_ shape: Shape, seconds: Double, _ body: () -> Void) -> Double {
        var best = Double.infinity
        body()
        let end = threadSeconds() + seconds
        repeat {
            let start = threadSeconds()
            body()
            best = min(best, threadSeconds() - start)
        } while threadSeconds() < end
        return Double(shape.rows * shape.inputs * shape.outputs) / best * 1e-9
    }

    private static func threadSeconds() -> Double {
        var now = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now)
        return Double(now.tv_sec) + Double(now.tv_nsec) * 1e-9
    }
}
