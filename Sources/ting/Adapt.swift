import ArgumentParser
import Converse
import Glibc
import Think

/// `ting adapt`: learns a new domain from a few example sentences, on this device.
struct Adapt: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Learn a domain from example sentences, on this device.",
        discussion: """
              ting adapt clinic.yaml                          writes clinic.prompt.safetensors beside it
              ting understand --domain clinic.yaml 挂一个明天的内科号
            The file lists sentences by intent, with their slots marked:
              domain: clinic
              languages:
                zh:
                  examples:
                    register: ["挂一个[明天](date)的[内科](department)号", …]
                    none: ["今天真热", …]                     what is not meant for the device
            Every sentence is also spoken by Ting's voices and heard by its ears, so that what is learned stands what the
            ears get wrong. A few dozen sentences take a minute or two; nothing leaves the device.
            """)

    @Argument(help: "A domain file with 'examples:'.", completion: .file(extensions: ["yaml"]))
    var file: String

    @Option(help: "Passes over all sentences.")
    var epochs = 60

    @Flag(help: "Learn from the written sentences alone, without speaking and hearing them.")
    var textOnly = false

    @Flag(help: "One JSON object at the end.")
    var json = false

    @OptionGroup var models: ModelOptions

    func validate() throws {
        guard (1...1000).contains(epochs) else { throw ValidationError("--epochs is 1 to 1000, not \(epochs).") }
    }

    func run() throws {
        let directory = try models.directory()
        let domain = try Domain.load(path: file)
        let adaptation = try Adaptation(models: directory, domain: domain)
        let start = ContinuousClock.now
        var heard: [Example] = []
        if !textOnly {
            let spoken = try SpokenExamples(models: directory, precision: models.precision)
            heard = try spoken.hear(domain.examples) { done, count in
                show("speaking and hearing \(done) of \(count)", isMilestone: done % 10 == 0 || done == count)
            }
        }
        let outcome = try adaptation.learn(heard: heard, epochs: epochs) { epoch, count, loss in
            let line = "learning, pass \(epoch) of \(count), loss \(Output.fixed(loss, 3))"
            show(line, isMilestone: epoch % 10 == 0 || epoch == count)
        }
        if isatty(STDERR_FILENO) != 0 { Output.note("") }
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        guard json else {
            print(
                "learned \(outcome.sentenceCount) sentences (\(heard.count) as heard) in \(Output.fixed(seconds, 0)) s; "
                    + "\(Output.fixed(outcome.accuracy * 100, 0)) % of them are now understood")
            return print("wrote \(outcome.path), \(outcome.parameterCount) numbers")
        }
        print(
            Output.json([
                ("path", JSONText.quote(outcome.path)), ("sentences", "\(outcome.sentenceCount)"),
                ("heard", "\(heard.count)"), ("parameters", "\(outcome.parameterCount)"),
                ("accuracy", Output.seconds(outcome.accuracy)), ("seconds", Output.seconds(seconds)),
            ]))
    }

    /// Progress: one line that is written over in a terminal, a line now and then elsewhere.
    private func show(_ text: String, isMilestone: Bool) {
        guard isatty(STDERR_FILENO) != 0 else {
            if isMilestone { Output.note(text) }
            return
        }
        let bytes = Array("\r\u{1B}[K\(text)".utf8)
        _ = write(STDERR_FILENO, bytes, bytes.count)
    }
}
