import Sound
import Synchronization
import Wyoming

/// One thread that serves all clients' requests in small steps, in turn, so that a long one holds up nobody.
final class Worker: Sendable {
    /// Does a little; true while there is more to do.
    typealias Step = @Sendable () -> Bool

    /// More requests than this are refused.
    static let limit = 256

    private let queue = Mutex<[Step]>([])
    private let wake = Wake()
    private let isStopping = Atomic<Bool>(false)
    private let busySince = Atomic<UInt64>(0)

    /// Queues a request; false when there are too many already.
    func submit(_ step: @escaping Step) -> Bool {
        let isQueued = queue.withLock { queue in
            guard queue.count < Self.limit else { return false }
            queue.append(step)
            return true
        }
        if isQueued { wake.raise() }
        return isQueued
    }

    /// Queues a request; what to answer instead when there are too many.
    func serve(_ step: @escaping Step) -> Event? {
        submit(step) ? nil : .error("too many requests: at most \(Self.limit) wait", code: "busy")
    }

    /// Requests that wait.
    var count: Int { queue.withLock { $0.count } }

    /// For how long the present step has been running, in seconds.
    func busySeconds(at now: Double) -> Double {
        let since = Double(bitPattern: busySince.load(ordering: .acquiring))
        return since > 0 ? now - since : 0
    }

    func stop() {
        isStopping.store(true, ordering: .releasing)
        wake.raise()
    }

    /// Runs until `stop`.
    func run() {
        while !isStopping.load(ordering: .acquiring) {
            guard let step = queue.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) else {
                wake.wait(seconds: 1)
                continue
            }
            busySince.store(monotonicSeconds().bitPattern, ordering: .releasing)
            let hasMore = step()
            busySince.store(0, ordering: .releasing)
            if hasMore { queue.withLock { $0.append(step) } }
        }
    }
}
