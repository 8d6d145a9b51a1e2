import ArgumentParser
import Wyoming

/// `ting mute`: close the microphone.
struct Mute: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Close the capture device until 'ting unmute'.")

    @OptionGroup var daemon: DaemonOptions

    func run() throws {
        daemon.show(try daemon.ask(Event("ting-mute", ["muted": true]), for: "ting-state"))
    }
}
