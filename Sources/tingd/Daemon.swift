import Converse
import Glibc
import Sound
import Synchronization
import Wyoming

/// The daemon, wired: devices, pipeline, worker, control socket, systemd.
final class Daemon: Sendable {
    private let options: Options
    private let log: Log
    private let systemd = Systemd()
    private let stats = Stats()
    private let worker = Worker()
    private let capture: CapturePump
    private let playback: PlaybackPump
    private let rooms: Mutex<any SpeechRooms>
    private let settings: Mutex<Configuration>
    private let phase = Mutex("idle")
    private let muted = Atomic<Bool>(false)
    private let hung = Mutex<[Watchdog.Part]>([])
    private let service = Mutex<ControlService?>(nil)
    private let pipeline = Mutex<Pipeline?>(nil)

    init(options: Options, settings: Configuration, rooms: any SpeechRooms, log: Log) {
        self.options = options
        self.log = log
        self.rooms = Mutex(rooms)
        self.settings = Mutex(settings)
        capture = CapturePump { () throws(SoundError) in try Device.microphone(settings.microphone) }
        playback = PlaybackPump { () throws(SoundError) in
            try Device.speaker(settings.speaker, latencySeconds: settings.playbackLatencySeconds)
        }
        capture.setMuted(!settings.listens)
    }

    /// Runs until a signal ends it.
    ///
    /// Returns after everything was closed.
    func run(sockets: [Int32]) throws {
        let settings = settings.withLock { $0 }
        let service = ControlService(daemon: interface, worker: worker, stats: stats)
        self.service.withLock { $0 = service }
        var serverOptions = Server.Options()
        serverOptions.socketPath = options.socket ?? settings.socket
        serverOptions.socketGroup = settings.group
        serverOptions.inherited = sockets
        serverOptions.tcp = settings.tcp.map { ($0.host, $0.port) }
        serverOptions.maximumConnections = settings.maximumConnections
        let server = Server(options: serverOptions, service: service)
        let pipeline = Pipeline(
            rooms: rooms.withLock { $0 }, settings: settings, capture: capture, playback: playback
        ) { [self] in report($0) }
        self.pipeline.withLock { $0 = pipeline }
        let threads = try startThreads(pipeline, isRealTime: settings.isRealTime)
        do {
            try server.start()
        } catch {
            stop(threads, pipeline: pipeline, server: server)
            throw error
        }
        log(
            .info,
            "listening on \(serverOptions.socketPath ?? "")\(server.tcpPort > 0 ? " and TCP port \(server.tcpPort)" : "")"
        )
        watch(pipeline)
        systemd.stopping()
        stop(threads, pipeline: pipeline, server: server)
    }

    private func startThreads(_ pipeline: Pipeline, isRealTime: Bool) throws(DaemonError) -> [NamedThread] {
        var threads: [NamedThread] = []
        let bodies: [(String, Int, @Sendable () -> Void)] = [
            (
                "tingd-capture", 256 << 10,
                { [capture] in
                    if isRealTime { NamedThread.becomeRealTime() }
                    capture.run()
                }
            ),
            (
                "tingd-playback", 256 << 10,
                { [playback] in
                    if isRealTime { NamedThread.becomeRealTime() }
                    playback.run()
                }
            ),
            ("tingd-pipeline", 4 << 20, { pipeline.run() }),
            ("tingd-worker", 4 << 20, { [worker] in worker.run() }),
        ]
        for (name, stack, body) in bodies {
            guard let thread = NamedThread.start(name: name, stackBytes: stack, body) else { throw .noThread(name) }
            threads.append(thread)
        }
        return threads
    }

