import ArgumentParser

/// The command-line client: files in, files out, or a word with the daemon.
///
/// One file a verb.
@main
struct Ting: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ting",
        abstract: "A voice for a small board: hears, thinks and speaks, without a network.",
        discussion: """
            On recordings and texts (no daemon, no sound card needed):
              ting ask command.wav --out reply.wav     hear a command, understand it, answer aloud
              ting transcribe --pinyin *.wav           what was said, as characters or tonal syllables
              ting understand 空调调到二十四度            the intent and slots of a text
              ting say 好的，空调二十四度 --out ok.wav     speak a text

            Voices:
              ting voice list · clone NAME FILE… · verify FILE…

            With the daemon (systemctl status tingd):
              ting status · listen · stats · mute · unmute · reload · stop

            Exit status: 0 done, 1 could not (one line on standard error says why), 64 wrong usage.
            """,
        version: "0.1.0",
        subcommands: [
            Ask.self, Transcribe.self, Understand.self, Say.self, Adapt.self, Listen.self, Status.self, Stats.self,
            Mute.self, Unmute.self, Reload.self, Stop.self, DomainCommand.self, VoiceCommand.self, ModelCommand.self,
            Bench.self, Doctor.self,
        ])
}

/// A failure that a person reads as one line; the exit status is 1.
struct Failure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}

/// Where the weights, lexicons and domains are.
struct ModelOptions: ParsableArguments {
    @Option(
        name: .customLong("models"),
        help: "Folder of weights (default: $TING_MODELS, the installed one, or Models beside the build).")
    var models: String?

    @Flag(name: .customLong("fp32"), help: "Compute in 32-bit floats instead of INT8.")
    var float32 = false
}
