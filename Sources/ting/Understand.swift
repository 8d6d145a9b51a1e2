import ArgumentParser
import Converse
import Think

/// `ting understand`: the intent and slots of texts.
struct Understand: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Say what a text means: intent and slots.",
        discussion: """
              ting understand 空调调到二十四度
              ting understand --json --session 空调打开 再高一点       the turns of one dialogue, in order
              ting understand --json --domain nlpcc2018 < queries    one text a line, blank line between sessions
            Domains: car and home (written), nlpcc2018, cais, smp2019 and smp2020 (learned), or a domain file.
            """)

    @Argument(help: "Texts; standard input is read when none is given.")
    var texts: [String] = []

    @Flag(help: "One JSON object a text.")
    var json = false

    @Option(help: "Domain name or file; may be repeated.")
    var domain: [String] = []

    @Flag(help: "The texts are the turns of one session, in order.")
    var session = false

    @OptionGroup var lists: NameOptions

    @OptionGroup var models: ModelOptions

    func run() throws {
        var mind = try ThinkRoom(
            models: models.directory(), domains: domain, precision: models.precision, names: lists.read())
        if texts.isEmpty {
            while let line = readLine() {
                let text = line.filter { !$0.isWhitespace }
                if text.isEmpty { mind.startSession() } else { answer(line, &mind) }
            }
        } else {
            for text in texts {
                if !session { mind.startSession() }
                answer(text, &mind)
            }
        }
    }

    private func answer(_ text: String, _ mind: inout ThinkRoom) {
        let thought = mind.understand(text: text)
        guard json else {
            let slots = thought.understanding.slots.map { "\($0.name)=\($0.value.jsonValue)" }
            let intent = thought.understanding.intent ?? Output.coloured("(nothing for me)", 2)
            return print(([intent] + slots).joined(separator: "\t"))
        }
        print(
            Output.json([
                ("text", JSONText.quote(text)),
                ("intent", thought.understanding.intent.map(JSONText.quote) ?? "null"),
                ("slots", JSONText.object(thought.understanding.slots)),
                ("confidence", Output.seconds(thought.understanding.confidence)),
                ("directed", Output.seconds(thought.understanding.directed)),
                ("emotion", JSONText.quote(thought.understanding.emotion)),
                ("act", JSONText.quote(thought.understanding.act)),
                ("reply", (thought.reply?.text).map(JSONText.quote) ?? "null"),
            ]))
    }
}
