import Glibc

/// A program that answers a frame: it gets one line of JSON on standard input and writes the answer.
///
/// No shell is involved: the program is started by its absolute path with fixed arguments, and what was said reaches
/// it only as JSON. It has its own process group and is ended with everything it started when its time is up.
public struct Skill: Sendable, Hashable {
    /// Absolute path of the program.
    public var executable: String
    /// Arguments, passed as they are.
    public var arguments: [String]
    /// Seconds it may take.
    public var timeLimit: Double
    /// Longer answers are cut.
    static let answerLimit = 1 << 16

    /// A skill; the executable must be an absolute path.
    public init(executable: String, arguments: [String] = [], timeLimit: Double = 3) {
        self.executable = executable
        self.arguments = arguments
        self.timeLimit = timeLimit
    }

    /// Runs the program: its first non-empty line, or the `text` of a JSON answer, is what to say.
    public func answer(to frame: Frame, text: String) throws(ThinkError) -> String {
        guard executable.hasPrefix("/") else {
            throw .skill(name: executable, reason: "expected an absolute path")
        }
        let request =
            "{\"intent\":\(JSONText.quote(frame.intent)),\"slots\":\(JSONText.object(frame.slots)),"
            + "\"text\":\(JSONText.quote(text))}\n"
        let output = try run(request)
        let line = output.split(whereSeparator: \.isNewline).first { !$0.allSatisfy(\.isWhitespace) }.map(String.init)
        guard let line else { throw .skill(name: executable, reason: "expected an answer, found nothing") }
        if line.hasPrefix("{") {
            guard let tree = try? YAMLTree.parse(line, path: executable), let text = tree["text"]?.text else {
                throw .skill(name: executable, reason: "expected JSON with 'text', found '\(line.prefix(60))'")
            }
            return text
        }
        return line
    }

    private func failure(_ what: String, _ code: Int32) -> ThinkError {
        .skill(name: executable, reason: "\(what): \(String(cString: strerror(code)))")
    }

    /// Starts the program, sends the request, collects what it writes until it ends or time is up.
    private func run(_ request: String) throws(ThinkError) -> String {
        // A socket instead of pipes: a program that does not read must not end this one with SIGPIPE.
        var ends: [Int32] = [-1, -1]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
            throw failure("cannot make a socket", errno)
        }
        let child: pid_t
        do throws(ThinkError) {
            child = try start(on: ends[1])
        } catch {
            close(ends[0])
            close(ends[1])
            throw error
        }
        close(ends[1])
        defer { close(ends[0]) }
        var bytes = Array(request.utf8)[...]
        var output: [UInt8] = []
        let deadline = Self.now() + timeLimit
        var isInTime = true
        var buffer = [UInt8](repeating: 0, count: 4096)
        if fcntl(ends[0], F_SETFL, O_NONBLOCK) != 0 { isInTime = false }
        exchange: while isInTime {
            let left = deadline - Self.now()
            guard left > 0 else {
                isInTime = false
                break
            }
            var event = pollfd(fd: ends[0], events: Int16(POLLIN), revents: 0)
            if !bytes.isEmpty { event.events |= Int16(POLLOUT) }
            guard poll(&event, 1, Int32(min(left * 1000, 1000).rounded(.up))) > 0 else { continue }
            if !bytes.isEmpty, event.revents & Int16(POLLOUT) != 0 {
                let chunk = Array(bytes)
                let sent = send(ends[0], chunk, chunk.count, Int32(MSG_NOSIGNAL))
                if sent > 0 { bytes = bytes.dropFirst(sent) } else if errno != EAGAIN { bytes = [] }
                if bytes.isEmpty { shutdown(ends[0], Int32(SHUT_WR)) }
            }
            if event.revents & Int16(POLLIN | POLLHUP | POLLERR) != 0 {
                let count = recv(ends[0], &buffer, buffer.count, 0)
                if count > 0 {
                    output += buffer[..<count]
                    if output.count > Self.answerLimit { break exchange }
                } else if count == 0 || errno != EAGAIN {
                    break exchange
                }
            }
        }
        let status = finish(child, by: isInTime ? deadline : 0)
        guard isInTime, let status else {
            throw .skill(name: executable, reason: "no answer within \(JSONText.number(timeLimit)) s")
        }
        guard status == 0 else { throw .skill(name: executable, reason: "ended with status \(status)") }
        return String(decoding: output.prefix(Self.answerLimit), as: UTF8.self)
    }

    /// Starts the program with the socket as its input and output.
    private func start(on socket: Int32) throws(ThinkError) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, socket, 0)
        posix_spawn_file_actions_adddup2(&actions, socket, 1)
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
        posix_spawnattr_setpgroup(&attributes, 0)
        var words = Self.copies([executable] + arguments)
        var environment = Self.copies(["PATH=/usr/bin:/bin", "LANG=C.UTF-8"])
        defer { for word in words + environment { free(word) } }
        var child: pid_t = 0
        let code = posix_spawn(&child, executable, &actions, &attributes, &words, &environment)
        guard code == 0 else { throw failure("cannot be started", code) }
        return child
    }

    /// C strings for `posix_spawn`, ended by a null.
    private static func copies(_ texts: [String]) -> [UnsafeMutablePointer<CChar>?] {
        var result: [UnsafeMutablePointer<CChar>?] = []
        for text in texts { result.append(strdup(text)) }
        return result + [nil]
    }

    /// Waits for the end, or ends the whole group when the time is up; answers the exit status.
    private func finish(_ child: pid_t, by deadline: Double) -> Int32? {
        var status: Int32 = 0
        while Self.now() < deadline {
            let ended = waitpid(child, &status, WNOHANG)
            if ended == child { return status & 0x7F == 0 ? (status >> 8) & 0xFF : 128 + (status & 0x7F) }
            if ended < 0, errno != EINTR { return nil }
            usleep(2000)
        }
        kill(-child, SIGKILL)
        while waitpid(child, &status, 0) < 0, errno == EINTR {}
        return nil
    }

    /// Seconds of a clock that never goes back.
    static func now() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }
}
