/// Decides whether everything that should move does; only then is systemd's watchdog fed.
///
/// A pure value: counts and the clock are passed in. A device that is missing, busy or muted is expected to deliver
/// nothing, so it is never hung; a decoder in an endless loop, or a driver that never returns, is.
struct Watchdog {
    /// What can hang.
    enum Part: String, CaseIterable, Sendable { case capture, playback, pipeline, worker }

    /// How far each part has come; nil where nothing is expected of it now.
    struct Progress: Equatable, Sendable {
        /// Samples that the microphone delivered, while it is open.
        var captured: Int?
        /// Samples that the speaker took, while some wait for it and it is open.
        var played: Int?
        /// Rounds of the pipeline.
        var rounds: Int?
        /// Steps of the worker, while it has something to do.
        var steps: Int?

        func count(of part: Part) -> Int? {
            switch part {
            case .capture: captured
            case .playback: played
            case .pipeline: rounds
            case .worker: steps
            }
        }
    }

    /// Half of systemd's patience, so that the other half is left for the next feed; without systemd, 20 s: the longest
    /// step of a healthy part is a reply's first sentence, a second or two on the slowest board.
    static func limit(watchdogSeconds: Double?) -> Double { min(20, (watchdogSeconds ?? 40) / 2) }

    /// A part that is expected to move and has not for so long is hung, in seconds.
    let limit: Double
    private var last: [Part: (count: Int, since: Double)] = [:]

    init(limit: Double) { self.limit = limit }

    /// Takes what each part has come to; gives those that are hung.
    mutating func hung(_ progress: Progress, at now: Double) -> [Part] {
        Part.allCases.filter { part in
            guard let count = progress.count(of: part) else {
                last[part] = nil
                return false
            }
            guard let before = last[part], before.count == count else {
                last[part] = (count, now)
                return false
            }
            return now - before.since > limit
        }
    }
}
