/// What can be wrong with a model file or with the machine's arithmetic; each is one line for a person.
public enum TensorError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The file cannot be opened or mapped.
    case cannotOpen(path: String, reason: String)
    /// The file is not a sound safetensors file.
    case malformed(path: String, detail: String)
    /// The file holds no tensor of that name.
    case missing(path: String, tensor: String)
    /// The tensor holds another kind of number than wanted.
    case wrongType(path: String, tensor: String, expected: String, found: String)
    /// The tensor has another shape than wanted.
    case wrongShape(path: String, tensor: String, expected: [Int], found: [Int])
    /// The tensor holds a NaN or an infinity, or a scale is negative.
    case notFinite(path: String, tensor: String)
    /// The file was written for another version of this program.
    case wrongFormat(path: String, expected: String, found: String)
    /// No directory of models; `tried` are the places looked at.
    case noModels(tried: [String])
    /// `TING_KERNELS` names an instruction set that this processor does not have.
    case unknownKernels(requested: String, available: [String])

    /// The error as one line.
    public var description: String {
        switch self {
        case .cannotOpen(let path, let reason):
            "\(path): expected a readable model file, found: \(reason); install the package ting again"
        case .malformed(let path, let detail):
            "\(path): not a sound safetensors file: \(detail)"
        case .missing(let path, let tensor):
            "\(path): expected a tensor \"\(tensor)\", found none; \(Self.remedy)"
        case .wrongType(let path, let tensor, let expected, let found):
            "\(path): tensor \"\(tensor)\": expected \(expected), found \(found); \(Self.remedy)"
        case .wrongShape(let path, let tensor, let expected, let found):
            "\(path): tensor \"\(tensor)\": expected shape \(expected), found \(found); \(Self.remedy)"
        case .wrongFormat(let path, let expected, let found):
            "\(path): expected weights of format \(expected), found format \(found); \(Self.remedy)"
        case .notFinite(let path, let tensor):
            "\(path): tensor \"\(tensor)\": expected finite numbers, found NaN, infinity or a negative scale"
        case .noModels(let tried):
            "expected a directory of models, found none at " + tried.joined(separator: ", ")
                + "; install the package ting, or name one with --models or TING_MODELS"
        case .unknownKernels(let requested, let available):
            "TING_KERNELS: expected one of \(available.joined(separator: ", ")), found \"\(requested)\""
        }
    }

    /// Weights and programs of different versions do not fit each other.
    private static let remedy = "weights and program must be of one version: install the package ting again"
}
