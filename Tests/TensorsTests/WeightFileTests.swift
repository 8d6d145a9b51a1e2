import Glibc
import Tensors
import Testing

@Suite("Weight files")
struct WeightFileTests {
    static let sound: [WrittenTensor] = [
        .floats("layer.scale", [2], [0.5, 0.25]),
        .floats("layer.bias", [2], [1, -1]),
        .floats("norm.weight", [3], [1, 2, 3]),
        .floats("table", [2, 2], [1, 2, 3, 4]),
        .halves("half", [4], [0x3C00, 0xC000, 0x0001, 0x3555]),
        .integers("_pad.48", [5], [0, 0, 0, 0, 0]),
        .integers("layer.weight", [2, 3], [1, 2, 3, -128, 127, 0]),
    ]

    private func message(_ bytes: [UInt8], _ use: (WeightFile) throws(TensorError) -> Void = { _ in }) throws -> String
    {
        try withFile(bytes) { path in
            do throws(TensorError) {
                try use(try WeightFile(path: path))
            } catch {
                #expect(!error.description.contains("\n"))
                #expect(error.description.hasPrefix(path))
                return String(error.description.dropFirst(path.count))
            }
            return "no error"
        }
    }

    @Test("a sound file gives its tensors, metadata and counts")
    func reading() throws {
        let bytes = safetensors(Self.sound, metadata: #"{"part":"hear","figures":"{\"a\": \"\u542c\\n\"}"}"#)
        try withFile(bytes) { path in
            let file = try WeightFile(path: path)
            #expect(file.metadata == ["part": "hear", "figures": "{\"a\": \"听\\n\"}"])
            #expect(file.tensorNames == Self.sound.map(\.name).sorted())
            #expect(file.shape(of: "layer.weight") == [2, 3])
            #expect(file.shape(of: "nothing") == nil)
            #expect(file.byteCount == bytes.count)
            #expect(file.parameterCount == 6 + 2 + 3 + 4 + 4)
            #expect(try file.vector("half", count: 4) == [1, -2, 0x1p-24, 0.333251953125])
            #expect(try file.matrix("table", rows: 2, columns: 2).values == [1, 2, 3, 4])
            #expect(try file.matrix("layer", rows: 2, columns: 3).values == [0.5, 1, 1.5, -32, 31.75, 0])
            for precision in Precision.allCases {
                let layer = try file.linear("layer", inputs: 3, outputs: 2, precision: precision)
                let y = layer(Matrix(rows: 1, columns: 3, values: [127, 0, 127]))
                #expect(largestDifference(y.values, [127 * 2 + 1, -127 * 32 - 1]) < 1e-2)
            }
        }
    }

    @Test("int8 weights are used in place and outlive the file object")
    func inPlace() throws {
        try withFile(safetensors(Self.sound)) { path in
            let layer = try WeightFile(path: path).linear("layer", inputs: 3, outputs: 2, precision: .int8)
            #expect(layer.weightBytes.total == 14)
            #expect(layer.weightBytes.copied == 0)
            #expect(layer(Matrix(rows: 1, columns: 3, values: [1, 1, 1])).rows == 1)
        }
    }

    @Test("a table is read where it lies and says what a matrix says")
    func tables() throws {
        try withFile(safetensors(Self.sound)) { path in
            let file = try WeightFile(path: path)
            let matrix = try file.matrix("layer", rows: 2, columns: 3)
            let table = try file.table("layer", rows: 2, columns: 3)
            for row in 0..<2 {
                #expect(table.row(row) == Array(matrix.row(row)))
                for column in 0..<3 { #expect(table[row, column] == matrix[row, column]) }
            }
            var sum: [Float] = [1, 2, 3, 4]
            table.add(row: 1, times: 2, to: &sum, at: 1)
            #expect(sum == [1] + zip([2, 3, 4], table.row(1)).map { $0 + 2 * $1 })
            #expect(throws: TensorError.self) { try file.table("layer", rows: 3, columns: 3) }
            #expect(throws: TensorError.self) { try file.table("nothing", count: 3) }
        }
    }

    @Test("opening a large file takes milliseconds and no memory to speak of")
    func cheapOpening() throws {
        let count = 24 << 20
        let bytes = [UInt8](repeating: 3, count: count)
        let big = WrittenTensor(name: "big.weight", type: "I8", shape: [4096, count / 4096], bytes: bytes)
        let scales = WrittenTensor.floats("big.scale", [4096], [Float](repeating: 0.1, count: 4096))
        try withFile(safetensors([scales, big])) { path in
            // The best of a few: other tests run beside this one.
            var best = (time: Duration.seconds(9), pages: Int.max)
            for _ in 0..<5 {
                let before = residentPages()
                let time = try ContinuousClock().measure {
                    let file = try WeightFile(path: path)
                    let layer = try file.linear("big", inputs: count / 4096, outputs: 4096, precision: .int8)
                    #expect(layer.weightBytes.copied == 0)
                }
                best = (min(best.time, time), min(best.pages, residentPages() - before))
            }
            #expect(best.time < .milliseconds(50))
            #expect(best.pages * 4096 < count / 8)
        }
    }

    private func residentPages() -> Int {
        guard let file = fopen("/proc/self/statm", "r") else { return 0 }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 200)
        guard fgets(&line, 200, file) != nil else { return 0 }
        let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return Int(text.split(separator: " ")[1]) ?? 0
    }

    @Test("truncated files", arguments: [0, 5, 8, 40, -1])
    func truncated(length: Int) throws {
        let bytes = safetensors(Self.sound)
        let cut = Array(bytes.prefix(length < 0 ? bytes.count + length : length))
        let text = try message(cut)
        #expect(text.contains("truncated") || text.contains("empty") || text.contains("at least 8 bytes"))
    }

    @Test("trailing bytes, holes and overlaps")
    func extents() throws {
        #expect(try message(safetensors(Self.sound) + [0]).contains("1 bytes at the end"))
        let hole = safetensors(Self.sound) { $0.replacing("[8,16]", with: "[9,16]") }
        #expect(try message(hole).contains("expected 7 bytes"))
        let moved = safetensors([.floats("a", [2], [1, 2]), .floats("b", [2], [3, 4])]) {
            $0.replacing("[8,16]", with: "[4,12]")
        }
        #expect(try message(moved).contains("overlaps"))
        let gap = safetensors([.floats("a", [2], [1, 2]), .floats("b", [2], [3, 4])]) {
            $0.replacing("[2],\"data_offsets\":[0,8]", with: "[1],\"data_offsets\":[0,4]")
        }
        #expect(try message(gap).contains("belong to none"))
    }

    @Test("misaligned floats")
    func misaligned() throws {
        let bytes = safetensors([.integers("a", [1], [1]), .floats("b", [1], [1])])
        #expect(try message(bytes).contains("misaligned: expected a multiple of 4"))
    }

    @Test("headers that are not what they should be")
    func headers() throws {
        func spoiled(_ edit: (String) -> String) throws -> String { try message(safetensors(Self.sound, edit: edit)) }
        #expect(try spoiled { _ in "[]" }.contains("JSON object"))
        #expect(try spoiled { String($0.dropLast(3)) }.contains("expected"))
        #expect(try spoiled { $0.replacing("\"shape\":[3]", with: "\"shape\":[-3]") }.contains("shape"))
        #expect(try spoiled { $0.replacing("\"shape\":[3]", with: "\"shape\":[4]") }.contains("expected 12 bytes"))
        #expect(
            try spoiled { $0.replacing("\"shape\":[3]", with: "\"shape\":[4611686018427387904,4]") }.contains("fits"))
        #expect(try spoiled { $0.replacing("\"dtype\":\"F16\"", with: "\"dtype\":\"I64\"") }.contains("found I64"))
        #expect(try spoiled { $0.replacing("layer.bias", with: "layer.scale") }.contains("twice"))
        #expect(try spoiled { $0.replacing("[0,8]", with: "[8,0]") }.contains("rising"))
        #expect(try spoiled { $0.replacing("[0,8]", with: "[0,99999999]") }.contains("truncated"))
        #expect(try message([255, 255, 255, 255, 255, 255, 255, 255, 1]).contains("truncated"))
        #expect(try message(Array("RIFF....WAVEfmt and so on".utf8)).contains("truncated"))
        let deep = [UInt8](repeating: UInt8(ascii: "["), count: 80)
        #expect(try message([80, 0, 0, 0, 0, 0, 0, 0] + deep).contains("less nesting"))
    }

