import Glibc
import Tensors

/// The file of learned prompts: a safetensors file beside the domain that they were learned for.
enum PromptFile {
    /// `clinic.yaml` → `clinic.prompt.safetensors`.
    static func path(forDomain path: String) -> String {
        let stem = path.hasSuffix(".yaml") ? String(path.dropLast(5)) : path
        return stem + ".prompt.safetensors"
    }

    /// What tells one file of weights from another: its size and a hash of its descriptions.
    static func identity(of weights: WeightFile) -> String {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for (key, value) in weights.metadata.sorted(by: { $0.key < $1.key }) {
            for byte in (key + "=" + value).utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        }
        return "\(weights.byteCount)-\(String(hash, radix: 16))"
    }

    /// Writes the vectors with their labels, and which weights they were learned with.
    static func write(_ prompt: LearnedPrompt, for weights: WeightFile, domain: String, to path: String)
        throws(ThinkError)
    {
        let tensors: [(name: String, shape: [Int], values: [Float])] = [
            ("condition", [prompt.condition.count], prompt.condition),
            ("intent.bias", [prompt.intentBias.count], prompt.intentBias),
            ("intent.weight", [prompt.intents.rows, prompt.intents.columns], prompt.intents.values),
            ("rows", [prompt.rows.rows, prompt.rows.columns], prompt.rows.values),
            ("tag.bias", [prompt.tagBias.count], prompt.tagBias),
            ("tag.weight", [prompt.tags.rows, prompt.tags.columns], prompt.tags.values),
        ]
        let intents = prompt.labels.intents.map { "\($0.name)\t\($0.slots.sorted().joined(separator: " "))" }
        let metadata: [(String, String)] = [
            ("part", "prompt"), ("version", "1"), ("domain", domain), ("weights", identity(of: weights)),
            ("intents", intents.joined(separator: "\n")), ("tags", prompt.labels.tags.joined(separator: "\n")),
            ("examples", prompt.memory.lines),
        ]
        var parts = [
            "\"__metadata__\":{\(metadata.map { "\(JSONText.quote($0.0)):\(JSONText.quote($0.1))" }.joined(separator: ","))}"
        ]
        var bytes: [UInt8] = []
        for (name, shape, values) in tensors {
            let start = bytes.count
            for value in values { withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes += $0 } }
            parts.append(
                "\(JSONText.quote(name)):{\"dtype\":\"F32\",\"shape\":[\(shape.map(String.init).joined(separator: ","))],"
                    + "\"data_offsets\":[\(start),\(bytes.count)]}")
        }
        var header = Array("{\(parts.joined(separator: ","))}".utf8)
        while (header.count + 8) % 64 != 0 { header.append(UInt8(ascii: " ")) }
        var size: [UInt8] = []
        withUnsafeBytes(of: UInt64(header.count).littleEndian) { size += $0 }
        try replace(path, with: size + header + bytes)
    }

    /// Written beside and renamed, so that a reader sees the old file or the new one.
    private static func replace(_ path: String, with bytes: [UInt8]) throws(ThinkError) {
        let new = path + ".new"
        guard let file = fopen(new, "wb") else {
            throw .unwritable(path: path, reason: String(cString: strerror(errno)))
        }
        let isWhole = fwrite(bytes, 1, bytes.count, file) == bytes.count
        guard fclose(file) == 0, isWhole, rename(new, path) == 0 else {
            let reason = String(cString: strerror(errno))
            unlink(new)
            throw .unwritable(path: path, reason: reason)
        }
    }

    /// Reads what was learned; throws when it belongs to other weights.
    static func read(_ path: String, for weights: WeightFile, width: Int) throws(ThinkError) -> LearnedPrompt {
        do {
            let file = try WeightFile(path: path)
            guard file.metadata["weights"] == identity(of: weights) else {
                throw ThinkError.model(
                    path: path, expected: "prompts learned with these weights (run 'ting adapt' again)", found: "others"
                )
            }
            var labels = NetworkVocabulary.Labels()
            for line in (file.metadata["intents"] ?? "").split(separator: "\n") {
                let fields = line.split(separator: "\t", omittingEmptySubsequences: false)
                let slots = fields.count > 1 ? fields[1].split(separator: " ").map(String.init) : []
                labels.intents.append(NetworkVocabulary.Intent(name: String(fields[0]), slots: Set(slots)))
                if fields[0] == Example.nothing { labels.nothing = Example.nothing }
            }
            labels.tags = (file.metadata["tags"] ?? "").split(separator: "\n").map(String.init)
            let (intents, tags) = (labels.intents.count, labels.tags.count)
            guard intents > 0, labels.tags.first == "O", tags % 2 == 1, let rows = file.shape(of: "rows")?.first else {
                throw ThinkError.model(path: path, expected: "intents and tags", found: "none that fit")
            }
            return LearnedPrompt(
                labels: labels, rows: try file.matrix("rows", rows: rows, columns: width),
                condition: try file.vector("condition", count: width),
                intents: try file.matrix("intent.weight", rows: intents, columns: 2 * width),
                intentBias: try file.vector("intent.bias", count: intents),
                tags: try file.matrix("tag.weight", rows: tags, columns: width),
                tagBias: try file.vector("tag.bias", count: tags),
                memory: ExampleMemory(lines: file.metadata["examples"] ?? ""))
        } catch let error as ThinkError {
            throw error
        } catch {
            throw .model(path: path, expected: "learned prompts (run 'ting adapt')", found: "\(error)")
        }
    }
}
