import Testing

@testable import Sound

@Suite struct EchoCancellerTests {
    @Test func theDevicesOwnVoiceIsTakenOut() throws {
        let canceller = try EchoCanceller()
        let played = noise(16000 * 6).map { $0 * 0.3 }
        // The room: a delay of 30 ms and one reflection.
        let heard = played.indices.map { index in
            (index >= 480 ? 0.5 * played[index - 480] : 0) + (index >= 800 ? 0.2 * played[index - 800] : 0)
        }
        var before: Float = 0
        var after: Float = 0
        for start in stride(from: 0, to: played.count, by: 160) {
            var frame = Array(heard[start..<start + 160])
            if start >= 16000 * 4 { before += frame.reduce(0) { $0 + $1 * $1 } }
            canceller.process(&frame, played: Array(played[start..<start + 160]), suppressesResidue: false)
            if start >= 16000 * 4 { after += frame.reduce(0) { $0 + $1 * $1 } }
        }
        #expect(after < before / 100)
    }

    @Test func withoutAnEchoTheVoicePasses() throws {
        let canceller = try EchoCanceller()
        let voice = sine(440, rate: 16000, seconds: 2)
        var power: Float = 0
        for start in stride(from: 0, to: voice.count, by: 160) {
            var frame = Array(voice[start..<start + 160])
            canceller.process(&frame, played: [], suppressesResidue: false)
            power += frame.reduce(0) { $0 + $1 * $1 }
        }
        let original = voice.reduce(0) { $0 + $1 * $1 }
        #expect(power > original * 0.8)
    }

    @Test func aSillyRateIsAnError() {
        #expect(throws: SoundError.sampleRate(0)) { try EchoCanceller(sampleRate: 0) }
    }
}
