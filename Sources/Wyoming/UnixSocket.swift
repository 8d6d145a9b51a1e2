import Glibc

/// Who is on the other side of a Unix socket, as the kernel says (SO_PEERCRED).
public struct PeerCredentials: Sendable, Equatable {
    /// The process.
    public var process: Int32
    /// The user.
    public var user: UInt32
    /// The user's primary group.
    public var group: UInt32

    /// Credentials, for tests.
    public init(process: Int32, user: UInt32, group: UInt32) {
        self.process = process
        self.user = user
        self.group = group
    }

    /// Whether this user may control the device: root, the user of this process, or a member of `group`.
    public func isAllowed(group allowed: UInt32?, owner: UInt32 = geteuid()) -> Bool {
        if user == 0 || user == owner { return true }
        guard let allowed else { return false }
        return group == allowed || Self.groups(of: user, primary: group).contains(allowed)
    }

    private static func groups(of user: UInt32, primary: UInt32) -> [UInt32] {
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        var text = [CChar](repeating: 0, count: 1 << 14)
        guard getpwuid_r(user, &entry, &text, text.count, &found) == 0, found != nil, let name = entry.pw_name else {
            return []
        }
        var groups = [UInt32](repeating: 0, count: 256)
        var count = Int32(groups.count)
        guard getgrouplist(name, primary, &groups, &count) >= 0 else { return [] }
        return Array(groups.prefix(Int(count)))
    }
}

/// Making and reaching Unix sockets.
enum UnixSocket {
    /// Binds and listens on `path` with mode 0660.
    ///
    /// A socket file that is left over is replaced only if nobody answers on it; anything else there is left alone.
    static func listen(path: String, group: UInt32?, backlog: Int32 = 1024) throws(WyomingError) -> Int32 {
        var descriptor = try make(path)
        if !bind(descriptor, path) {
            let code = errno
            close(descriptor)
            guard code == EADDRINUSE else { throw .socket(path: path, reason: cannotBind(code)) }
            try removeStale(path)
            descriptor = try make(path)
            guard bind(descriptor, path) else {
                let again = errno
                close(descriptor)
                throw .socket(path: path, reason: reason(again))
            }
        }
        let isOwned = group.map { chown(path, uid_t.max, $0) == 0 } ?? true
        guard isOwned, chmod(path, 0o660) == 0, Glibc.listen(descriptor, backlog) == 0 else {
            let code = errno
            close(descriptor)
            unlink(path)
            throw .socket(
                path: path, reason: isOwned ? reason(code) : "cannot give it to group \(group ?? 0): " + reason(code))
        }
        return descriptor
    }

    /// Connects to the socket at `path`.
    static func connect(path: String) throws(WyomingError) -> Int32 {
        let descriptor = try make(path)
        let code = withAddress(path) { Glibc.connect(descriptor, $0, $1) }
        guard code == 0 else {
            let failure = errno
            close(descriptor)
            throw .socket(path: path, reason: cannotReach(failure))
        }
        return descriptor
    }

    /// The number of the group called `name`.
    static func group(named name: String) throws(WyomingError) -> UInt32 {
        var entry = Glibc.group()
        var found: UnsafeMutablePointer<Glibc.group>?
        var text = [CChar](repeating: 0, count: 1 << 16)
        guard getgrnam_r(name, &entry, &text, text.count, &found) == 0, found != nil else {
            throw .socket(path: name, reason: "no such group")
        }
        return entry.gr_gid
    }

    private static func removeStale(_ path: String) throws(WyomingError) {
        var status = stat()
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else {
            throw .socket(path: path, reason: "something that is not a socket is in the way")
        }
        let descriptor = try make(path)
        defer { close(descriptor) }
        let code = withAddress(path) { Glibc.connect(descriptor, $0, $1) }
        guard code != 0 && errno == ECONNREFUSED else {
            throw .socket(path: path, reason: "another tingd already answers on it")
        }
        guard unlink(path) == 0 else { throw .socket(path: path, reason: "cannot remove it: " + reason(errno)) }
    }

    private static func make(_ path: String) throws(WyomingError) -> Int32 {
        guard !path.isEmpty, path.utf8.count < 108 else {
            throw .socket(path: path, reason: "a socket path has 1…107 bytes, found \(path.utf8.count)")
        }
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw .socket(path: path, reason: reason(errno)) }
        return descriptor
    }

    private static func bind(_ descriptor: Int32, _ path: String) -> Bool {
        let before = umask(0o117)
        defer { umask(before) }
        return withAddress(path) { Glibc.bind(descriptor, $0, $1) } == 0
    }

    private static func withAddress(_ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8).prefix(107)) }
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_un>.size)) }
        }
    }

    private static func cannotBind(_ code: Int32) -> String {
        let remedy =
            switch code {
            case ENOENT, ENOTDIR: "; its folder is missing: make it, or start tingd with systemctl, which does"
            case EACCES, EPERM, EROFS: "; its folder cannot be written: name another one with --socket"
            default: ""
            }
        return "cannot listen: " + reason(code) + remedy
    }

    private static func cannotReach(_ code: Int32) -> String {
        let remedy =
            switch code {
            case ENOENT, ECONNREFUSED: "; start it with: sudo systemctl start tingd"
            case EACCES, EPERM: "; join its group with: sudo usermod -aG tingd $USER, then log in again"
            default: ""
            }
        return "cannot reach tingd: " + reason(code) + remedy
    }

    static func reason(_ code: Int32) -> String {
        strerror(code).map { String(cString: $0) } ?? "error \(code)"
    }
}
