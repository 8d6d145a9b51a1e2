import Converse
import Glibc
import Sound
import Synchronization

/// The thread that owns the conversation at the microphone: takes sound from the capture ring, gives sound to the
/// playback ring, and tells what happens.
final class Pipeline: @unchecked Sendable {
    // Unchecked: everything but the mailbox and the atomics is touched only by the thread in `run`.
    enum Command: Sendable {
        case say(Saying)
        case stop
        case mute(Bool)
        case replace(any SpeechRooms, Configuration)
    }

    /// Takes what the session says, on the pipeline's thread.
    typealias Report = @Sendable (SessionOutput) -> Void

    private let capture: CapturePump
    private let playback: PlaybackPump
    private let report: Report
    private let mailbox = Mutex<[Command]>([])
    private let isStopping = Atomic<Bool>(false)
    private let rounds = Atomic<Int>(0)
    private let peak = Atomic<UInt32>(0)

    private var rooms: any SpeechRooms
    private var settings: Configuration
    private var conversation: (any Conversing)?
    private var echo: EchoPath
    private var resampler: StreamingResampler?
    private var unsent: [Float] = []
    private var gain: Float
    private var isMuted = false
    private var buffer = [Float](repeating: 0, count: 8192)

    init(
        rooms: any SpeechRooms, settings: Configuration, capture: CapturePump, playback: PlaybackPump,
        report: @escaping Report
    ) {
        self.rooms = rooms
        self.settings = settings
        self.capture = capture
        self.playback = playback
        self.report = report
        echo = EchoPath(cancels: settings.cancelsEcho)
        gain = Self.gain(settings.volume)
    }

    /// Sends a command; it takes effect within 50 ms.
    func send(_ command: Command) {
        mailbox.withLock { $0.append(command) }
        capture.wake.raise()
    }

    /// How often the loop came round.
    var roundCount: Int { rounds.load(ordering: .acquiring) }

    /// The loudest sample heard since this was last asked, 0…1.
    func takePeak() -> Float { Float(bitPattern: peak.exchange(0, ordering: .acquiringAndReleasing)) }

    func stop() {
        isStopping.store(true, ordering: .releasing)
        capture.wake.raise()
    }

    /// Runs until `stop`.
    func run() {
        open()
        while !isStopping.load(ordering: .acquiring) {
            capture.wake.wait(seconds: 0.05)
            let now = monotonicSeconds()
            for command in takeCommands() { obey(command, at: now) }
            step()
            rounds.add(1, ordering: .releasing)
        }
    }

    private func open() {
        do {
            conversation = try rooms.makeConversation(settings)
            if isMuted { handle(conversation?.mute(true, now: monotonicSeconds()) ?? []) }
        } catch {
            report(.failed("\(error)"))
        }
    }

    private func takeCommands() -> [Command] {
        mailbox.withLock { commands in
            defer { commands = [] }
            return commands
        }
    }

    private func obey(_ command: Command, at now: Double) {
        switch command {
        case .say(let saying):
            handle(conversation?.say(saying, now: now) ?? [])
        case .stop:
            handle(conversation?.stop(now: now) ?? [])
        case .mute(let muted):
            isMuted = muted
            capture.setMuted(muted || !settings.listens)
            if muted { echo.reset() }
            handle(conversation?.mute(muted, now: now) ?? [])
        case .replace(let newRooms, let newSettings):
            handle(conversation?.stop(now: now) ?? [])
            if newSettings.cancelsEcho != settings.cancelsEcho { echo = EchoPath(cancels: newSettings.cancelsEcho) }
            rooms = newRooms
            settings = newSettings
            gain = Self.gain(newSettings.volume)
            capture.setMuted(isMuted || !newSettings.listens)
            open()
        }
    }

    private func step() {
        // At most half a second at a time, so that a reply keeps flowing while a backlog is worked off.
        let heard = take(capture.ring, atMost: capture.sampleRate / 2)
        let played = take(playback.reference, atMost: playback.reference.capacity)
        let samples = echo.process(
            heard: heard, heardRate: capture.sampleRate, played: played, playedRate: playback.sampleRate)
        if let loudest = samples.map({ abs($0) }).max() {
            let before = Float(bitPattern: peak.load(ordering: .relaxed))
            peak.store(max(before, loudest).bitPattern, ordering: .relaxed)
        }
        sendRest()
        let queued = Double(playback.ring.count + unsent.count) / Double(max(1, playback.sampleRate))
        let isQuiet = unsent.isEmpty && playback.isQuiet
        let outputs = conversation?.step(
            samples, queuedSeconds: queued, isQuiet: isQuiet, now: monotonicSeconds())
        handle(outputs ?? [])
    }

    private func take(_ ring: RingBuffer, atMost limit: Int) -> [Float] {
        var samples: [Float] = []
        while samples.count < limit {
            let count = ring.read(into: &buffer, count: min(buffer.count, limit - samples.count))
            guard count > 0 else { break }
            samples += buffer[..<count]
        }
        return samples
    }

    private func handle(_ outputs: [SessionOutput]) {
        for output in outputs {
            switch output {
            case .play(let samples): play(samples)
            case .silence:
                unsent.removeAll()
                resampler?.reset()
                playback.flush()
            case .replyStarted:
                resampler?.reset()
            default: break
            }
            report(output)
        }
    }

    private func play(_ samples: [Float]) {
        let from = rooms.offer.voiceRate
        let to = playback.sampleRate
        if from == to {
            resampler = nil
            unsent += samples.map { $0 * gain }
        } else {
            if resampler?.inputRate != from || resampler?.outputRate != to {
                resampler = try? StreamingResampler(from: from, to: to, quality: 6)
            }
            unsent += (resampler?.process(samples) ?? []).map { $0 * gain }
        }
        sendRest()
    }

    private func sendRest() {
        guard !unsent.isEmpty else { return }
        let room = playback.ring.capacity - playback.ring.count
        let count = min(room, unsent.count)
        guard count > 0 else { return }
        unsent.removeFirst(playback.play(Array(unsent[..<count])))
    }

    /// Loudness follows the square of the setting, which is how a person turns a knob.
    private static func gain(_ volume: Double) -> Float { Float(volume / 100 * volume / 100) }
}
