import Converse
import Language
import Sound
import Synchronization
import Wyoming

/// Answers the clients of the control socket.
///
/// Runs on the server's thread and hands all real work to the worker.
final class ControlService: Service {
    /// What one client has going on; touched only by the server's thread, `dialogue` only by the worker's.
    final class Client: @unchecked Sendable {
        var transcription: TranscriptionJob?
        var language: String?
        var hotWords: [String] = []
        var streaming: (job: SynthesisJob, text: String, saying: Saying)?
        var synthesis: SynthesisJob?
        var dialogue: (any DialoguePartner)?
    }

    /// What the service asks of the daemon around it.
    struct Daemon: Sendable {
        var rooms: @Sendable () -> any SpeechRooms
        var settings: @Sendable () -> Configuration
        var state: @Sendable () -> JSONValue
        var stats: @Sendable () -> JSONValue
        var reload: @Sendable () throws -> JSONValue
        var command: @Sendable (Pipeline.Command) -> Void
    }

    /// Longer texts are refused.
    static let longestText = 20_000

    private let daemon: Daemon
    private let worker: Worker
    private let stats: Stats
    private let clients = Mutex<[Int: Client]>([:])
    private let subscribers = Mutex<[Int: Connection]>([:])

    init(daemon: Daemon, worker: Worker, stats: Stats) {
        self.daemon = daemon
        self.worker = worker
        self.stats = stats
    }

    /// Tells all subscribers.
    ///
    /// From any thread.
    func publish(_ event: Event) {
        for connection in subscribers.withLock({ Array($0.values) }) { connection.send(event) }
    }

    var subscriberCount: Int { subscribers.withLock { $0.count } }

    func opened(_ connection: Connection) {
        stats.noteClient()
        clients.withLock { $0[connection.id] = Client() }
    }

    func closed(_ connection: Connection) {
        clients.withLock { _ = $0.removeValue(forKey: connection.id) }
        subscribers.withLock { _ = $0.removeValue(forKey: connection.id) }
    }

    func received(_ event: Event, from connection: Connection) {
        guard let client = clients.withLock({ $0[connection.id] }) else { return }
        stats.noteRequest()
        do {
            if let answer = try answer(event, client, connection) { connection.send(answer) }
        } catch let error as WyomingError {
            connection.send(.error(error.description, code: error.code))
        } catch {
            connection.send(.error("\(error)", code: "failed"))
        }
    }

    private func answer(_ event: Event, _ client: Client, _ connection: Connection) throws -> Event? {
        switch event.type {
        case "describe": return daemon.rooms().offer.info
        case "ping": return Event("pong", event.data)
        case "transcribe", "audio-start", "audio-chunk", "audio-stop":
            return try hear(event, client, connection)
        case "synthesize", "synthesize-start", "synthesize-chunk", "synthesize-stop":
            return try speak(event, client, connection)
        case "recognize": return try understand(event, client, connection) { $0.recognition }
        case "transcript": return try understand(event, client, connection) { $0.handling }
        case "ting-subscribe":
            subscribers.withLock { $0[connection.id] = connection }
            return Event("ting-state", daemon.state())
        case "ting-state": return Event("ting-state", daemon.state())
        case "ting-stats": return Event("ting-stats", daemon.stats())
        case "ting-mute":
            let muted = event.data["muted"] ?? true
            guard let value = muted.bool else {
                throw WyomingError.badData(event: event.type, expected: "'muted' true or false")
            }
            daemon.command(.mute(value))
            var state = daemon.state()
            state["muted"] = .bool(value)
            return Event("ting-state", state)
        case "ting-say": return try sayAloud(event)
        case "ting-reload": return reload(connection)
        default:
            // The protocol says to let unknown events pass.
            return nil
        }
    }

    private func hear(_ event: Event, _ client: Client, _ connection: Connection) throws -> Event? {
        switch event.type {
        case "transcribe":
            client.language = event.data["language"]?.string.flatMap { SpeechOffer.language(of: $0) }
            client.hotWords = ["transcript_names", "transcript_terms"].flatMap { name in
                (event.data[name]?.array ?? []).prefix(200).compactMap(\.string)
            }
            return nil
        case "audio-start":
            client.transcription = makeTranscription(client, connection)
            return nil
        case "audio-chunk":
            let chunk = try AudioChunk(event)
            let job = client.transcription ?? makeTranscription(client, connection)
            client.transcription = job
            guard let problem = job.add(chunk, to: worker) else { return nil }
            client.transcription = nil
            return problem
        default:
            let job = client.transcription ?? makeTranscription(client, connection)
            client.transcription = nil
            return job.end(on: worker)
        }
    }

