import Foundation
import Language
import Sound
import Tensors
import Testing

@testable import Speak

struct CloneTests {
    private struct Reference: Decodable {
        var samples: [Int16]
        var frames: Int
        var embedding: [Float]
    }

    private func encoder() throws -> SpeakerEncoder {
        try SpeakerEncoder(models: try ModelDirectory.locate(Support.root + "/Models"))
    }

    private func speech(_ text: String, voice: String, _ synthesiser: Synthesiser) throws -> [Float] {
        var stream = try synthesiser.stream(text, options: SpeechOptions(voice: voice))
        return stream.rest()
    }

    private static let sentences = [
        "好的，主驾车窗已经打开了。", "今天晚上有小雨，出门记得带伞。", "前方五百米右转，进入人民路。", "为您找到五首相关的歌曲。",
        "空气质量良好，适合开窗通风。", "明天上午十点有一场会议。", "门锁已经锁好，请放心出门。", "扫地机器人正在回去充电。",
        "后备箱正在打开，请注意安全。", "已经为您避开拥堵路段。", "客厅的灯光换成暖色了。", "洗衣机开始脱水了。",
        "热水器加热完成，可以洗澡了。", "您有两条未读短信。", "手机音乐已经暂停。", "下一个服务区还有十六公里。",
    ]

    @Test func theSpeakerEncoderMatchesItsReference() throws {
        let data = try Data(contentsOf: URL(filePath: Support.fixtures + "/speaker_reference.json"))
        let reference = try JSONDecoder().decode(Reference.self, from: data)
        let samples = reference.samples.map { Float($0) / 32768 }
        for precision in [Precision.int8, .float32] {
            let encoder = try SpeakerEncoder(
                models: try ModelDirectory.locate(Support.root + "/Models"), precision: precision)
            let embedding = try #require(encoder.embed(samples))
            #expect(SpeakerEncoder.likeness(embedding, reference.embedding) > (precision == .int8 ? 0.98 : 0.9999))
        }
        #expect(try encoder().embed([Float](repeating: 0, count: 6_000)) == nil)
    }

    @Test func unfitRecordingsAreRefusedWithTheReason() throws {
        let encoder = try encoder()
        let synthesiser = try Support.synthesiser()
        func problem(_ samples: [Float]) -> String {
            do throws(SpeakError) {
                _ = try VoiceRecordings([("x.wav", PCM(samples: samples, sampleRate: 24_000))], encoder: encoder)
                return "none"
            } catch { return error.description }
        }
        let text = Self.sentences.joined()
        let lan = try speech(text, voice: "lan", synthesiser)
        let kai = try speech(text, voice: "kai", synthesiser)
        #expect(problem(lan) == "none")
        #expect(problem([]).contains("found 0.0 s"))
        #expect(problem([Float](repeating: 0, count: 24_000 * 40)).contains("silence"))
        #expect(problem(Array(lan[..<(24_000 * 12)])).contains("30 s"))
        #expect(problem(lan.map { max(-0.4, min(0.4, $0 * 8)) }).contains("clipp"))
        var state: UInt64 = 3
        let noisy = lan.map { sample -> Float in
            state = state &* 6_364_136_223_846_793_005 &+ 1
            return sample + (Float(state >> 40) / 8_388_608 - 1) * 0.04
        }
        #expect(problem(noisy).contains("noise") || problem(noisy).contains("pauses"))
        let notes: [Double] = [262, 330, 392, 330]
        let music = (0..<24_000 * 40).map { index -> Float in
            let hertz = notes[index / 12_000 % 4]
            return (1...5).reduce(Float(0)) { sum, harmonic in
                sum + Float(sin(2 * .pi * hertz * Double(harmonic * index) / 24_000)) * 0.1 / Float(harmonic)
            }
        }
        #expect(problem(music).contains("music"))
        #expect(problem(lan + kai).contains("found two"))
    }

    @Test func aClonedVoiceComesNearItsSpeakerAndIsMarked() throws {
        let synthesiser = try Support.synthesiser()
        let encoder = try encoder()
        let front = try Support.frontEnd()
        // a speaker that no voice is: a shipped one, four semitones up
        var pieces: [PCM] = []
        // in one breath each: recordings are cut at pauses
        let sentences = Self.sentences.map { $0.filter { $0 != "，" } }
        for sentence in sentences {
            var stream = try synthesiser.stream(sentence, options: SpeechOptions(voice: "kai", pitchSemitones: 4))
            pieces.append(PCM(samples: stream.rest() + [Float](repeating: 0, count: 12_000), sampleRate: 24_000))
        }
        let sound = PCM(samples: pieces.flatMap(\.samples), sampleRate: 24_000)
        let recordings = try VoiceRecordings([("kai.wav", sound)], encoder: encoder)
        try #require(recordings.pieces.count == sentences.count)
        let words = sentences.map { front.pronounce($0, dialect: .mandarin, surface: true) }
        var shown = 0.0
        let cloned = try VoiceCloner(synthesiser: synthesiser, encoder: encoder).fit(
            name: "copy", recordings: recordings, words: words, consent: "test"
        ) { part in
            #expect(part >= shown && part <= 1)
            shown = part
        }
        #expect(shown == 1)
        let kai = try synthesiser.voice(named: "kai")
        #expect(abs(cloned.hertz / (kai.hertz * 1.26) - 1) < 0.06)
        #expect(cloned.likeness > 0.8)
        let base = try synthesiser.voice(named: cloned.base)
        var stream = try synthesiser.stream(
            sentences.prefix(3).joined(), voice: Voice(cloned, base: base), options: SpeechOptions())
        #expect(Watermark.find(in: stream.rest()).isMarked)
    }

