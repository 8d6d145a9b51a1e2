import ArgumentParser
import Sound
import Think
import Wyoming

/// `ting doctor`: what is wrong on this board, and how to mend it.
///
/// The checks stand in `Doctor+….swift`, one file a subject.
struct Doctor: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Find what is wrong on this board and say how to mend it.",
        discussion: """
            Checks processor, memory, weights, speed, sound devices and their formats, who holds them, permissions, a
            recording of five seconds, the echo of a short tone, and the daemon. The exit status is 1 when something
            must be mended. See ting-troubleshooting(7) for the messages.
              ting doctor                                  everything
              ting doctor --no-tone                        without playing the tone
              ting doctor --microphone plughw:1,0          another device than the one in tingd.conf
            """)

    @Option(help: "The daemon's Unix socket.")
    var socket = Client.defaultPath

    @Option(help: "The daemon's settings.")
    var config = "/etc/tingd/tingd.conf"

    @Option(help: "Capture device (default: the one in the settings, else 'default').")
    var microphone: String?

    @Option(help: "Playback device (default: the one in the settings, else 'default').")
    var speaker: String?

    @Option(help: "Seconds to record, 1 to 30.")
    var seconds = 5.0

    @Flag(help: "Play no tone: the echo is then not measured.")
    var noTone = false

    @Flag(help: "One JSON object a check.")
    var json = false

    @OptionGroup var models: ModelOptions

    /// What a check came to.
    enum Finding {
        case good(String)
        case warning(String, remedy: String)
        case bad(String, remedy: String)
    }

    func validate() throws {
        guard (1...30).contains(seconds) else { throw ValidationError("--seconds is \(seconds): expected 1 to 30.") }
    }

    func run() throws {
        var failed = false
        for (title, check) in checks {
            for finding in check() {
                if case .bad = finding { failed = true }
                show(title, finding)
            }
        }
        if failed { throw ExitCode(1) }
    }

    private var checks: [(String, () -> [Finding])] {
        [
            ("processor", processor), ("memory", memory), ("weights", weights), ("speed", speed),
            ("cards", cards), ("permissions", permissions), ("capture", capture), ("playback", playback),
            ("echo", echo), ("state", state), ("daemon", daemon),
        ]
    }

    private func show(_ title: String, _ finding: Finding) {
        let (word, colour, text, remedy): (String, Int, String, String?) =
            switch finding {
            case .good(let text): ("ok", 32, text, nil)
            case .warning(let text, let remedy): ("note", 33, text, remedy)
            case .bad(let text, let remedy): ("FAIL", 31, text, remedy)
            }
        if json {
            var fields = [
                ("check", JSONText.quote(title)), ("result", JSONText.quote(word)), ("found", JSONText.quote(text)),
            ]
            if let remedy { fields.append(("remedy", JSONText.quote(remedy))) }
            return print(Output.json(fields))
        }
        func padded(_ text: String, _ width: Int) -> String {
            text + String(repeating: " ", count: max(1, width - text.count))
        }
        print(Output.coloured(padded(word, 5), colour) + padded(title, 13) + text)
        if let remedy { print(padded("", 18) + "→ " + remedy) }
    }

    /// A device's name: as asked for, else as the daemon's settings say.
    func device(_ asked: String?, _ key: String) -> String {
        if let asked { return asked }
        for line in (smallFile(config) ?? "").split(separator: "\n") {
            let parts = line.split(separator: "=", maxSplits: 1).map { $0.filter { !$0.isWhitespace } }
            if parts.count == 2, parts[0] == key, !parts[1].isEmpty { return parts[1] }
        }
        return "default"
    }
}
