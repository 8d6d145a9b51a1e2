import ArgumentParser
import Tensors
import Think

/// `ting model`: the weights, part by part.
struct ModelCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "model", abstract: "List the weights: parts, parameters, bytes, training data, figures.")

    @Flag(help: "One JSON object a part.")
    var json = false

    @Flag(help: "Show which kernels this processor runs.")
    var kernels = false

    @OptionGroup var models: ModelOptions

    /// The parts of the pipeline in the order of the sound's way; the whole budget is 48 M parameters.
    static let parts = ["gate", "hear", "think", "acoustic", "vocoder", "speaker"]
    static let budget = 48_000_000

    func run() throws {
        if kernels {
            print(json ? "{\"active\":\"\(Kernels.active)\"}" : "active     \(Kernels.active)")
            if !json { print("available  \(Kernels.available.joined(separator: " "))") }
            return
        }
        let folder = try models.directory()
        var parameters = 0
        var bytes = 0
        for part in Self.parts {
            let file = try WeightFile(path: folder.file("\(part).safetensors"))
            parameters += file.parameterCount
            bytes += file.byteCount
            show(part, file)
        }
        guard !json else { return }
        print("all       \(millions(parameters)) of \(millions(Self.budget)) parameters, \(megabytes(bytes))")
    }

    private func show(_ part: String, _ file: WeightFile) {
        let metadata = file.metadata
        if json {
            print(
                Output.json([
                    ("part", JSONText.quote(part)), ("parameters", String(file.parameterCount)),
                    ("bytes", String(file.byteCount)), ("version", JSONText.quote(metadata["version"] ?? "")),
                    ("licence", JSONText.quote(metadata["licence"] ?? "")),
                    ("training", JSONText.quote(metadata["training"] ?? "")),
                    ("figures", JSONText.quote(metadata["figures"] ?? "")),
                ]))
            return
        }
        let name = part + String(repeating: " ", count: max(1, 10 - part.count))
        print("\(Output.coloured(name, 1))\(millions(file.parameterCount)) parameters, \(megabytes(file.byteCount))")
        for key in ["training", "licence", "figures"] {
            if let value = metadata[key], !value.isEmpty { print("          \(key): \(value)") }
        }
    }

    private func millions(_ count: Int) -> String { Output.fixed(Double(count) / 1e6, 2) + " M" }

    private func megabytes(_ count: Int) -> String { Output.fixed(Double(count) / 1e6, 1) + " MB" }
}
