import ArgumentParser
import Wyoming

/// `ting stop`: end the current reply.
struct Stop: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "End the reply that is being spoken.")

    @OptionGroup var daemon: DaemonOptions

    func run() throws {
        daemon.show(try daemon.ask(Event("ting-say", ["stop": true]), for: "ting-state"))
    }
}
