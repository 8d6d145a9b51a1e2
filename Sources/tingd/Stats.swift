import Converse
import Glibc
import Sound
import Synchronization
import Wyoming

/// Counters since the start.
final class Stats: Sendable {
    private struct Counts {
        var utterances = 0
        var intents = 0
        var replies = 0
        var interruptions = 0
        var failures = 0
        var clients = 0
        var requests = 0
        var audioSeconds = 0.0
        var hearSeconds = 0.0
        var thinkSeconds = 0.0
    }

    private let counts = Mutex(Counts())
    private let startedAt = monotonicSeconds()

    var uptime: Double { monotonicSeconds() - startedAt }

    func note(_ output: SessionOutput) {
        counts.withLock { counts in
            switch output {
            case .thought(let thought):
                counts.utterances += 1
                counts.intents += thought.understanding.intent == nil ? 0 : 1
                counts.audioSeconds += thought.audioSeconds
                counts.hearSeconds += thought.hearSeconds
                counts.thinkSeconds += thought.thinkSeconds
            case .replyStarted: counts.replies += 1
            case .replyEnded(let wasCut): counts.interruptions += wasCut ? 1 : 0
            case .failed: counts.failures += 1
            default: break
            }
        }
    }

    func noteClient() { counts.withLock { $0.clients += 1 } }
    func noteRequest() { counts.withLock { $0.requests += 1 } }

    /// The members of a `ting-stats` event that are counted here.
    var members: [JSONValue.Member] {
        let counts = counts.withLock { $0 }
        let utterances = Double(max(1, counts.utterances))
        let whole: [(String, Int)] = [
            ("utterances", counts.utterances), ("intents", counts.intents), ("replies", counts.replies),
            ("interruptions", counts.interruptions), ("failures", counts.failures), ("clients", counts.clients),
            ("requests", counts.requests), ("resident_kib", Self.residentKiB),
        ]
        let seconds: [(String, Double)] = [
            ("uptime_seconds", uptime), ("audio_seconds", counts.audioSeconds),
            ("mean_hear_seconds", counts.hearSeconds / utterances),
            ("mean_think_seconds", counts.thinkSeconds / utterances),
        ]
        return whole.map { JSONValue.Member($0.0, .number(Double($0.1))) }
            + seconds.map { JSONValue.Member($0.0, .number(($0.1 * 1000).rounded() / 1000)) }
    }

    /// Resident memory of this process.
    static var residentKiB: Int {
        let descriptor = open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return 0 }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 128)
        let count = read(descriptor, &bytes, bytes.count)
        let fields = String(decoding: bytes.prefix(max(0, count)), as: UTF8.self).split(separator: " ")
        guard fields.count > 1, let pages = Int(fields[1]) else { return 0 }
        return pages * sysconf(Int32(_SC_PAGESIZE)) / 1024
    }
}
