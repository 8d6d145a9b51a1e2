import Glibc

/// Lines on standard error with the level that journald reads from `<n>`; a terminal gets no prefix.
struct Log: Sendable {
    enum Level: Int, Sendable { case error = 3, warning = 4, notice = 5, info = 6, debug = 7 }

    let threshold: Level
    private let hasPrefix = getenv("JOURNAL_STREAM") != nil || getenv("INVOCATION_ID") != nil

    init(isVerbose: Bool) { threshold = isVerbose ? .debug : .info }

    func callAsFunction(_ level: Level, _ message: @autoclosure () -> String) {
        guard level.rawValue <= threshold.rawValue else { return }
        var text = ""
        for line in message().split(separator: "\n") {
            text += (hasPrefix ? "<\(level.rawValue)>" : "tingd: ") + line + "\n"
        }
        let bytes = Array(text.utf8)
        _ = write(STDERR_FILENO, bytes, bytes.count)
    }
}
