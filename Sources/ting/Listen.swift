import ArgumentParser
import Wyoming

/// `ting listen`: what the daemon hears and does, as it happens.
struct Listen: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Follow what the daemon hears, understands and says, until interrupted.")

    @OptionGroup var daemon: DaemonOptions

    @Option(help: "Stop after this many intents.")
    var intents: Int?

    func run() throws {
        let client = try Client(path: daemon.socket)
        try client.send(Event("ting-subscribe"))
        var left = intents ?? .max
        while left > 0, let event = try client.receive(within: nil) {
            if daemon.json {
                print("{\"type\":\(JSONValue.string(event.type).text),\"data\":\(event.data.text)}")
            } else {
                print("\(Output.coloured(event.type, 36))\t\(event.data.text)")
            }
            if event.type == "ting-intent" { left -= 1 }
        }
    }
}
