import Foundation
import Hear
import Language
import Sound
import Tensors
import Testing
import Think

@testable import Converse

/// Ears, mind and recordings of this repository.
private enum Shipped {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    static let hasModels = FileManager.default.fileExists(atPath: root.appending(path: "Models/hear.safetensors").path)

    static func models() throws -> ModelDirectory { try ModelDirectory.locate(root.appending(path: "Models").path) }

    static func recording(_ name: String) -> String { root.appending(path: "Tests/Recordings/\(name)").path }
}

@Suite(.enabled(if: Shipped.hasModels)) struct LiveEarsTests {
    /// Plays samples as a microphone would, in pieces of 20 ms, and gives what each utterance means.
    private static func intents(_ samples: [Float], hinted: Bool, complete: Double = 0.4) throws -> [String] {
        let models = try Shipped.models()
        let room = try HearRoom(models: models)
        var mind = try ThinkRoom(models: models, ears: room)
        let hints = EndpointHints(grammar: try mind.grammar(for: .mandarin), open: room.open)
        var configuration = Endpointer.Configuration()
        configuration.completeSilenceSeconds = complete
        let hint: LiveEars.Hint = { hinted ? hints.hint($0) : .complete }
        var ears = try LiveEars(
            room: room, gate: GateModel(models: models), configuration: configuration, hint: hint)
        var intents: [String] = []
        for start in stride(from: 0, to: samples.count, by: 320) {
            let events = try ears.listen(Array(samples[start..<min(start + 320, samples.count)]))
            guard events.contains(.ended) else { continue }
            let thought = try mind.consider(ears.take(), at: Double(start) / 16_000)
            intents.append(thought.understanding.intent ?? "none")
        }
        return intents
    }

    /// The recording of 「有点热，空调开到二十四度」 with its comma pause drawn out, between two silences.
    private static func command(pause seconds: Double) throws -> [Float] {
        let samples = try Recording(path: Shipped.recording("command.wav")).samples
        let (first, second) = try #require(Self.commaPause(samples))
        var result = silence(1)
        result += samples[..<first]
        result += silence(seconds)
        result += samples[second...]
        result += silence(2)
        return result
    }

    private static func silence(_ seconds: Double) -> [Float] { [Float](repeating: 0, count: Int(seconds * 16_000)) }

    /// The longest quiet stretch inside the speech.
    private static func commaPause(_ samples: [Float]) -> (Int, Int)? {
        let loud = stride(from: 0, to: samples.count - 160, by: 160).filter { start in
            samples[start..<start + 160].contains { abs($0) > 0.02 }
        }
        return zip(loud, loud.dropFirst()).max { $0.1 - $0.0 < $1.1 - $1.0 }.map { ($0 + 160, $1) }
    }

    @Test func aCommandWithAPauseAtItsCommaIsOneTurn() throws {
        for pause in [0.2, 0.45, 0.6] {
            let found = try Self.intents(Self.command(pause: pause), hinted: true)
            #expect(found == ["climate.set_temperature"], "a pause of \(pause) s")
        }
        // Without the hint the same pause ends the utterance: what is tested can fail.
        #expect(try Self.intents(Self.command(pause: 0.6), hinted: false).count == 2)
    }

    @Test func aPlainCommandEndsSoon() throws {
        let samples = try Recording(path: Shipped.recording("window.wav")).samples
        let found = try Self.intents(Self.silence(1) + samples + Self.silence(0.75), hinted: true)
        #expect(found == ["window.open"])
    }

    @Test(arguments: ["空调然后", "帮我把", "turn on the"])
    func aTextThatGoesOnIsUnfinished(text: String) { #expect(EndpointHints.isUnfinished(text)) }

    @Test(arguments: ["打开空调", "今天天气不错", ""])
    func aWholeTextIsNot(text: String) { #expect(!EndpointHints.isUnfinished(text)) }
}

@Suite(.enabled(if: Shipped.hasModels)) struct HearingTests {
    @Test func aLongRecordingIsHeardUtteranceByUtterance() throws {
        let models = try Shipped.models()
        let room = try HearRoom(models: models)
        let command = try WAV.read(path: Shipped.recording("window.wav")).resampled(to: 16_000).samples
        let path = NSTemporaryDirectory() + "ting-hearing-\(getpid()).wav"
        defer { unlink(path) }
        var samples: [Float] = []
        for _ in 0..<4 {
            samples += command
            samples += [Float](repeating: 0, count: 8 * 16_000)
        }
        try WAV.write(samples, sampleRate: 16_000, to: path)
        var hearing = try Hearing(path: path, room: room, models: models)
        #expect(!hearing.isWhole)
        var texts: [String] = []
        while let heard = try hearing.next() { texts.append(room.transcribe(heard, dialect: nil).text) }
        #expect(texts == [String](repeating: "打开主驾车窗", count: 4))
    }

    @Test func inAShortOneNothingIsCut() throws {
        let models = try Shipped.models()
        let room = try HearRoom(models: models)
        var hearing = try Hearing(path: Shipped.recording("command.wav"), room: room, models: models)
        #expect(hearing.isWhole)
        #expect(try hearing.next() != nil)
        #expect(try hearing.next() == nil)
    }
}
