import Converse
import Glibc
import Sound
import Tensors
import Wyoming

/// Starts the daemon on files instead of devices and measures it from outside.
struct BenchDaemon {
    /// What was seen of one start, one command and one reply.
    struct Figures {
        var readySeconds: Double
        var idleMegabytes: Double
        var speakingMegabytes: Double
        /// Of the latter what is no page of a file.
        var ownMegabytes: Double
        var stopSeconds: Double
    }

    private let binary: String
    private let models: ModelDirectory

    /// Silence before the command, in which the daemon is idle.
    private static let idleSeconds = 4.0

    /// Nil where no `tingd` lies beside this program.
    init?(models: ModelDirectory) {
        var buffer = [CChar](repeating: 0, count: 4096)
        guard readlink("/proc/self/exe", &buffer, buffer.count - 1) > 0 else { return nil }
        let own = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        guard let slash = own.lastIndex(of: "/") else { return nil }
        binary = String(own[..<slash]) + "/tingd"
        guard access(binary, X_OK) == 0 else { return nil }
        self.models = models
    }

    func measure(_ command: Recording) throws -> Figures {
        var template = Array("/tmp/ting-bench-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else { throw Failure("/tmp: \(systemMessage(errno))") }
        let folder = String(cString: made)
        let names = ["in.wav", "out.wav", "tingd.conf", "tingd.sock"]
        defer {
            for name in names { unlink("\(folder)/\(name)") }
            rmdir(folder)
        }
        let silence = [Float](repeating: 0, count: Int(Self.idleSeconds) * Recording.sampleRate)
        try WAV.write(silence + command.samples, sampleRate: Recording.sampleRate, to: "\(folder)/in.wav")
        try TextFile.write(
            """
            [audio]
            microphone = file:\(folder)/in.wav
            speaker = file:\(folder)/out.wav
            [speech]
            domain = car, home
            [models]
            directory = \(models.path)
            [control]
            socket = \(folder)/tingd.sock

            """, to: "\(folder)/tingd.conf")
        let start = monotonicSeconds()
        let process = try ChildProcess(binary, ["-c", "\(folder)/tingd.conf"])
        defer { process.end() }
        let client = try connect("\(folder)/tingd.sock", process)
        _ = try client.ask(Event("ping"), for: ["pong"])
        let ready = monotonicSeconds() - start
        _ = try client.ask(Event("ting-subscribe"), for: ["ting-state"])
        pause(seconds: Self.idleSeconds / 2)
        let idle = ProcessMemory.residentMegabytes(of: process.id) ?? 0
        let (speaking, own) = try listen(client, process, seconds: Self.idleSeconds + command.seconds + 20)
        let stopping = monotonicSeconds()
        process.end()
        return Figures(
            readySeconds: ready, idleMegabytes: idle, speakingMegabytes: speaking, ownMegabytes: own,
            stopSeconds: monotonicSeconds() - stopping)
    }

    private func connect(_ socket: String, _ process: ChildProcess) throws -> Client {
        let deadline = monotonicSeconds() + 30
        while true {
            if let client = try? Client(path: socket) { return client }
            guard process.isRunning else { throw Failure("\(binary): ended before it listened") }
            guard monotonicSeconds() < deadline else { throw Failure("\(binary): not ready after 30 s") }
            pause(seconds: 0.005)
        }
    }

    /// The type of the next event; nil when none came for a moment.
    private func next(_ client: Client) throws -> String? {
        do {
            guard let event = try client.receive(within: 0.05) else { throw Failure("\(binary): hung up") }
            return event.type
        } catch let error as WyomingError {
            if case .timedOut = error { return nil }
            throw error
        }
    }

    /// The largest size until the reply was heard.
    private func listen(
        _ client: Client, _ process: ChildProcess, seconds: Double
    ) throws -> (resident: Double, own: Double) {
        let deadline = monotonicSeconds() + seconds
        var largest = (resident: 0.0, own: 0.0)
        while monotonicSeconds() < deadline {
            let type = try next(client)
            largest.resident = max(largest.resident, ProcessMemory.residentMegabytes(of: process.id) ?? 0)
            largest.own = max(largest.own, ProcessMemory.ownMegabytes(of: process.id) ?? 0)
            if type == "played" { return largest }
        }
        throw Failure("\(binary): no reply to the command within \(Int(seconds)) s")
    }
}

/// A program that this one started.
final class ChildProcess {
    /// Its process number.
    let id: Int32
    private var status: Int32?

    /// What the program inherits of the environment.
    private static let inherited = ["PATH", "HOME", "LD_LIBRARY_PATH", "TING_KERNELS", "OPENBLAS_CORETYPE"]

    /// Starts a program with its standard error closed to the terminal.
    init(_ path: String, _ arguments: [String]) throws {
        let environment = Self.inherited.compactMap { name in
            getenv(name).map { "\(name)=\(String(cString: $0))" }
        }
        var words = Self.words([path] + arguments)
        var variables = Self.words(environment)
        defer { for word in words + variables { free(word) } }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0)
        var made: pid_t = 0
        let code = posix_spawn(&made, path, &actions, nil, &words, &variables)
        guard code == 0 else { throw Failure("\(path): \(systemMessage(code))") }
        id = made
    }

    /// As C wants them: with a null behind the last.
    private static func words(_ texts: [String]) -> [UnsafeMutablePointer<CChar>?] {
        var words: [UnsafeMutablePointer<CChar>?] = texts.map { strdup($0) }
        words.append(nil)
        return words
    }

    /// Whether it has not ended by itself.
    var isRunning: Bool {
        guard status == nil else { return false }
        var code: Int32 = 0
        guard waitpid(id, &code, WNOHANG) == id else { return true }
        status = code
        return false
    }

    /// Asks it to end and waits; after five seconds it is killed.
    func end() {
        guard isRunning else { return }
        kill(id, SIGTERM)
        let deadline = monotonicSeconds() + 5
        while isRunning {
            if monotonicSeconds() > deadline { kill(id, SIGKILL) }
            pause(seconds: 0.005)
        }
    }
}
