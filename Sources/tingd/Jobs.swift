import Converse
import Sound
import Synchronization
import Wyoming

/// Audio that a client sends, transcribed while it comes.
final class TranscriptionJob: @unchecked Sendable {
    // Unchecked: `transcriber` and `resampler` are touched only by the worker's thread.
    private struct Inbox {
        var samples: [Float] = []
        var rate = 0
        var received = 0.0
        var isEnded = false
        var isQueued = false
        var isHeld = false
        var hasFailed = false

        /// Whether more waits than a client may send ahead.
        var isFull: Bool { samples.count > TranscriptionJob.waitingSamples }
        var isNearlyEmpty: Bool { samples.count <= TranscriptionJob.waitingSamples / 2 }
        /// What a step takes at most: a second, less of rates beyond what a microphone has.
        var stepSamples: Int { max(1, min(rate, TranscriptionJob.waitingSamples / 2)) }
    }

    /// Longer audio is refused.
    static let longestSeconds = 300.0
    /// When so much waits, the client is not read until the worker comes round: what it sends faster than it can be
    /// heard stays with the client, and a crowd with long recordings costs no more memory than with short ones.
    ///
    /// Twice a second of 48 kHz, the highest rate that is common, so that there is always a step to do.
    static let waitingSamples = 96_000

    private let connection: Connection
    private let rooms: any SpeechRooms
    private let language: String?
    private let hotWords: [String]
    private let inbox = Mutex(Inbox())
    private var transcriber: (any Transcriber)?
    private var resampler: StreamingResampler?

    init(connection: Connection, rooms: any SpeechRooms, language: String?, hotWords: [String]) {
        self.connection = connection
        self.rooms = rooms
        self.language = language
        self.hotWords = hotWords
    }

    /// Takes a chunk; an error event is what to answer instead of going on.
    func add(_ chunk: AudioChunk, to worker: Worker) -> Event? {
        let (problem, isFull) = inbox.withLock { inbox -> (Event?, Bool) in
            guard !inbox.hasFailed else { return (nil, false) }
            if inbox.rate != 0 && inbox.rate != chunk.sampleRate {
                let reason = "the sample rate changed from \(inbox.rate) to \(chunk.sampleRate)"
                return (.error(reason, code: "bad-event"), false)
            }
            inbox.rate = chunk.sampleRate
            inbox.received += Double(chunk.samples.count) / Double(chunk.sampleRate)
            guard inbox.received <= Self.longestSeconds else {
                return (.error("audio longer than \(Int(Self.longestSeconds)) s", code: "too-large"), false)
            }
            inbox.samples += chunk.samples
            if inbox.isFull { inbox.isHeld = true }
            return (nil, inbox.isHeld)
        }
        guard problem == nil else {
            abandon()
            return problem
        }
        if isFull { connection.hold() }
        // Half a second at a time keeps the overhead of a step small.
        return inbox.withLock { $0.samples.count * 2 >= $0.stepSamples } ? queue(on: worker) : nil
    }

    /// No more audio comes; the transcript will be sent.
    func end(on worker: Worker) -> Event? {
        inbox.withLock { $0.isEnded = true }
        return queue(on: worker)
    }

    private func queue(on worker: Worker) -> Event? {
        let isNew = inbox.withLock { inbox in
            defer { inbox.isQueued = true }
            return !inbox.isQueued
        }
        guard isNew else { return nil }
        let problem = worker.serve(for: connection.id) { [self] in step() }
        if problem != nil {
            inbox.withLock { $0.isQueued = false }
            abandon()
        }
        return problem
    }

    /// Nothing more comes of this recording: what waits goes, and the client is read again.
    private func abandon() {
        inbox.withLock { inbox in
            inbox.hasFailed = true
            inbox.isHeld = false
            inbox.samples = []
        }
        connection.release()
    }

    /// Up to a second of audio; true while more waits.
    private func step() -> Bool {
        guard connection.isOpen, !inbox.withLock({ $0.hasFailed }) else { return false }
        let (samples, rate, isLast, isReleased) = inbox.withLock { inbox in
            let count = min(inbox.samples.count, inbox.stepSamples)
            let taken = Array(inbox.samples[..<count])
            inbox.samples.removeFirst(count)
            let isReleased = inbox.isHeld && inbox.isNearlyEmpty
            if isReleased { inbox.isHeld = false }
            return (taken, inbox.rate, inbox.isEnded && inbox.samples.isEmpty, isReleased)
        }
        if isReleased { connection.release() }
        do {
            try accept(samples, rate: rate)
            if isLast {
                if let rest = resampler?.finish(), !rest.isEmpty { try transcriber?.accept(rest) }
                guard let result = try transcriber?.finish() else { return false }
                let language: JSONValue = .string(result.language)
                connection.send(Event("transcript", ["text": .string(result.text), "language": language]))
                return false
            }
        } catch {
            abandon()
            connection.send(.error("\(error)", code: "transcribe"))
            return false
        }
        return inbox.withLock { inbox in
            inbox.isQueued = !inbox.samples.isEmpty || inbox.isEnded
            return inbox.isQueued
        }
    }

