import CKernels

/// The instruction sets that multiply.
public enum Kernels {
    /// The one in use: the best this processor has, or the one `TING_KERNELS` names.
    public static var active: String { String(cString: ting_kernels_active()) }

    /// All that this processor has, the scalar reference first, the fastest last.
    public static var available: [String] {
        (0..<ting_kernels_count()).compactMap { index in ting_kernels_name(index).map { String(cString: $0) } }
    }

    /// Throws when `TING_KERNELS` asks for what is not there.
    ///
    /// Opening a `WeightFile` does this too.
    public static func check() throws(TensorError) {
        guard let refused = ting_kernels_refused() else { return }
        throw .unknownKernels(requested: String(cString: refused), available: available)
    }
}