    private func makeTranscription(_ client: Client, _ connection: Connection) -> TranscriptionJob {
        let settings = daemon.settings()
        let configured = settings.language == "auto" ? nil : settings.language
        return TranscriptionJob(
            connection: connection, rooms: daemon.rooms(), language: client.language ?? configured,
            hotWords: settings.hotWords + client.hotWords)
    }

    private func speak(_ event: Event, _ client: Client, _ connection: Connection) throws -> Event? {
        switch event.type {
        case "synthesize-start":
            let job = SynthesisJob(connection: connection, rooms: daemon.rooms(), isStreaming: true)
            client.streaming = (job, "", saying("", event))
            return nil
        case "synthesize-chunk":
            guard let (job, before, saying) = client.streaming else { return nil }
            let text = before + (try event.string("text"))
            try check(text, event)
            // Whole sentences are spoken while the rest still comes.
            guard let end = text.lastIndex(where: { "。！？!?；;\n".contains($0) }) else {
                client.streaming = (job, text, saying)
                return nil
            }
            var sentence = saying
            sentence.text = String(text[...end])
            client.streaming = (job, String(text[text.index(after: end)...]), saying)
            return job.add(sentence, to: worker)
        case "synthesize-stop":
            guard let (job, rest, saying) = client.streaming else { return nil }
            client.streaming = nil
            if rest.contains(where: { !$0.isWhitespace }) {
                var last = saying
                last.text = rest
                if let problem = job.add(last, to: worker) { return problem }
            }
            return job.add(nil, to: worker)
        default:
            // A streaming client repeats the whole text for servers that cannot stream.
            guard client.streaming == nil else { return nil }
            let text = try event.string("text")
            try check(text, event)
            let job =
                client.synthesis ?? SynthesisJob(connection: connection, rooms: daemon.rooms(), isStreaming: false)
            client.synthesis = job
            return job.add(saying(text, event), to: worker)
        }
    }

    private func check(_ text: String, _ event: Event) throws(WyomingError) {
        guard text.utf8.count <= Self.longestText * 4, text.count <= Self.longestText else {
            throw .tooLarge(part: "text", bytes: text.utf8.count, limit: Self.longestText)
        }
    }

    private func saying(_ text: String, _ event: Event) -> Saying {
        let settings = daemon.settings()
        let voice = event.data["voice"]
        let name = voice?["speaker"]?.string ?? voice?["name"]?.string ?? event.data["voice"]?.string ?? settings.voice
        let asked = voice?["language"]?.string.flatMap { SpeechOffer.language(of: $0) }
        let configured = settings.language == "auto" ? "zh" : settings.language
        return Saying(
            text: text, style: event.data["style"]?.string ?? "neutral",
            dialect: Dialect(rawValue: asked ?? configured) ?? .mandarin, voice: name)
    }

    private func understand(
        _ event: Event, _ client: Client, _ connection: Connection, _ form: @escaping @Sendable (Thought) -> Event
    ) throws -> Event? {
        let text = try event.string("text")
        guard text.count <= Self.longestText else {
            throw WyomingError.tooLarge(part: "text", bytes: text.utf8.count, limit: Self.longestText)
        }
        let rooms = daemon.rooms()
        return queue(for: connection) {
            do {
                if client.dialogue == nil { client.dialogue = try rooms.makeDialogue() }
                guard let thought = try client.dialogue?.understand(text, now: monotonicSeconds()) else { return }
                connection.send(form(thought))
            } catch {
                connection.send(.error("\(error)", code: "understand"))
            }
        }
    }

    private func sayAloud(_ event: Event) throws -> Event? {
        if event.data["stop"]?.bool == true {
            daemon.command(.stop)
        } else {
            let text = try event.string("text")
            try check(text, event)
            daemon.command(.say(saying(text, event)))
        }
        return Event("ting-state", daemon.state())
    }

    private func reload(_ connection: Connection) -> Event? {
        let daemon = daemon
        return queue(for: connection) {
            do {
                connection.send(Event("ting-reload", try daemon.reload()))
            } catch {
                connection.send(.error("\(error)", code: "reload"))
            }
        }
    }

    private func queue(for connection: Connection, _ work: @escaping @Sendable () -> Void) -> Event? {
        worker.serve(for: connection.id) {
            work()
            return false
        }
    }
}
