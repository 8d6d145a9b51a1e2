import Glibc
import Tensors
import Testing

@testable import Think

@Suite struct AskedByVoiceTests {
    private static let root = String(#filePath.dropLast("Tests/ThinkTests/AskedByVoiceTests.swift".count))
    private static let tones = zip([9, 24, 39, 54], [1, 2, 5, 4]).map { SpokenTone(frame: $0, tone: $1) }

    /// `asking.probe()` of the training code: four syllables, the last from 170 Hz to `end`.
    private func probe(end: Double = 280) -> [Float] {
        var phase = 0.0
        return (0..<19_200).map { n in
            guard n >= 1600 else { return 0 }
            let place = Double(n - 1600) / 4800
            let t = place - place.rounded(.down)
            let height = [220, 190, 200, 170 + (end - 170) * t][min(3, Int(place))]
            phase += 2 * Double.pi * height / 16_000
            guard t < 13.0 / 15 else { return 0 }
            return Float(
                0.1 * sin(Double.pi * t * 15 / 13) * (1...8).reduce(0) { $0 + sin(Double($1) * phase) / Double($1) })
        }
    }

    private func network() throws -> NetworkAsked {
        let file = try WeightFile(path: Self.root + "Models/think.safetensors")
        return try #require(try NetworkAsked(file))
    }

    /// The rows of `parity/asked.txt`: pitch, figures, score.
    private func expected() throws -> [[Float]] {
        let file = try #require(fopen(Self.root + "Models/training/think/parity/asked.txt", "r"))
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 14)
        let count = fread(&bytes, 1, bytes.count, file)
        return String(decoding: bytes[..<count], as: UTF8.self).split(separator: "\n").dropFirst()
            .map { $0.split(separator: " ").compactMap { Float($0) } }
    }

    @Test func pitchFiguresAndScoreAreThoseOfTheTrainingCode() throws {
        let rows = try expected()
        let track = try #require(Prosody(samples: probe())).track
        #expect(rows[0].count == track.semitones.count)
        for (frame, (one, other)) in zip(track.semitones, rows[0]).enumerated() {
            #expect((one - other).magnitude < 0.02, "frame \(frame)")
        }
        let evidence = try #require(AskedEvidence(track, tones: Self.tones))
        #expect(rows[1].count == AskedEvidence.count)
        for (place, (one, other)) in zip(evidence.figures, rows[1]).enumerated() {
            #expect((one - other).magnitude < 0.01, "figure \(place)")
        }
        #expect(try (network()(evidence) - rows[2][0]).magnitude < 0.01)
    }

    @Test func theHigherTheEndTheMoreItIsAsked() throws {
        let network = try network()
        let scores = try [110.0, 170, 240, 300].map { end in
            let track = try #require(Prosody(samples: probe(end: end))).track
            return network(try #require(AskedEvidence(track, tones: Self.tones)))
        }
        #expect(scores == scores.sorted())
        #expect(scores[0] < 0.5 && scores[3] > 0.9)
    }

    @Test func theHumOfARoomIsNoVoice() throws {
        var state: UInt64 = 1
        var hum: Float = 0
        let room: [Float] = (0..<16_000).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            hum += 0.2 * (Float(state >> 40) / Float(1 << 24) - 0.5 - hum)
            return hum
        }
        let track = try #require(Prosody(samples: room)).track
        #expect(track.isVoiced.count(where: { $0 }) < track.isVoiced.count / 5)
    }

    @Test func wordsAndScrapsTellNothing() throws {
        let track = try #require(Prosody(samples: probe())).track
        #expect(AskedEvidence(track, tones: Array(Self.tones.prefix(3))) == nil)
        #expect(AskedEvidence(track, tones: []) == nil)
        let silent = PitchTrack(
            semitones: [Float](repeating: 0, count: 60), isVoiced: [Bool](repeating: false, count: 60))
        #expect(AskedEvidence(silent, tones: Self.tones) == nil)
        // Frames beyond the end of the samples must not trap.
        let late = Self.tones.map { SpokenTone(frame: $0.frame + 40, tone: $0.tone) }
        _ = AskedEvidence(track, tones: late)
    }
}
