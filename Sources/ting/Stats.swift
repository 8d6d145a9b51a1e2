import ArgumentParser
import Wyoming

/// `ting stats`: counters since the start.
struct Stats: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show the daemon's counters: utterances, latencies, xruns, cache.")

    @OptionGroup var daemon: DaemonOptions

    func run() throws {
        daemon.show(try daemon.ask(Event("ting-stats"), for: "ting-stats"))
    }
}
