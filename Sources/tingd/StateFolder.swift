import Glibc
import Sound

/// The folder that systemd gives the daemon to keep things in.
enum StateFolder {
    /// What keeps the daemon from writing there, with what to do; nil when all is well or there is none.
    static func problem(_ given: String? = getenv("STATE_DIRECTORY").map { String(cString: $0) }) -> String? {
        // Several are separated by colons; ours comes first.
        guard let path = given?.split(separator: ":").first.map(String.init) else { return nil }
        guard access(path, W_OK | X_OK) != 0 else { return nil }
        let code = errno
        let remedy =
            switch code {
            case EROFS: "make the file system writable, or bind a writable folder there"
            case ENOENT: "make it, or start tingd with systemctl, which does"
            default: "give it to the daemon's user: chown tingd:tingd \(path)"
            }
        return "state folder \(path): \(systemMessage(code)); nothing is kept over a restart: \(remedy)"
    }
}
