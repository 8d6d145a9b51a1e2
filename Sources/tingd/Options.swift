/// The command line of tingd.
struct Options: Equatable {
    enum Action: Equatable { case run, checkConfiguration, version, help }

    var action = Action.run
    var configuration: String?
    var models: String?
    var socket: String?
    var isVerbose = false

    static let version = "0.1.0"

    static let help = """
        Usage: tingd [options]

        Listens, understands and answers: the daemon of Ting.

          -c, --config FILE   settings (default: \(Configuration.defaultPath))
              --models DIR    weights and lexicons (default: found beside the program)
              --socket PATH   listen here instead of where the settings say
              --check-config  read the settings, say what is wrong, and end
          -v, --verbose       say more on standard error
              --version       print the version and end
          -h, --help          print this and end

        Ends with 0, 1 (could not) or 64 (wrong usage). See tingd(8) and tingd.conf(5).
        """

    init() {}

    /// Reads arguments, without the program's name.
    init(_ arguments: [String]) throws(DaemonError) {
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            var name = argument
            var attached: String?
            if argument.hasPrefix("--"), let equals = argument.firstIndex(of: "=") {
                name = String(argument[..<equals])
                attached = String(argument[argument.index(after: equals)...])
            }
            func value() throws(DaemonError) -> String {
                guard let text = attached ?? rest.popFirst(), !text.isEmpty else {
                    throw .usage("\(name) needs a value; see tingd --help")
                }
                return text
            }
            switch name {
            case "-c", "--config": configuration = try value()
            case "--models": models = try value()
            case "--socket": socket = try value()
            case "--check-config": action = .checkConfiguration
            case "-v", "--verbose": isVerbose = true
            case "--version": action = .version
            case "-h", "--help": action = .help
            default: throw .usage("unknown argument '\(argument)'; see tingd --help")
            }
            if attached != nil && !["--config", "--models", "--socket"].contains(name) {
                throw .usage("\(name) takes no value; see tingd --help")
            }
        }
    }
}
