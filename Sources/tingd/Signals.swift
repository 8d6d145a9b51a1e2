import Glibc

/// Signals taken one at a time by the main thread, so that no handler interrupts anything.
enum Signals {
    enum Event { case reload, stop, timeout }

    /// To be called before any other thread is made: they inherit the mask.
    static func block() {
        var set = mask()
        pthread_sigmask(SIG_BLOCK, &set, nil)
        signal(SIGPIPE, SIG_IGN)
    }

    static func wait(seconds: Double) -> Event {
        var set = mask()
        var time = timespec(tv_sec: Int(seconds), tv_nsec: Int((seconds - Double(Int(seconds))) * 1e9))
        switch sigtimedwait(&set, nil, &time) {
        case SIGHUP: return .reload
        case SIGTERM, SIGINT: return .stop
        default: return .timeout
        }
    }

    private static func mask() -> sigset_t {
        var set = sigset_t()
        sigemptyset(&set)
        for number in [SIGHUP, SIGTERM, SIGINT] { sigaddset(&set, number) }
        return set
    }
}
