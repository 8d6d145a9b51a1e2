import ArgumentParser
import Wyoming

/// `ting status`: what the daemon is doing.
struct Status: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Say what the daemon is doing: devices, domain, language, state.",
        discussion: "The exit status is 1 when a part of it hangs, so that this serves as a health check.")

    @OptionGroup var daemon: DaemonOptions

    func run() throws {
        let state = try daemon.ask(Event("ting-state"), for: "ting-state")
        daemon.show(state)
        let hung = (state.data["hung"]?.array ?? []).compactMap(\.string)
        guard hung.isEmpty else { throw Failure("hung: \(hung.joined(separator: ", "))") }
    }
}