    private func accept(_ samples: [Float], rate: Int) throws {
        if transcriber == nil { transcriber = try rooms.makeTranscriber(language: language, hotWords: hotWords) }
        guard !samples.isEmpty else { return }
        guard rate != 16_000 else {
            try transcriber?.accept(samples)
            return
        }
        if resampler == nil { resampler = try StreamingResampler(from: rate, to: 16_000) }
        let converted = resampler?.process(samples) ?? []
        if !converted.isEmpty { try transcriber?.accept(converted) }
    }
}

/// Texts that a client wants to hear, synthesised one after another.
final class SynthesisJob: @unchecked Sendable {
    // Unchecked: `reply` and `sent` are touched only by the worker's thread.
    private struct Inbox {
        var sayings: [Saying] = []
        var isEnded = false
        var isQueued = false
    }

    /// Bytes of text that may wait: one text of the greatest length, in Chinese.
    static let waitingBytes = 4 * ControlService.longestText
    /// Sound that a client has not taken yet, before no more is made: 20 s of it.
    private static let untakenBytes = 1 << 20

    private let connection: Connection
    private let rooms: any SpeechRooms
    /// Whether the client streams its text and waits for `synthesize-stopped`.
    private let isStreaming: Bool
    private let inbox = Mutex(Inbox())
    private var reply: (any ReplyStream)?
    private var sent = 0

    init(connection: Connection, rooms: any SpeechRooms, isStreaming: Bool) {
        self.connection = connection
        self.rooms = rooms
        self.isStreaming = isStreaming
    }

    /// Adds a text, or ends when it is nil; an event is what to answer instead.
    func add(_ saying: Saying?, to worker: Worker) -> Event? {
        let (isNew, isTooMuch) = inbox.withLock { inbox -> (Bool, Bool) in
            if let saying {
                let bytes = inbox.sayings.reduce(saying.text.utf8.count) { $0 + $1.text.utf8.count }
                guard inbox.sayings.isEmpty || inbox.sayings.count < Worker.clientLimit && bytes <= Self.waitingBytes
                else { return (false, true) }
                inbox.sayings.append(saying)
            } else {
                inbox.isEnded = true
            }
            defer { inbox.isQueued = true }
            return (!inbox.isQueued, false)
        }
        guard !isTooMuch else {
            let limits = "\(Worker.clientLimit) texts or \(Self.waitingBytes) bytes of them"
            return .error("too much to say: at most \(limits) of one client wait", code: "busy")
        }
        guard isNew else { return nil }
        let problem = worker.serve(for: connection.id) { [self] in step() }
        if problem != nil { inbox.withLock { $0.isQueued = false } }
        return problem
    }

    /// One piece of sound; true while more is to come.
    private func step() -> Bool {
        guard connection.isOpen else { return false }
        // A client that reads slowly is not given more than it can hold.
        guard connection.pendingBytes < Self.untakenBytes else {
            pause(seconds: 0.005)
            return true
        }
        let rate = rooms.offer.voiceRate
        do {
            if reply == nil {
                guard let saying = inbox.withLock({ $0.sayings.isEmpty ? nil : $0.sayings.removeFirst() }) else {
                    return finish()
                }
                reply = try rooms.makeReply(saying)
                sent = 0
                connection.send(.audioStart(sampleRate: rate))
            }
            if let samples = try reply?.next() {
                connection.send(.audioChunk(samples, sampleRate: rate, milliseconds: sent * 1000 / rate))
                sent += samples.count
                return true
            }
            reply = nil
            connection.send(.audioStop(milliseconds: sent * 1000 / rate))
        } catch {
            reply = nil
            connection.send(.error("\(error)", code: "synthesize"))
        }
        return true
    }

    private func finish() -> Bool {
        let isOver = inbox.withLock { inbox in
            inbox.isQueued = false
            return inbox.isEnded
        }
        if isOver && isStreaming { connection.send(Event("synthesize-stopped")) }
        return false
    }
}