    @Test func aVoiceFileIsReadBackAndOnlyForItsModel() throws {
        let synthesiser = try Support.synthesiser()
        let width = try #require(synthesiser.models(.int8)).acoustic.width
        var cloned = Support.cloned(synthesiser.voices[0], width: width, model: synthesiser.modelName)
        cloned.head.slopes[3, 7] = 0.25
        cloned.consent = "recorded: \"我同意\""
        let folder = NSTemporaryDirectory() + "ting-voice-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = folder + "/deep/copy.voice"
        try cloned.write(to: path)
        let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
        #expect(size > 0 && size < 1_000_000)
        let again = try ClonedVoice(path: path, model: synthesiser.modelName, width: width)
        #expect(again.head == cloned.head && again.hertz == cloned.hertz && again.consent == "recorded: 我同意")
        #expect(throws: SpeakError.self) { try ClonedVoice(path: path, model: "another", width: width) }
        #expect(throws: SpeakError.self) {
            try ClonedVoice(path: Support.root + "/Models/acoustic.safetensors", model: "1", width: width)
        }
        #expect(throws: SpeakError.self) { try cloned.write(to: "/proc/no/such.voice") }
    }

    @Test(arguments: [("anna", true), ("小明-2", true), ("", false), ("../x", false), ("list", false), ("-x", false)])
    func namesAreChecked(name: String, isGood: Bool) { #expect(VoiceStore.isName(name) == isGood) }

    @Test func warpingFindsStretchedSounds() {
        var spoken = Matrix(rows: 30, columns: 80, repeating: -4)
        var recorded = Matrix(rows: 50, columns: 80, repeating: -4)
        for row in 0..<30 { for band in 0..<80 { spoken[row, band] = band / 27 == row / 10 ? 0 : -4 } }
        for row in 0..<50 {
            for band in 0..<80 { recorded[row, band] = band / 27 == (row < 10 ? 0 : row < 40 ? 1 : 2) ? 0.5 : -3.5 }
        }
        let found = SoundAligner.align(recorded: recorded, spoken: spoken, durations: [10, 10, 10])
        #expect(found.durations.reduce(0, +) == 50)
        for (mine, right) in zip(found.durations, [10, 30, 10]) { #expect(abs(mine - right) <= 1) }
    }

    @Test func aHeadIsLearntFromWhatRecordingsHaveBeyondTheModel() {
        let width = 6
        var state: UInt64 = 9
        func random() -> Float {
            state = state &* 6_364_136_223_846_793_005 &+ 1
            return Float(state >> 40) / 8_388_608 - 1
        }
        var truth = TimbreHead(width: width)
        for index in truth.slopes.values.indices { truth.slopes.values[index] = random() * 0.1 }
        for index in truth.level.indices { truth.level[index] = random() }
        let layer = Matrix(rows: 1000, columns: width, values: (0..<1000 * width).map { _ in 3 * random() })
        let model = Matrix(rows: 2000, columns: 80, repeating: -4)
        var recorded = model
        recorded += truth(layer)
        // the last tenth holds no speech, whatever is in it
        for row in 1800..<2000 { for band in 0..<80 { recorded[row, band] = 9 } }
        var sums = TimbreSums(width: width)
        sums.add(
            layer: layer, recorded: recorded, model: model,
            sounds: (0..<2000).map { $0 < 1800 ? $0 / 2 % 7 : nil })
        // the uppermost bands lie at the edge of what 24 kHz hold, and go on as those below
        let whole = sums.solved(bandwidth: 12_000, choosing: true)
        for band in 0..<160 where band % 80 < 75 {
            for row in 0..<width { #expect(abs(whole.slopes[row, band] - truth.slopes[row, band]) < 0.03) }
            #expect(abs(whole.level[band] - truth.level[band]) < 0.03)
        }
        let narrow = sums.solved(bandwidth: 4000, choosing: false)
        #expect(narrow.level[79] == narrow.level[78] && narrow.level[159] == narrow.level[158])
        #expect(narrow.level[79] != whole.level[79])
    }

    @Test func theTrackerFindsThePitchOfPulses() {
        let samples = (0..<24_000).map { index -> Float in
            var sum: Float = 0
            for harmonic in 1...20 { sum += cosf(2 * .pi * 210 * Float(harmonic * index % 24_000) / 24_000) }
            return sum * 0.02
        }
        let pitch = PitchTracker.track(samples)
        #expect(Double(pitch.count { $0 > 0 }) > 0.9 * Double(pitch.count))
        #expect(abs((VoiceAnalysis.medianPitch(pitch) ?? 0) - 210) < 2)
        #expect(PitchTracker.track([Float](repeating: 0, count: 9000)).allSatisfy { $0 == 0 })
    }
}
