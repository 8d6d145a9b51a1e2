import Converse
import Glibc
import Sound
import Synchronization
import Testing
import Wyoming

@testable import tingd

/// A server with fake rooms on a socket of its own.
private final class Bench {
    let path: String
    let worker = Worker()
    let stats = Stats()
    let commands = Mutex<[String]>([])
    let server: Server
    let service: ControlService
    private var thread: NamedThread?

    init(_ name: String, isWorking: Bool = true) throws {
        path = "/tmp/ting-\(getpid())-\(name).sock"
        let commands = CommandList()
        let daemon = ControlService.Daemon(
            rooms: { FakeRooms() }, settings: { Configuration() }, state: { ["state": "idle"] },
            stats: { ["utterances": 0] },
            reload: { throw ConfigurationError(problems: [ConfigurationProblem(path: "c", line: 3, reason: "wrong")]) },
            command: { commands.add($0) })
        self.list = commands
        service = ControlService(daemon: daemon, worker: worker, stats: stats)
        var options = Server.Options()
        options.socketPath = path
        server = Server(options: options, service: service)
        try server.start()
        if isWorking { work() }
    }

    func work() {
        thread = NamedThread.start(name: "worker") { [worker] in worker.run() }
    }

    let list: CommandList

    func stop() {
        server.stop()
        worker.stop()
        thread?.join()
    }
}

private final class CommandList: Sendable {
    private let names = Mutex<[String]>([])
    func add(_ command: Pipeline.Command) {
        names.withLock { $0.append("\(command)") }
    }
    var all: [String] { names.withLock { $0 } }
}

/// What a client on a thread of its own has come to.
private final class Progress: Sendable {
    let seconds = Atomic<Int>(0)
    let text = Mutex<String?>(nil)
}

@Suite(.serialized) struct ControlTests {
    private func with(_ name: String, _ body: (Bench, Client) throws -> Void) throws {
        let bench = try Bench(name)
        defer { bench.stop() }
        try body(bench, try Client(path: bench.path))
    }

    private func audio(_ count: Int, rate: Int = 16000, value: Float = 0.1) -> Event {
        .audioChunk([Float](repeating: value, count: count), sampleRate: rate, milliseconds: 0)
    }

    @Test func describeOffersEveryService() throws {
        try with("describe") { _, client in
            let info = try client.ask(Event("describe"), for: ["info"]).data
            for service in ["asr", "tts", "handle", "intent"] {
                #expect(info[service]?.array?.count == 1, "\(service)")
            }
            #expect(info["asr"]?.array?.first?["models"]?.array?.first?["languages"]?.array?.contains("zh-CN") == true)
            #expect(info["tts"]?.array?.first?["voices"]?.array?.first?["name"] == "lan")
        }
    }

