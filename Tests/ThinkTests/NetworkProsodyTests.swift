import Glibc
import Tensors
import Testing

@testable import Think

@Suite struct NetworkProsodyTests {
    /// A voice-like sound: a tone that rises from 150 to 230 Hz and swells three times a second.
    private var probe: [Float] {
        (0..<16_000).map { index in
            let t = Double(index) / 16_000
            return Float(0.3 * sin(2 * Double.pi * (150 + 40 * t) * t) * (0.6 + 0.4 * sin(2 * Double.pi * 3 * t)))
        }
    }

    @Test func figuresAreThoseOfTheTrainingCode() throws {
        let root = String(#filePath.dropLast("Tests/ThinkTests/NetworkProsodyTests.swift".count))
        let path = root + "Models/training/think/parity/prosody.txt"
        let file = try #require(fopen(path, "r"))
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = fread(&bytes, 1, bytes.count, file)
        let expected = String(decoding: bytes[..<count], as: UTF8.self).split(whereSeparator: \.isWhitespace)
            .compactMap { Float($0) }
        let found = try #require(Prosody(samples: probe)).figures
        #expect(expected.count == found.count)
        for (place, (one, other)) in zip(found, expected).enumerated() {
            #expect((one - other).magnitude < 0.02 + 0.01 * other.magnitude, "figure \(place)")
        }
    }

    @Test func aRisingVoiceRises() throws {
        let prosody = try #require(Prosody(samples: probe))
        #expect((9...13 as ClosedRange<Float>).contains(prosody.pitch))
        #expect(prosody.finalRise > Float(1))
    }

    @Test func silenceAndScrapsHaveNoProsody() {
        #expect(Prosody(samples: []) == nil)
        #expect(Prosody(samples: [Float](repeating: 0, count: 16_000)) == nil)
        #expect(Prosody(samples: [Float](repeating: 0.1, count: 1000)) == nil)
    }
}
