import ArgumentParser
import Wyoming

/// Where the daemon listens, and one question with one answer.
struct DaemonOptions: ParsableArguments {
    @Option(help: "The daemon's Unix socket.")
    var socket = Client.defaultPath

    @Flag(help: "One JSON object a line.")
    var json = false

    /// Sends an event and returns the first event of type `answer`; an `error` event becomes a failure.
    func ask(_ event: Event, for answer: String) throws -> Event {
        let client = try Client(path: socket)
        try client.send(event)
        while let reply = try client.receive(within: 10) {
            if reply.type == "error" { throw Failure(reply.data["text"]?.string ?? "the daemon reports an error") }
            if reply.type == answer { return reply }
        }
        throw Failure("\(socket): the daemon hung up without an answer")
    }

    /// Prints an answer's data: as JSON, or a line a member.
    func show(_ event: Event) {
        if json { return print(event.data.text) }
        for member in event.data.members ?? [] {
            let label = member.name + String(repeating: " ", count: max(1, 20 - member.name.count))
            print(Output.coloured(label, 2) + (member.value.string ?? member.value.text))
        }
    }
}