    @Test("wrong names, kinds and shapes of tensors")
    func requests() throws {
        let bytes = safetensors(Self.sound)
        #expect(try message(bytes) { f throws(TensorError) in _ = try f.vector("x", count: 1) }.contains("found none"))
        #expect(
            try message(bytes) { f throws(TensorError) in _ = try f.vector("layer.weight", count: 6) }
                .contains("expected F32 or F16, found I8"))
        #expect(
            try message(bytes) { f throws(TensorError) in _ = try f.vector("norm.weight", count: 4) }
                .contains("expected shape [4], found [3]"))
        #expect(
            try message(bytes) { f throws(TensorError) in
                _ = try f.linear("layer", inputs: 2, outputs: 3, precision: .int8)
            }.contains("expected shape"))
    }

    @Test("numbers that are not finite, and negative scales", arguments: [Float.nan, .infinity, -.infinity])
    func notFinite(bad: Float) throws {
        let vector = safetensors([.floats("v", [2], [1, bad])])
        #expect(try message(vector) { f throws(TensorError) in _ = try f.vector("v", count: 2) }.contains("finite"))
        let half = safetensors([.halves("v", [2], [0x3C00, 0xFC00])])
        #expect(try message(half) { f throws(TensorError) in _ = try f.vector("v", count: 2) }.contains("finite"))
        for scale in [bad, -1] {
            let layer = safetensors([.floats("l.scale", [1], [scale]), .integers("l.weight", [1, 4], [1, 2, 3, 4])])
            #expect(
                try message(layer) { f throws(TensorError) in
                    _ = try f.linear("l", inputs: 4, outputs: 1, precision: .int8)
                }.contains("finite"))
        }
        let float = safetensors([.floats("l.weight", [1, 2], [1, bad])])
        for precision in Precision.allCases {
            #expect(
                try message(float) { f throws(TensorError) in
                    _ = try f.linear("l", inputs: 2, outputs: 1, precision: precision)
                }.contains("finite"))
        }
    }

    @Test("bytes changed at random give an error or a file, never a crash")
    func changedBytes() throws {
        var dice = Dice(13)
        let bytes = safetensors(Self.sound, metadata: #"{"part":"hear"}"#)
        for _ in 0..<400 {
            var changed = bytes
            for _ in 0..<Int.random(in: 1...4, using: &dice) {
                changed[Int.random(in: 0..<bytes.count, using: &dice)] = UInt8(bitPattern: dice.byte())
            }
            _ = try message(changed) { file throws(TensorError) in
                for name in file.tensorNames { _ = try file.vector(name, count: file.shape(of: name)?.first ?? 0) }
            }
        }
    }

    @Test("paths that are no files")
    func noFile() {
        #expect(throws: TensorError.cannotOpen(path: "/nowhere/x", reason: "No such file or directory")) {
            try WeightFile(path: "/nowhere/x")
        }
        #expect(throws: TensorError.cannotOpen(path: "/tmp", reason: "not a regular file")) {
            try WeightFile(path: "/tmp")
        }
    }

    @Test("a model directory asked for must be there")
    func directory() throws {
        #expect(try ModelDirectory.locate("/tmp").file("x.safetensors") == "/tmp/x.safetensors")
        #expect(throws: TensorError.noModels(tried: ["/nowhere"])) { try ModelDirectory.locate("/nowhere") }
    }
}
