import Glibc
import Language
import Tensors

/// What makes a shipped voice sound like another person: one file under 1 MB.
public struct ClonedVoice: Sendable, Equatable {
    /// What `SpeechOptions.voice` will call it.
    public var name: String
    /// The shipped voice that it was built on.
    public var base: String
    /// "female" or "male", as the pitch suggests.
    public var sex: String
    /// How consent was given, for whoever looks into the file.
    public var consent: String
    /// Seconds of speech that it was fitted to.
    public var seconds: Double
    /// The cosine of the embeddings of the recordings and of a sentence in this voice.
    public var likeness: Double
    /// The middle of the pitch in hertz.
    var hertz: Float
    /// Movements of the pitch are multiplied by this.
    var spread: Float
    /// Durations are multiplied by this.
    var pace: Float
    /// Added to the energy that the model is told: recordings may be fainter or louder than those it learnt from.
    var energy: Float
    /// What is added to the base voice's envelopes.
    var head: TimbreHead
    /// Whose voice it is (`SpeakerEncoder`).
    var embedding: [Float]
    /// Which acoustic model it was fitted to: its head means nothing for another.
    var model: String

    /// The kind of file, the number rises when older ones can no longer be used.
    private static let kind = "ting-voice 2"

    /// Writes the file whole or not at all.
    public func write(to path: String) throws(SpeakError) {
        let tensors: [(String, [Int], [Float])] = [
            ("embedding", [embedding.count], embedding),
            ("slopes", [head.slopes.rows, head.slopes.columns], head.slopes.values),
            ("level", [head.level.count], head.level),
        ]
        let metadata: [(String, String)] = [
            ("base", base), ("consent", consent), ("energy", "\(energy)"), ("hertz", "\(hertz)"), ("kind", Self.kind),
            ("likeness", "\(likeness)"), ("model", model), ("name", name), ("pace", "\(pace)"),
            ("seconds", "\(seconds)"),
            ("sex", sex), ("spread", "\(spread)"),
        ]
        var fields = metadata.map { "\"\($0.0)\":\"\(Self.plain($0.1))\"" }
        var header = "{\"__metadata__\":{\(fields.joined(separator: ","))}"
        var start = 0
        fields = []
        for (name, shape, values) in tensors {
            let end = start + 4 * values.count
            header += ",\"\(name)\":{\"dtype\":\"F32\",\"shape\":\(shape),\"data_offsets\":[\(start),\(end)]}"
            start = end
        }
        header += "}"
        header += String(repeating: " ", count: (64 - (header.utf8.count + 8) % 64) % 64)
        var bytes: [UInt8] = (0..<8).map { UInt8(truncatingIfNeeded: header.utf8.count >> (8 * $0)) }
        bytes += header.utf8
        for (_, _, values) in tensors {
            for value in values { withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes += $0 } }
        }
        try VoiceStore.write(bytes, to: path)
    }

    /// Without what would need escaping in JSON.
    private static func plain(_ text: String) -> String {
        String(text.filter { $0 != "\"" && $0 != "\\" && !$0.isNewline && ($0.asciiValue ?? 32) >= 32 })
    }

    /// Reads a file.
    ///
    /// - Parameters:
    ///   - model: Which acoustic model it must belong to.
    ///   - width: How wide that model is.
    init(path: String, model: String, width: Int) throws(SpeakError) {
        let file: WeightFile
        do throws(TensorError) {
            file = try WeightFile(path: path)
        } catch {
            throw .model(error)
        }
        guard file.metadata["kind"] == Self.kind else {
            let isOld = file.metadata["kind"]?.hasPrefix("ting-voice") == true
            throw .metadata(
                path: path, key: "kind", expected: isOld ? "\(Self.kind) (clone the voice again)" : "\(Self.kind)",
                found: file.metadata["kind"] ?? "none")
        }
        do throws(TensorError) {
            head = TimbreHead(width: width)
            head.slopes = try file.matrix("slopes", rows: width, columns: 2 * AcousticModel.bands)
            head.level = try file.vector("level", count: 2 * AcousticModel.bands)
            embedding = try file.vector("embedding", count: SpeakerEncoder.size)
        } catch {
            throw .model(error)
        }
        func text(_ key: String) throws(SpeakError) -> String {
            guard let value = file.metadata[key], !value.isEmpty else {
                throw .metadata(path: path, key: key, expected: "a value", found: "none")
            }
            return value
        }
        func number(_ key: String, _ range: ClosedRange<Float>) throws(SpeakError) -> Float {
            guard let value = Float(try text(key)), range.contains(value) else {
                let expected = "a number from \(range.lowerBound) to \(range.upperBound)"
                throw .metadata(path: path, key: key, expected: expected, found: file.metadata[key] ?? "none")
            }
            return value
        }
        name = try text("name")
        base = try text("base")
        sex = try text("sex")
        consent = try text("consent")
        self.model = try text("model")
        seconds = Double(try number("seconds", 0...3600))
        likeness = Double(try number("likeness", -1...1))
        hertz = try number("hertz", 40...600)
        spread = try number("spread", 0.3...3)
        pace = try number("pace", 0.2...3)
        energy = try number("energy", -4...4)
        guard self.model == model else {
            throw .metadata(
                path: path, key: "model", expected: "\(model) (clone the voice again for these weights)",
                found: self.model)
        }
    }

    init(
        name: String, base: String, sex: String, consent: String, seconds: Double, likeness: Double, hertz: Float,
        spread: Float, pace: Float, energy: Float, head: TimbreHead, embedding: [Float], model: String
    ) {
        self.name = name
        self.base = base
        self.sex = sex
        self.consent = consent
        self.seconds = seconds
        self.likeness = likeness
        self.hertz = hertz
        self.spread = spread
        self.pace = pace
        self.energy = energy
        self.head = head
        self.embedding = embedding
        self.model = model
    }
}

