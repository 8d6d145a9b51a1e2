import CSystemd
import Glibc
import Sound

/// Runs the command line; the result is the exit status.
func runCommand() -> Int32 {
    let options: Options
    do {
        options = try Options(Array(CommandLine.arguments.dropFirst()))
    } catch {
        Log(isVerbose: false)(.error, error.description)
        return 64
    }
    let log = Log(isVerbose: options.isVerbose)
    switch options.action {
    case .help:
        print(Options.help)
        return 0
    case .version:
        print("tingd \(Options.version)")
        return 0
    case .run, .checkConfiguration:
        break
    }
    do {
        let path = options.configuration ?? Configuration.defaultPath
        let settings = try Configuration.load(path: path, isOptional: options.configuration == nil)
        if options.action == .checkConfiguration {
            print("\(path): ok")
            return 0
        }
        if let problem = StateFolder.problem() { log(.warning, problem) }
        // Each arena keeps what was freed in it; the threads that allocate much are two.
        mallopt(M_ARENA_MAX, 2)
        // Large blocks go back to the system when they are freed. Left to itself glibc raises this threshold to the largest
        // block it has seen freed: 31 clients that ask for the most they may then cost 284 to 316 MB instead of 255 to 275.
        mallopt(M_MMAP_THRESHOLD, 256 << 10)
        try Signals.install()
        let sockets = try Systemd.passedSockets()
        let started = monotonicSeconds()
        let rooms = try Rooms(settings: settings, models: options.models)
        // Loading leaves behind some ten megabytes that nobody uses again.
        malloc_trim(0)
        log(.info, "models ready after \(Int((monotonicSeconds() - started) * 1000)) ms")
        try Daemon(options: options, settings: settings, rooms: rooms, log: log).run(sockets: sockets)
        return 0
    } catch {
        log(.error, "\(error)")
        return 1
    }
}

// A thread in a long computation must not delay the end: everything was closed in order by now.
let status = runCommand()
fflush(nil)
_exit(status)
