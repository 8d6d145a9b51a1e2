import Hear
import Language
import Sound
import Speak
import Tensors
import Testing
import Think

@testable import Converse

/// The shipped weights, loaded once.
private enum Shipped {
    static let models = try? ModelDirectory.locate(
        String(#filePath.dropLast("/Tests/ConverseTests/ThinkRoomTests.swift".count)) + "/Models")
    static let rooms = Result { () throws -> (ears: HearRoom, voice: SpeakRoom) in
        let found = try #require(Shipped.models)
        let frontEnd = try TextFrontEnd(directory: found.file("lexicon"))
        return (try HearRoom(models: found, frontEnd: frontEnd), try SpeakRoom(models: found, frontEnd: frontEnd))
    }

    static func samples(_ voice: LiveVoice, _ text: String) throws -> [Float] {
        var reply = try voice.begin(Saying(text: text))
        var samples: [Float] = []
        while let chunk = reply.next() { samples += chunk }
        return samples
    }

    static func heard(_ text: String) throws -> Heard {
        let rooms = try rooms.get()
        let samples = try samples(LiveVoice(room: rooms.voice), text)
        return try rooms.ears.hear(Recording(PCM(samples: samples, sampleRate: SpeechStream.sampleRate)))
    }
}

@Suite struct ThinkRoomTests {
    @Test func aReplyIsSpokenByAVoiceOfItsDialect() throws {
        let room = try Shipped.rooms.get().voice
        #expect(room.name(for: Saying(text: "好，返屋企", dialect: .cantonese), configured: nil) == "hoi")
        #expect(room.name(for: Saying(text: "要得", dialect: .sichuanese), configured: nil) == "rong")
        #expect(room.name(for: Saying(text: "好的"), configured: nil) == room.synthesiser.voices.first?.name)
        // No voice is English; a voice that somebody chose says everything.
        #expect(room.name(for: Saying(text: "okay", dialect: .english), configured: nil) == nil)
        #expect(room.name(for: Saying(text: "好，返屋企", dialect: .cantonese), configured: "mei") == "mei")
        #expect(room.name(for: Saying(text: "好，返屋企", dialect: .cantonese, voice: "kai"), configured: "mei") == "kai")
    }

    @Test func cachedSpeechIsTheSameSpeech() throws {
        let room = try Shipped.rooms.get().voice
        let cache = SpeechCache()
        let cached = LiveVoice(room: room, cache: cache)
        let plain = try Shipped.samples(LiveVoice(room: room), "好的，空调二十四度")
        #expect(try Shipped.samples(cached, "好的，空调二十四度") == plain)
        #expect(try Shipped.samples(cached, "好的，空调二十四度") == plain)
        #expect(cache.counts == CacheCounts(hits: 1, misses: 1))
        #expect(try Shipped.samples(cached, "好的") != plain)
        // A reply that was cut short is not kept.
        var cut = try cached.begin(Saying(text: "车窗已打开"))
        _ = cut.next()
        _ = try Shipped.samples(cached, "车窗已打开")
        #expect(cache.counts == CacheCounts(hits: 1, misses: 4))
    }

    @Test func cachedMeaningsAreTheSameMeanings() throws {
        let models = try #require(Shipped.models)
        let texts = ["打开主驾车窗", "再高一点", "空调调到二十四度", "今天真热啊我们走吧", "打开主驾车窗", "空调调到二十四度", "再高一点"]
        for domain in ["car", "nlpcc2018"] {
            var warm = try ThinkRoom(models: models, domains: [domain])
            for round in 0..<2 {
                warm.startSession()
                var cold = try ThinkRoom(models: models, domains: [domain])
                for text in texts {
                    let (one, other) = (warm.understand(text: text), cold.understand(text: text))
                    #expect(one.understanding.intent == other.understanding.intent, "\(domain) \(round) \(text)")
                    #expect(JSONText.object(one.understanding.slots) == JSONText.object(other.understanding.slots))
                    #expect(one.reply == other.reply)
                }
            }
            #expect(warm.cacheCounts.hits >= texts.count, "\(domain): \(warm.cacheCounts)")
        }
    }

    @Test func typedNamesTakeTheListedSpelling() throws {
        let models = try #require(Shipped.models)
        let lists = [NameList(slot: "contact", names: ["王建良", "章三", "张三"])]
        var mind = try ThinkRoom(models: models, domains: ["car"], names: lists)
        let one = mind.understand(text: "给王健良打电话")
        #expect(one.understanding[slot: "contact"] == .text("王建良"))
        #expect(one.understanding.text == "给王建良打电话")
        mind.startSession()
        #expect(mind.understand(text: "给李四打电话").understanding[slot: "contact"] == .text("李四"))
        mind.startSession()
        // Two that sound the same are asked about; written as listed there is nothing to ask.
        let asked = mind.understand(text: "给张叁打电话", at: 1)
        #expect(asked.frames.isEmpty && asked.reply?.text.contains("第二个") == true, "\(asked.reply?.text ?? "")")
        #expect(mind.understand(text: "第二个", at: 2).frames.first?.slots.first?.value == .text("张三"))
        mind.startSession()
        #expect(mind.understand(text: "给章三打电话").frames.first?.slots.first?.value == .text("章三"))
    }

    @Test func spokenNamesTakeTheListedSpelling() throws {
        let models = try #require(Shipped.models)
        let ears = try Shipped.rooms.get().ears
        let others = ["陈小春", "李建明", "王建国", "刘德明", "张剑锋", "王家良", "黄建良"]
        let names = [NameList(slot: "contact", names: others + ["汪剑粮"])]
        let heard = try Shipped.heard("给汪剑粮打电话")
        var plain = try ThinkRoom(models: models, domains: ["car"], ears: ears, dialect: .mandarin)
        var listed = try ThinkRoom(models: models, domains: ["car"], ears: ears, dialect: .mandarin, names: names)
        let (without, with) = (try plain.consider(heard, at: 0), try listed.consider(heard, at: 0))
        #expect(without.understanding.intent == "phone.call" && without.understanding[slot: "contact"] != .text("汪剑粮"))
        #expect(with.understanding[slot: "contact"] == .text("汪剑粮"), "\(with.understanding.text)")
    }

    @Test func aBareAnswerIsHeardAgainstTheQuestion() throws {
        let models = try #require(Shipped.models)
        let ears = try Shipped.rooms.get().ears
        var mind = try ThinkRoom(models: models, domains: ["car"], ears: ears, dialect: .mandarin)
        #expect(mind.understand(text: "调一下空调温度", at: 1).frames.isEmpty)
        let answer = try mind.consider(Shipped.heard("二十六度"), at: 3)
        #expect(answer.frames.first?.intent == "climate.set_temperature")
        #expect(answer.frames.first?.slots.first { $0.name == "temperature" }?.value.numericValue == 26)
        #expect(answer.understanding.directed > 0.5)
    }
}
