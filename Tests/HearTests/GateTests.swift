import Foundation
import Tensors
import Testing

@testable import Hear

private struct GateReference: Decodable {
    var samples: [Int]
    var probabilities: [Float]

    static func load() throws -> GateReference {
        try JSONDecoder().decode(GateReference.self, from: Data(contentsOf: Sounds.fixture("gate_reference.json")))
    }
}

@Suite(.enabled(if: FileManager.default.fileExists(atPath: Sounds.models + "/gate.safetensors")))
struct GateTests {
    private static func gate(_ precision: Precision = .int8) throws -> Gate {
        try Gate(model: GateModel(path: Sounds.models + "/gate.safetensors", precision: precision))
    }

    @Test(
        .enabled(if: FileManager.default.fileExists(atPath: Sounds.fixture("gate_reference.json").path)),
        arguments: [(Precision.float32, Float(0.01)), (.int8, 0.05)])
    func probabilitiesAreThoseOfTheTrainingRecipe(precision: Precision, tolerance: Float) throws {
        let reference = try GateReference.load()
        var gate = try Self.gate(precision)
        let found = gate.accept(reference.samples.map { Float($0) / 32_768 })
        #expect(found.count == reference.probabilities.count)
        for (a, b) in zip(found, reference.probabilities) { #expect(abs(a - b) < tolerance) }
    }

    @Test(arguments: [1, 255, 4_000])
    func anyChunkingGivesTheSameBits(longest: Int) throws {
        let samples = Sounds.glidingVowel(20_000)
        var whole = try Self.gate()
        let expected = whole.accept(samples)
        var gate = try Self.gate()
        var found: [Float] = []
        for piece in Sounds.pieces(of: samples, longest: longest, seed: 9) { found += gate.accept(piece) }
        #expect(found == expected)
    }

    @Test func everyFrameIsAnsweredForOnceTheFramesAfterItAreThere() throws {
        var gate = try Self.gate()
        let frames = (0..<20).map { Array(Sounds.glidingVowel(20 * 256)[$0 * 256..<($0 + 1) * 256]) }
        let answers = frames.map { gate.accept($0).count }
        #expect(answers == [Int](repeating: 0, count: Gate.lookAhead) + [Int](repeating: 1, count: 20 - Gate.lookAhead))
    }

    @Test func silenceIsNoSpeech() throws {
        var gate = try Self.gate()
        let probabilities = gate.accept([Float](repeating: 0, count: 48_000))
        #expect(probabilities.suffix(100).allSatisfy { $0 < 0.3 })
    }
}
