import Glibc
import Tensors
import Testing

@testable import Think

/// The shipped weights, and what the training code says they answer.
private enum ShippedNetwork {
    static let root = String(#filePath.dropLast("/Tests/ThinkTests/NetworkTests.swift".count))
    static let models = try? ModelDirectory.locate(root + "/Models")

    static func domain(_ name: String) throws -> Domain {
        try Domain.load(path: root + "/Models/domains/\(name).yaml")
    }

    struct Line {
        var domain: String
        var text: String
        var intent: String
        var slots: String
        var directed: Double
        var act: String
        var logits: [Float]
    }

    /// The rows of a file of `parity/`, without its comment.
    static func rows(of name: String) throws -> [[String]] {
        let file = try #require(fopen("\(root)/Models/training/think/parity/\(name)", "r"))
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        let count = fread(&bytes, 1, bytes.count, file)
        return String(decoding: bytes[..<count], as: UTF8.self).split(separator: "\n").dropFirst().map { line in
            line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
        }
    }

    /// States as `cross.py` makes them up: thirteen rows, four frames each.
    static var states: Matrix {
        var result = Matrix(rows: 52, columns: NetworkShape.stateWidth)
        for frame in 0..<result.rows {
            for column in 0..<result.columns {
                result[frame, column] = sinf(0.37 * Float(frame / 4) + 0.11 * Float(column))
            }
        }
        return result
    }

    static func fixture() throws -> [Line] {
        try rows(of: "network.tsv").map { fields in
            Line(
                domain: fields[0], text: fields[1], intent: fields[2], slots: fields[3],
                directed: try #require(Double(fields[4])), act: fields[5],
                logits: fields[6].split(separator: " ").compactMap { Float($0) })
        }
    }
}

@Suite struct NetworkTests {
    /// Runs the fixture's sessions; calls back with each line, the understanding and the domain's intent logits.
    private func walk(
        _ precision: Precision, _ body: (ShippedNetwork.Line, Understanding, [Float]) throws -> Void
    ) throws {
        let models = try #require(ShippedNetwork.models)
        var understanders: [String: Understander] = [:]
        var contexts: [String: UnderstanderContext] = [:]
        for line in try ShippedNetwork.fixture() {
            let understander =
                try understanders[line.domain]
                ?? Understander(models: models, domain: ShippedNetwork.domain(line.domain), precision: precision)
            understanders[line.domain] = understander
            let context = contexts[line.domain] ?? UnderstanderContext()
            let answer = understander.understand(text: line.text, context: context)
            let vocabulary = try NetworkVocabulary(WeightFile(path: models.file("think.safetensors")))
            let labels = try #require(vocabulary.labels[line.domain])
            let output = understander.run(Array(line.text.unicodeScalars), states: nil, context: context)
            let logits = Array(output.intents[labels.firstIntent..<labels.firstIntent + labels.intents.count])
            contexts[line.domain, default: UnderstanderContext()].record(answer)
            try body(line, answer, logits)
        }
    }

    @Test func floatWeightsAnswerAsTheTrainingCodeDoes() throws {
        try walk(.float32) { line, answer, logits in
            for (found, expected) in zip(logits, line.logits) {
                #expect((found - expected).magnitude < 0.02, "\(line.text)")
            }
            guard !line.text.isEmpty else { return }
            #expect(answer.intent == (line.intent == "OTHERS" ? nil : line.intent), "\(line.text)")
            let scalars = Array(line.text.unicodeScalars)
            let expected = line.slots.split(separator: ",").map { slot in
                let fields = slot.split(separator: " ")
                var value = String.UnicodeScalarView()
                value.append(contentsOf: scalars[(Int(fields[1]) ?? 0)..<(Int(fields[2]) ?? 0)])
                return "\(fields[0])=\(String(value))"
            }
            if answer.intent != nil {
                #expect(answer.slots.map { "\($0.name)=\($0.value.textValue ?? "")" } == expected, "\(line.text)")
            }
            #expect((answer.directed - line.directed).magnitude < 0.01, "\(line.text)")
            #expect(answer.act == line.act, "\(line.text)")
        }
    }

    @Test func integerWeightsAgreeWithFloats() throws {
        var worst: Float = 0
        try walk(.int8) { line, answer, logits in
            for (found, expected) in zip(logits, line.logits) { worst = max(worst, (found - expected).magnitude) }
            guard !line.text.isEmpty else { return }
            #expect(answer.intent == (line.intent == "OTHERS" ? nil : line.intent), "\(line.text)")
        }
        #expect(worst < 1)
    }

