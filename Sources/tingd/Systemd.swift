import CSystemd
import Glibc

/// What systemd is told and asked; without systemd nothing happens.
struct Systemd: Sendable {
    /// How often the watchdog wants to hear from us, in seconds; nil where there is none.
    let watchdogSeconds: Double?

    init() {
        var microseconds: UInt64 = 0
        watchdogSeconds = sd_watchdog_enabled(0, &microseconds) > 0 ? Double(microseconds) / 1e6 : nil
    }

    func ready(_ status: String) { notify("READY=1\nSTATUS=\(status)") }
    func status(_ status: String) { notify("STATUS=\(status)") }
    func stopping() { notify("STOPPING=1\nSTATUS=Stopping") }
    func watchdog() { notify("WATCHDOG=1") }

    func reloading() {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        notify("RELOADING=1\nMONOTONIC_USEC=\(time.tv_sec * 1_000_000 + time.tv_nsec / 1000)")
    }

    private func notify(_ message: String) { sd_notify(0, message) }

    /// The listening sockets that systemd passed in; each must be a listening stream socket.
    static func passedSockets() throws(DaemonError) -> [Int32] {
        let count = sd_listen_fds(1)
        guard count >= 0 else { throw .socketActivation("cannot take the sockets: errno \(-count)") }
        return try (0..<count).map { index throws(DaemonError) in
            let descriptor = SD_LISTEN_FDS_START + index
            guard sd_is_socket(descriptor, AF_UNSPEC, Int32(SOCK_STREAM.rawValue), 1) > 0 else {
                throw .socketActivation("descriptor \(descriptor) is no listening stream socket")
            }
            return descriptor
        }
    }
}
