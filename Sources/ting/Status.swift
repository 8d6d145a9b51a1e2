import ArgumentParser
import Wyoming

/// `ting status`: what the daemon is doing.
struct Status: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Say what the daemon is doing: devices, domain, language, state.")

    @OptionGroup var daemon: DaemonOptions

    func run() throws {
        daemon.show(try daemon.ask(Event("ting-state"), for: "ting-state"))
    }
}