    @Test func audioBecomesATranscript() throws {
        try with("transcribe") { _, client in
            try client.send(Event("transcribe", ["language": "zh-HK", "transcript_names": ["周杰伦"]]))
            try client.send(.audioStart(sampleRate: 16000))
            for _ in 0..<100 { try client.send(audio(1000)) }
            let answer = try client.ask(.audioStop(milliseconds: 6250), for: ["transcript"])
            #expect(answer.data == ["text": "100000 samples 周杰伦", "language": "yue"])
            // The next one on the same connection, at another rate and without a start.
            try client.send(audio(48000, rate: 48000))
            let second = try client.ask(.audioStop(milliseconds: 1000), for: ["transcript"])
            #expect(second.data["text"]?.string?.hasPrefix("16000 samples") == true)
            // And nothing at all.
            #expect(
                try client.ask(.audioStop(milliseconds: 0), for: ["transcript"]).data["text"]?.string?.hasPrefix("0 ")
                    == true)
        }
    }

    @Test func badAudioIsAnErrorAndTheConnectionLives() throws {
        try with("badaudio") { _, client in
            #expect(throws: WyomingError.self) {
                try client.ask(Event("audio-chunk", ["rate": 1], payload: [1, 2]), for: ["transcript"])
            }
            try client.send(audio(100))
            #expect(throws: WyomingError.self) { try client.ask(audio(100, rate: 8000), for: ["transcript"]) }
            try client.send(audio(100, value: 1))
            #expect {
                try client.ask(.audioStop(milliseconds: 0), for: ["transcript"])
            } throws: {
                "\($0)".contains("too loud")
            }
            try client.send(.audioStart(sampleRate: 1000))
            #expect {
                for _ in 0..<40 { try client.send(audio(8000, rate: 1000)) }
                _ = try client.ask(.audioStop(milliseconds: 0), for: ["transcript"])
            } throws: {
                "\($0)".contains("audio longer than 300 s")
            }
            #expect(try client.ask(Event("ping"), for: ["pong"]).type == "pong")
        }
    }

    @Test func audioThatCannotBeHeardYetStaysWithTheClient() throws {
        let bench = try Bench("ahead", isWorking: false)
        defer { bench.stop() }
        let (path, progress, second) = (bench.path, Progress(), audio(16_000))
        let sender = NamedThread.start(name: "sender") {
            do {
                let client = try Client(path: path)
                for _ in 0..<100 {
                    try client.send(second)
                    progress.seconds.add(1, ordering: .relaxed)
                }
                let answer = try client.ask(.audioStop(milliseconds: 100_000), for: ["transcript"])
                progress.text.withLock { $0 = answer.data["text"]?.string }
            } catch {
                progress.text.withLock { $0 = "\(error)" }
            }
        }
        usleep(500_000)
        // Five seconds wait in the daemon, the rest of these in the socket.
        #expect((5...30).contains(progress.seconds.load(ordering: .relaxed)))
        bench.work()
        sender?.join()
        #expect(progress.text.withLock { $0 } == "1600000 samples")
        // A recording that failed does not hold its client up.
        let client = try Client(path: path)
        try client.send(audio(16_000, value: 1))
        for _ in 0..<40 { try client.send(second) }
        #expect(throws: WyomingError.self) { try client.ask(.audioStop(milliseconds: 0), for: ["transcript"]) }
        #expect(try client.ask(Event("ping"), for: ["pong"]).type == "pong")
    }

    @Test func textBecomesAnIntentInAnOwnDialogue() throws {
        try with("recognize") { bench, client in
            let first = try client.ask(Event("recognize", ["text": "打开车窗"]), for: ["intent", "not-recognized"])
            #expect(first.data["name"] == "OpenWindow")
            #expect(first.data["entities"] == [["name": "place", "value": "left"], ["name": "turn", "value": 1]])
            let again = try client.ask(Event("recognize", ["text": "打开车窗"]), for: ["intent"])
            #expect(again.data["entities"]?.array?.last?["value"] == 2)
            let other = try Client(path: bench.path).ask(Event("recognize", ["text": "打开"]), for: ["intent"])
            #expect(other.data["entities"]?.array?.last?["value"] == 1, "another client, another dialogue")
            #expect(
                try client.ask(Event("recognize", ["text": "你好"]), for: ["not-recognized", "intent"]).type
                    == "not-recognized")
            #expect(try client.ask(Event("transcript", ["text": "打开"]), for: ["handled"]).data["text"] == "好的")
            #expect(
                try client.ask(Event("transcript", ["text": "嗯"]), for: ["not-handled", "handled"]).type
                    == "not-handled")
            #expect(throws: WyomingError.self) { try client.ask(Event("recognize", ["text": "坏"]), for: ["intent"]) }
            #expect(throws: WyomingError.self) { try client.ask(Event("recognize"), for: ["intent"]) }
            let long = JSONValue.string(String(repeating: "长", count: 20_001))
            #expect(throws: WyomingError.self) { try client.ask(Event("recognize", ["text": long]), for: ["intent"]) }
        }
    }

    private func spoken(_ client: Client, until last: String) throws -> [String] {
        var types: [String] = []
        while let event = try client.receive() {
            types.append(event.type)
            if event.type == last || event.type == "error" { break }
        }
        return types
    }

    @Test func textBecomesSound() throws {
        try with("synthesize") { _, client in
            try client.send(Event("synthesize", ["text": "你好吗", "voice": ["name": "lan"]]))
            let chunks = [String](repeating: "audio-chunk", count: 3)
            #expect(try spoken(client, until: "audio-stop") == ["audio-start"] + chunks + ["audio-stop"])
            try client.send(Event("synthesize", ["text": "坏"]))
            #expect(try spoken(client, until: "audio-stop") == ["error"])
            try client.send(Event("synthesize", ["text": ""]))
            #expect(try spoken(client, until: "audio-stop") == ["audio-start", "audio-stop"])
        }
    }

    @Test func streamedTextIsSpokenSentenceBySentence() throws {
        try with("streaming") { _, client in
            try client.send(Event("synthesize-start", ["voice": ["name": "lan"]]))
            for part in ["你", "好。再", "见"] { try client.send(Event("synthesize-chunk", ["text": .string(part)])) }
            try client.send(Event("synthesize", ["text": "你好。再见"]))
            try client.send(Event("synthesize-stop"))
            let types = try spoken(client, until: "synthesize-stopped")
            #expect(types.filter { $0 == "audio-start" }.count == 2)
            #expect(types.filter { $0 == "audio-chunk" }.count == 3 + 2)
            #expect(types.last == "synthesize-stopped")
        }
    }

    @Test func aLongRequestHoldsUpNobody() throws {
        try with("fair") { bench, client in
            try client.send(Event("synthesize", ["text": .string(String(repeating: "长", count: 2000))]))
            let other = try Client(path: bench.path)
            #expect(try other.ask(Event("recognize", ["text": "打开"]), for: ["intent"], within: 2).type == "intent")
        }
    }

    @Test func tingsOwnEventsWork() throws {
        try with("own") { bench, client in
            #expect(try client.ask(Event("ting-state"), for: ["ting-state"]).data["state"] == "idle")
            #expect(try client.ask(Event("ting-stats"), for: ["ting-stats"]).data["utterances"] == 0)
            #expect(try client.ask(Event("ting-mute", ["muted": true]), for: ["ting-state"]).data["muted"] == true)
            #expect(throws: WyomingError.self) { try client.ask(Event("ting-mute", ["muted": 3]), for: ["ting-state"]) }
            _ = try client.ask(Event("ting-say", ["text": "你好"]), for: ["ting-state"])
            _ = try client.ask(Event("ting-say", ["stop": true]), for: ["ting-state"])
            #expect(bench.list.all.count == 3)
            #expect(bench.list.all.first == "mute(true)")
            #expect(bench.list.all.last == "stop")
            #expect {
                try client.ask(Event("ting-reload"), for: ["ting-reload"])
            } throws: {
                "\($0)".hasSuffix("c:3: wrong")
            }
            try client.send(Event("from-the-future"))
            #expect(try client.ask(Event("ping", ["text": "x"]), for: ["pong"]).data == ["text": "x"])
        }
    }

    @Test func subscribersAreToldAndOthersAreNot() throws {
        try with("subscribe") { bench, client in
            _ = try client.ask(Event("ting-subscribe"), for: ["ting-state"])
            let other = try Client(path: bench.path)
            _ = try other.ask(Event("ping"), for: ["pong"])
            bench.service.publish(Event("ting-intent", ["intent": "X"]))
            #expect(try client.receive()?.data["intent"] == "X")
            #expect(throws: WyomingError.timedOut(seconds: 0.1)) { try other.receive(within: 0.1) }
        }
    }

    @Test func languageTagsOfHomeAssistantAreKnown() {
        let tags = [
            "zh": "zh", "zh-CN": "zh", "zh_TW": "zh", "zh-HK": "yue", "yue": "yue", "zh-CN-sichuan": "sc",
            "en-US": "en",
        ]
        for (tag, language) in tags { #expect(SpeechOffer.language(of: tag) == language) }
        #expect(SpeechOffer.language(of: "fr") == nil)
    }
}
