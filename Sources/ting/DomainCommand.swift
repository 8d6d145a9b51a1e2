import ArgumentParser
import Converse
import Language
import Think

/// `ting domain`: files of commands as text.
struct DomainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "domain", abstract: "Work with domain files: commands as text.", subcommands: [Check.self])

    /// `ting domain check FILE`: every problem with file, line and a suggestion.
    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Check domain files: syntax, slots, pronunciation, collisions, sentences too short to be safe.",
            discussion: """
                  ting domain check kitchen.yaml
                Prints one problem a line as file:line: what: suggestion. Exit status 1 where something must be mended;
                warnings alone exit 0.
                """)

        @Argument(help: "Domain files or names.", completion: .file(extensions: ["yaml"]))
        var files: [String]

        @Flag(help: "One JSON object a problem.")
        var json = false

        @OptionGroup var models: ModelOptions

        func run() throws {
            let folder = try models.directory()
            let frontEnd = try TextFrontEnd(directory: folder.file("lexicon"))
            var fatal = false
            for file in files {
                let path = ThinkRoom.domainPath(file, models: folder)
                let problems = ThinkRoom.problems(inFiles: [path], frontEnd: frontEnd)
                for problem in problems { report(problem) }
                fatal = fatal || problems.contains { $0.isFatal }
                guard !json, let domain = try? Domain.load(path: path) else { continue }
                let counts = "\(domain.intents.count) intents, \(domain.sentenceCount) sentences"
                print("\(path): \(counts), \(problems.count) problem\(problems.count == 1 ? "" : "s")")
            }
            if fatal { throw ExitCode(1) }
        }

        private func report(_ problem: DomainProblem) {
            guard json else { return print(problem.description) }
            print(
                Output.json([
                    ("kind", JSONText.quote(problem.kind.rawValue)), ("place", JSONText.quote("\(problem.place)")),
                    ("message", JSONText.quote(problem.message)),
                    ("suggestion", JSONText.quote(problem.suggestion)),
                    ("fatal", problem.isFatal ? "true" : "false"),
                ]))
        }
    }
}
