import ArgumentParser
import Wyoming

/// `ting reload`: read configuration and domains again.
struct Reload: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Read the configuration and the domains again; nothing changes if they have errors.")

    @OptionGroup var daemon: DaemonOptions

    func run() throws {
        daemon.show(try daemon.ask(Event("ting-reload"), for: "ting-reload"))
    }
}
