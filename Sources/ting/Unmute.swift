import ArgumentParser
import Wyoming

/// `ting unmute`: open the microphone again.
struct Unmute: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Open the capture device again.")

    @OptionGroup var daemon: DaemonOptions

    func run() throws {
        daemon.show(try daemon.ask(Event("ting-mute", ["muted": false]), for: "ting-state"))
    }
}
