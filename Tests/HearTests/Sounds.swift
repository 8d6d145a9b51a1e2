import Foundation
import Language
import Sound
import Tensors

@testable import Hear

/// Sounds that tests make themselves, and the model they test with.
enum Sounds {
    /// The sound of `hear_reference.py`.
    static func glidingVowel(_ count: Int) -> [Float] {
        var state = 12_345
        return (0..<count).map { n in
            let t = Double(n) / 16_000
            state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
            let noise = Double(state) / 1_073_741_824 - 1
            let pitch = 120 + 60 * sin(2 * Double.pi * 0.9 * t)
            let voice = (1...12).reduce(0.0) { $0 + sin(2 * Double.pi * pitch * Double($1) * t) / Double($1) }
            return Float(0.12 * max(0, sin(2 * Double.pi * 1.7 * t)) * voice + 0.004 * noise)
        }
    }

    /// The samples cut into pieces of pseudo-random lengths up to `longest`.
    static func pieces(of samples: [Float], longest: Int, seed: Int) -> [[Float]] {
        var state = seed
        var start = 0
        var pieces: [[Float]] = []
        while start < samples.count {
            state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
            let end = min(samples.count, start + 1 + state / 65_536 % longest)
            pieces.append(Array(samples[start..<end]))
            start = end
        }
        return pieces
    }

    /// Folder of the weights: $TING_MODELS, or Models at the root of the checkout.
    static let models: String = {
        if let path = ProcessInfo.processInfo.environment["TING_MODELS"] { return path }
        return URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "../../Models").path
    }()

    static let hasModel = FileManager.default.fileExists(atPath: models + "/hear.safetensors")

    static func recogniser(_ precision: Precision = .int8) throws -> Recogniser {
        try Recogniser(path: models + "/hear.safetensors", precision: precision)
    }

    /// A recording of the repository, 16 kHz.
    static func recording(_ name: String) throws -> [Float] {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "../Recordings/\(name)")
        return try WAV.read(path: file.path).resampled(to: 16_000).samples
    }

    static func fixture(_ name: String) -> URL {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/\(name)")
    }
}

/// What `hear_reference.py` wrote.
struct HearReference: Decodable {
    var headBias: [Float]
    var melFrames: Int
    var mel: [String: [Float]]
    var frames: Int
    var units: [[Int]]
    var scores: [[Float]]
    var states: [String: [Float]]
    var dialect: [Float]

    static let sampleCount = 54_450

    /// Whether the reference was made with the weights at hand.
    static let fitsTheModel: Bool = {
        let units = PhoneInventory.units.count
        guard let file = try? WeightFile(path: Sounds.models + "/hear.safetensors"), let reference = try? load(),
            let bias = try? file.vector("head.bias", count: units)
        else { return false }
        return zip(bias, reference.headBias).allSatisfy { abs($0 - $1) < 1e-4 }
    }()

    static func load() throws -> HearReference {
        try JSONDecoder().decode(HearReference.self, from: Data(contentsOf: Sounds.fixture("hear_reference.json")))
    }
}