/// Where cloned voices are kept: one `NAME.voice` each.
public enum VoiceStore {
    /// Where the service keeps its own.
    static let service = "/var/lib/tingd/voices"

    /// The folder in which voices are written: `$TING_VOICES`, else `$XDG_DATA_HOME/ting/voices`, else
    /// `~/.local/share/ting/voices`, and the service's where there is no home.
    public static var folder: String {
        if let wanted = environment("TING_VOICES") { return wanted }
        if let data = environment("XDG_DATA_HOME") { return data + "/ting/voices" }
        if let home = environment("HOME"), home != "/" { return home + "/.local/share/ting/voices" }
        return service
    }

    /// The file of a name.
    public static func path(_ name: String) -> String { folder + "/" + name + ".voice" }

    /// Whether a name can be a file's and an option's: letters, digits, `-` and `_`, up to 32.
    public static func isName(_ name: String) -> Bool {
        (1...32).contains(name.count) && name != "list" && !name.hasPrefix("-")
            && name.allSatisfy { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" }
    }

    /// The files there are, sorted by name; the service's own come last.
    static var files: [String] {
        var result = voices(in: folder)
        if folder != service { result += voices(in: service) }
        return result
    }

    private static func voices(in folder: String) -> [String] {
        guard let directory = opendir(folder) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name.hasSuffix(".voice"), !name.hasPrefix(".") { names.append(folder + "/" + name) }
        }
        return names.sorted()
    }

    /// Writes beside and renames, so that no half of a file is ever seen; makes the folders on the way.
    static func write(_ bytes: [UInt8], to path: String) throws(SpeakError) {
        var folder = ""
        for part in path.split(separator: "/").dropLast() {
            folder += "/" + part
            mkdir(path.hasPrefix("/") ? folder : String(folder.dropFirst()), 0o755)
        }
        let beside = path + ".part"
        guard let file = fopen(beside, "wb") else { throw .unwritable(path: path, reason: reason()) }
        let put = fwrite(bytes, 1, bytes.count, file)
        let closed = fclose(file)
        guard put == bytes.count, closed == 0, rename(beside, path) == 0 else {
            let why = reason()
            unlink(beside)
            throw .unwritable(path: path, reason: why)
        }
    }

    private static func reason() -> String { String(cString: strerror(errno)) }

    private static func environment(_ name: String) -> String? {
        guard let value = getenv(name), value.pointee != 0 else { return nil }
        return String(cString: value)
    }
}