    @Test func strangeTextsAreAnsweredAndNothingBreaks() throws {
        let understander = try Understander(
            models: try #require(ShippedNetwork.models), domain: ShippedNetwork.domain("nlpcc2018"))
        for text in ["", " ", "😀🎉", "\u{0}\n\t", String(repeating: "播放", count: 5000), "hello world", "ＡＢＣ"] {
            let answer = understander.understand(text: text)
            #expect((0...1).contains(answer.directed))
            #expect((0...1.0001).contains(answer.confidence))
            #expect(answer.text == text)
        }
    }

    @Test(arguments: [(Precision.float32, Float(0.02)), (.int8, 1)])
    func statesAreReadAsTheTrainingCodeReadsThem(precision: Precision, tolerance: Float) throws {
        let models = try #require(ShippedNetwork.models)
        let vocabulary = try NetworkVocabulary(WeightFile(path: models.file("think.safetensors")))
        for fields in try ShippedNetwork.rows(of: "cross.tsv") {
            let understander = try Understander(
                models: models, domain: ShippedNetwork.domain(fields[0]), precision: precision)
            let labels = try #require(vocabulary.labels[fields[0]])
            let output = understander.run(
                Array(fields[1].unicodeScalars), states: ShippedNetwork.states, context: UnderstanderContext())
            let found = output.intents[labels.firstIntent..<labels.firstIntent + labels.intents.count]
            let expected = fields[2].split(separator: " ").compactMap { Float($0) }
            #expect(found.count == expected.count)
            for (value, wanted) in zip(found, expected) { #expect((value - wanted).magnitude < tolerance) }
        }
    }

    @Test func soundReachesLearnedDomainsAlone() throws {
        let models = try #require(ShippedNetwork.models)
        let text = Array("打开车窗".unicodeScalars)
        let context = UnderstanderContext()
        let learned = try Understander(models: models, domain: ShippedNetwork.domain("nlpcc2018"))
        let written = try Understander(models: models, domain: ShippedNetwork.domain("car"))
        let states = ShippedNetwork.states
        #expect(
            learned.run(text, states: states, context: context).intents
                != learned.run(text, states: nil, context: context).intents)
        #expect(
            written.run(text, states: states, context: context).directed
                == written.run(text, states: nil, context: context).directed)
    }

    @Test func soundAloneHasNoSlots() throws {
        let understander = try Understander(
            models: try #require(ShippedNetwork.models), domain: ShippedNetwork.domain("nlpcc2018"))
        let states = ShippedNetwork.states
        let blind = understander.understand(text: "播放小苹果", states: states, senses: .sound)
        #expect(blind.slots.isEmpty)
        #expect(blind.text == "播放小苹果")
        let other = understander.understand(text: "导航去机场", states: states, senses: .sound)
        #expect(other.intent == blind.intent && other.confidence == blind.confidence)
        let deaf = understander.understand(text: "播放小苹果", states: states, senses: .text)
        #expect(deaf.intent == "music.play" && !deaf.slots.isEmpty)
    }

    @Test func writtenDomainsDecideByTheirSentences() throws {
        let text = """
            domain: car
            languages:
              zh:
                intents:
                  WindowOpen: ["打开车窗"]
            """
        let understander = try Understander(models: try #require(ShippedNetwork.models), domain: Domain.parse(text))
        #expect(!understander.isLearned)
        let hit = understander.understand(text: "打开车床", hits: [("打开车窗", 0.8)])
        #expect(hit.intent == "WindowOpen")
        #expect(hit.confidence == 0.8)
        #expect(understander.understand(text: "今天吃什么呢").intent == nil)
    }

    @Test func missingWeightsAreAnError() throws {
        let models = try ModelDirectory.locate(ShippedNetwork.root + "/Tests")
        #expect(throws: ThinkError.self) { try Understander(models: models, domain: ShippedNetwork.domain("cais")) }
    }

    @Test func understandingTakesAFewMilliseconds() throws {
        let understander = try Understander(
            models: try #require(ShippedNetwork.models), domain: ShippedNetwork.domain("nlpcc2018"))
        var context = UnderstanderContext()
        let clock = ContinuousClock()
        var times: [Duration] = []
        for text in ["导航到信阳市汽车配件城", "取消", "给我放一首周杰伦的双截棍", "下一首", "打电话给王建良", "不用了", "去呼图壁县牧香自助火锅"] {
            times.append(clock.measure { context.record(understander.understand(text: text, context: context)) })
        }
        // Generous: debug builds and busy machines run this too. The figure is in the model file.
        #expect(times.sorted()[times.count / 2] < .milliseconds(500))
    }
}

@Suite struct NetworkDecoderTests {
    private let labels = NetworkVocabulary.Labels(
        intents: [.init(name: "play", slots: ["song"]), .init(name: "stop", slots: [])], firstIntent: 0,
        tags: ["O", "B-song", "I-song"], firstTag: 0)

    @Test func insideNeverBeginsASlot() throws {
        let tags = Matrix(rows: 3, columns: 3, values: [0, -5, 5, 0, -5, 5, 5, -5, 0])
        let output = NetworkOutput(intents: [4, 0], tags: tags, acts: [1], directed: 0)
        let frame = try #require(NetworkDecoder(labels: labels).decode(output))
        #expect(frame.intent == 0)
        for slot in frame.slots { #expect(slot.range == 0..<2) }
    }

    @Test func slotsSpeakForTheIntentThatHasThem() throws {
        let tags = Matrix(rows: 2, columns: 3, values: [-8, 8, -8, -8, -8, 8])
        let output = NetworkOutput(intents: [0, 0.5], tags: tags, acts: [1], directed: 0)
        let frame = try #require(NetworkDecoder(labels: labels).decode(output))
        #expect(frame.intent == 0)
        #expect(frame.slots.map(\.range) == [0..<2])
        #expect(frame.confidence > 0.9)
    }

    @Test func normalisingKeepsPositions() {
        let text = "ＡＢc　打开😀".unicodeScalars.map(NetworkVocabulary.normalise)
        #expect(String(String.UnicodeScalarView(text)) == "abc 打开😀")
        #expect(text.count == 7)
    }
}