    /// Everything is told to stop at once; a thread in the middle of a long computation is not waited for.
    private func stop(_ threads: [NamedThread], pipeline: Pipeline, server: Server) {
        capture.stop()
        playback.stop()
        pipeline.stop()
        worker.stop()
        server.stop()
        let deadline = monotonicSeconds() + 0.6
        let running = CountDown(threads.count)
        for thread in threads {
            _ = NamedThread.start(name: "tingd-join") {
                thread.join()
                running.decrement()
            }
        }
        while running.value > 0 && monotonicSeconds() < deadline { pause(seconds: 0.01) }
    }

    /// The main thread: ready, signals, the watchdog, a status line when a device comes or goes.
    private func watch(_ pipeline: Pipeline) {
        let tick = min(1, (systemd.watchdogSeconds ?? 4) / 4)
        var watchdog = Watchdog(limit: Watchdog.limit(watchdogSeconds: systemd.watchdogSeconds))
        // What was told, not what holds a moment later: a device may change in between.
        var told = statusLine
        systemd.ready(told)
        while true {
            switch Signals.wait(seconds: tick) {
            case .stop:
                log(.info, "stopping")
                return
            case .reload:
                systemd.reloading()
                do {
                    let report = try reload()
                    log(.info, "reloaded: \(report.text)")
                } catch {
                    log(.error, "nothing was reloaded: \(error)")
                }
                told = statusLine
                systemd.ready(told)
            case .timeout:
                break
            }
            feed(&watchdog, pipeline)
            let status = statusLine
            if status != told {
                told = status
                log(.notice, status)
                systemd.status(status)
                service.withLock { $0 }?.publish(Event("ting-state", state))
            }
        }
    }

    /// Tells systemd that all is well, or says once what is not.
    private func feed(_ watchdog: inout Watchdog, _ pipeline: Pipeline) {
        let progress = Watchdog.Progress(
            captured: capture.isRunning ? capture.ring.total + capture.ring.lost : nil,
            played: playback.isRunning && playback.ring.count > 0 ? playback.playedCount : nil,
            rounds: pipeline.roundCount, steps: worker.progress)
        let found = watchdog.hung(progress, at: monotonicSeconds())
        let before = hung.withLock { parts in
            defer { parts = found }
            return parts
        }
        if found.isEmpty { systemd.watchdog() }
        guard found != before else { return }
        let names = found.map(\.rawValue).joined(separator: ", ")
        log(.error, found.isEmpty ? "everything moves again" : "hung: \(names) has not moved for \(watchdog.limit) s")
    }

    private var statusLine: String { "microphone \(capture.summary), speaker \(playback.summary)" }

    private var interface: ControlService.Daemon {
        ControlService.Daemon(
            rooms: { [self] in rooms.withLock { $0 } }, settings: { [self] in settings.withLock { $0 } },
            state: { [self] in state }, stats: { [self] in statistics }, reload: { [self] in try reload() },
            command: { [self] in obey($0) })
    }

    private func obey(_ command: Pipeline.Command) {
        if case .mute(let value) = command { muted.store(value, ordering: .releasing) }
        pipeline.withLock { $0 }?.send(command)
    }

    private var state: JSONValue {
        let settings = settings.withLock { $0 }
        let offer = rooms.withLock { $0.offer }
        return [
            "state": .string(phase.withLock { $0 }), "muted": .bool(muted.load(ordering: .acquiring)),
            "microphone": .string("\(settings.microphone): \(settings.listens ? capture.summary : "not used")"),
            "speaker": .string("\(settings.speaker): \(playback.summary)"),
            "domains": .array(offer.domains.map { .string($0) }), "intents": .number(Double(offer.intentCount)),
            "language": .string(settings.language), "voice": .string(settings.voice ?? offer.voices.first?.name ?? ""),
            "volume": .number(settings.volume), "uptime_seconds": .number(stats.uptime.rounded()),
            "version": .string(Options.version),
            "hung": .array(hung.withLock { $0 }.map { .string($0.rawValue) }),
        ]
    }

