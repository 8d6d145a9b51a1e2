import Sound
import Synchronization
import Wyoming

/// One thread that serves all clients' requests in small steps, in turn, so that a long one holds up nobody.
final class Worker: Sendable {
    /// Does a little; true while there is more to do.
    typealias Step = @Sendable () -> Bool

    /// More requests than this are refused: at a few tens of milliseconds each, the last would wait some ten seconds.
    static let limit = 256
    /// One client's share, so that the others are not refused on its account.
    static let clientLimit = 64

    private let queue = Mutex(FairQueue<Step>(clientLimit: clientLimit, limit: limit))
    private let wake = Wake()
    private let isStopping = Atomic<Bool>(false)
    private let isBusy = Atomic<Bool>(false)
    private let steps = Atomic<Int>(0)

    /// Queues a request of a client; nil, or why it is refused.
    func submit(for client: Int = 0, _ step: @escaping Step) -> String? {
        let refusal = queue.withLock { $0.append(step, for: client) }
        switch refusal {
        case nil:
            wake.raise()
            return nil
        case .client(let limit): return "too many requests: at most \(limit) of one client wait"
        case .all(let limit): return "too many requests: at most \(limit) wait"
        }
    }

    /// Queues a request; what to answer instead when there are too many.
    func serve(for client: Int, _ step: @escaping Step) -> Event? {
        submit(for: client, step).map { .error($0, code: "busy") }
    }

    /// Requests that wait.
    var count: Int { queue.withLock { $0.count } }

    /// Steps that were done; nil while there is nothing to do.
    var progress: Int? {
        isBusy.load(ordering: .acquiring) || count > 0 ? steps.load(ordering: .acquiring) : nil
    }

    func stop() {
        isStopping.store(true, ordering: .releasing)
        wake.raise()
    }

    /// Runs until `stop`.
    func run() {
        while !isStopping.load(ordering: .acquiring) {
            guard let (client, step) = queue.withLock({ $0.next() }) else {
                wake.wait(seconds: 1)
                continue
            }
            isBusy.store(true, ordering: .releasing)
            let hasMore = step()
            steps.add(1, ordering: .releasing)
            isBusy.store(false, ordering: .releasing)
            if hasMore { queue.withLock { $0.putBack(step, for: client) } }
        }
    }
}