    private var statistics: JSONValue {
        var members = stats.members
        let speech = rooms.withLock { $0.speech }
        let more: [(String, Double)] = [
            ("waiting_requests", Double(worker.count)), ("capture_xruns", Double(capture.xrunCount)),
            ("speech_retries", Double(speech.retries)), ("dropped_sentences", Double(speech.droppedSentences)),
            ("playback_xruns", Double(playback.xrunCount)), ("lost_samples", Double(capture.ring.lost)),
            ("played_samples", Double(playback.playedCount)),
            ("subscribers", Double(service.withLock { $0 }?.subscriberCount ?? 0)),
            ("peak", Double(pipeline.withLock { $0 }?.takePeak() ?? 0)),
        ]
        members += more.map { JSONValue.Member($0.0, .number($0.1)) }
        for (name, counts) in rooms.withLock({ $0 }).cacheCounts {
            members += [
                JSONValue.Member("\(name)_cache_hits", .number(Double(counts.hits))),
                JSONValue.Member("\(name)_cache_misses", .number(Double(counts.misses))),
                JSONValue.Member("\(name)_cache_hit_rate", .number((counts.rate * 1000).rounded() / 1000)),
            ]
        }
        return .object(members)
    }

    /// Reads settings and domains again, whole, and then puts them in place at once; keeps the old ones on any error.
    private func reload() throws -> JSONValue {
        let path = options.configuration ?? Configuration.defaultPath
        let fresh = try Configuration.load(path: path, isOptional: options.configuration == nil)
        let old = settings.withLock { $0 }
        let renewed = try rooms.withLock { $0 }.reloaded(with: fresh)
        rooms.withLock { $0 = renewed }
        settings.withLock { $0 = fresh }
        pipeline.withLock { $0 }?.send(.replace(renewed, fresh))
        return [
            "domains": .array(renewed.offer.domains.map { .string($0) }),
            "intents": .number(Double(renewed.offer.intentCount)),
            "remarks": .array(renewed.offer.remarks.map { .string($0) }),
            "needs_restart": .array(fresh.needingRestart(comparedTo: old).map { .string($0) }),
        ]
    }

    /// What the session says, on the pipeline's thread: counted, told to subscribers, logged without any words.
    private func report(_ output: SessionOutput) {
        stats.note(output)
        let settings = settings.withLock { $0 }
        if case .state(let label) = output { phase.withLock { $0 = label } }
        if case .failed(let reason) = output { log(.error, reason) }
        if case .thought(let thought) = output {
            let intent = thought.understanding.intent ?? "nothing for us"
            log(.info, settings.logsTranscripts ? "\(intent): \(thought.understanding.text)" : intent)
        }
        guard let service = service.withLock({ $0 }) else { return }
        switch output {
        case .state: service.publish(Event("ting-state", state))
        case .voiceStarted: service.publish(Event("voice-started", ["timestamp": milliseconds]))
        case .voiceStopped: service.publish(Event("voice-stopped", ["timestamp": milliseconds]))
        case .partial(let syllables):
            guard settings.publishesPartials else { return }
            service.publish(Event("ting-partial", ["units": .string(syllables.joined(separator: " "))]))
        case .thought(let thought):
            let text = thought.understanding.text
            service.publish(
                Event("transcript", ["text": .string(text), "language": .string(thought.dialect.rawValue)]))
            service.publish(Event("ting-intent", thought.json))
        case .replyEnded: service.publish(Event("played"))
        case .failed(let reason): service.publish(.error(reason, code: "session"))
        case .replyStarted, .play, .silence: break
        }
    }

    private var milliseconds: JSONValue { .number((monotonicSeconds() * 1000).rounded()) }
}

/// A count that several threads lower.
private final class CountDown: Sendable {
    private let count: Atomic<Int>
    init(_ value: Int) { count = Atomic(value) }
    var value: Int { count.load(ordering: .acquiring) }
    func decrement() { count.subtract(1, ordering: .acquiringAndReleasing) }
}
