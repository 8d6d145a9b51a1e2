import Speak
import Think

/// Everything that `tingd.conf` can say, typed; the values here are the defaults.
struct Configuration: Sendable, Equatable {
    // [audio]
    var microphone = "default"
    var speaker = "default"
    var playbackLatencySeconds = 0.12
    var cancelsEcho = true
    var allowsBargeIn = true
    var isRealTime = false
    // [speech]
    var listens = true
    var domains = ["home"]
    var language = "auto"
    var voice: String?
    var volume = 80.0
    var rate = 1.0
    var speaksReplies = true
    var gateThreshold = 0.6
    var endSilenceSeconds = 0.6
    var falseActionsPerHour = 0.2
    var hotWords: [String] = []
    /// `SLOT=FILE` each.
    var nameLists: [String] = []
    // [models]
    var modelDirectory: String?
    var precision = "int8"
    // [control]
    var socket = "/run/tingd/tingd.sock"
    var group: String?
    var tcp: TCPAddress?
    var maximumConnections = 32
    // [privacy]
    var logsTranscripts = false
    var publishesPartials = true
    var keepsDialogue = false

    struct TCPAddress: Sendable, Equatable {
        var host: String
        var port: Int
    }

    static let defaultPath = "/etc/tingd/tingd.conf"
}

/// One line that is wrong in a configuration file.
struct ConfigurationProblem: Sendable, Equatable, CustomStringConvertible {
    var path: String
    var line: Int
    var reason: String
    var description: String { "\(path):\(line): \(reason)" }
}

/// Every problem of a configuration file, so that a person mends them in one go.
struct ConfigurationError: Error, CustomStringConvertible {
    var problems: [ConfigurationProblem]
    var description: String { problems.map(\.description).joined(separator: "\n") }
}

/// One setting: where it stands, how its text is read.
///
/// `read` returns what was expected when the text is wrong.
struct Setting: Sendable {
    let section: String
    let key: String
    let read: @Sendable (String, inout Configuration) -> String?

    init(_ section: String, _ key: String, _ read: @escaping @Sendable (String, inout Configuration) -> String?) {
        self.section = section
        self.key = key
        self.read = read
    }

    static let all: [Setting] = [
        text("audio", "microphone", \.microphone),
        text("audio", "speaker", \.speaker),
        number("audio", "playback_latency_ms", 20...2000, \.playbackLatencySeconds, scale: 1000),
        flag("audio", "echo_cancel", \.cancelsEcho),
        flag("audio", "barge_in", \.allowsBargeIn),
        flag("audio", "realtime", \.isRealTime),
        flag("speech", "listen", \.listens),
        Setting("speech", "domain") { value, settings in
            settings.domains = list(value)
            return settings.domains.isEmpty ? "a domain such as car or home, or paths of domain files" : nil
        },
        choice("speech", "language", ["auto", "zh", "yue", "sc", "en"], \.language),
        optional("speech", "voice", none: "default", \.voice),
        number("speech", "volume", 0...100, \.volume),
        number("speech", "rate", SpeechOptions.rates, \.rate),
        flag("speech", "speak_replies", \.speaksReplies),
        number("speech", "gate_threshold", 0.05...0.99, \.gateThreshold),
        number("speech", "end_silence_ms", 200...3000, \.endSilenceSeconds, scale: 1000),
        number("speech", "false_actions_per_hour", 0...1000, \.falseActionsPerHour),
        Setting("speech", "hot_words") { value, settings in
            settings.hotWords = list(value)
            return settings.hotWords.count <= 1000 ? nil : "at most 1000 words"
        },
        Setting("speech", "names") { value, settings in
            settings.nameLists = list(value)
            return settings.nameLists.allSatisfy { NameList.parts(of: $0)?.path.hasPrefix("/") == true }
                ? nil : "SLOT=/PATH pairs, such as contact=/etc/tingd/contacts.txt"
        },
        optional("models", "directory", none: "auto", \.modelDirectory),
        choice("models", "precision", ["int8", "float32"], \.precision),
        Setting("control", "socket") { value, settings in
            settings.socket = value
            return value.hasPrefix("/") && value.utf8.count < 108 ? nil : "an absolute path of at most 107 bytes"
        },
        optional("control", "group", none: "auto", \.group),
        Setting("control", "tcp", tcp),
        Setting("control", "max_connections") { value, settings in
            guard let count = Int(value), (1...4096).contains(count) else { return "a number of 1…4096" }
            settings.maximumConnections = count
            return nil
        },
        flag("privacy", "log_transcripts", \.logsTranscripts),
        flag("privacy", "publish_partials", \.publishesPartials),
        flag("privacy", "keep_dialogue", \.keepsDialogue),
    ]

    private static func list(_ value: String) -> [String] {
        value.split(separator: ",").map { trimmed($0) }.filter { !$0.isEmpty }
    }

    private static func text(
        _ section: String, _ key: String, _ path: WritableKeyPath<Configuration, String> & Sendable
    ) -> Setting {
        Setting(section, key) { value, settings in
            settings[keyPath: path] = value
            return value.isEmpty ? "a name" : nil
        }
    }

    private static func optional(
        _ section: String, _ key: String, none: String, _ path: WritableKeyPath<Configuration, String?> & Sendable
    ) -> Setting {
        Setting(section, key) { value, settings in
            settings[keyPath: path] = value == none ? nil : value
            return value.isEmpty ? "a name, or \(none)" : nil
        }
    }

    private static func flag(
        _ section: String, _ key: String, _ path: WritableKeyPath<Configuration, Bool> & Sendable
    ) -> Setting {
        Setting(section, key) { value, settings in
            switch value.lowercased() {
            case "yes", "true", "on", "1": settings[keyPath: path] = true
            case "no", "false", "off", "0": settings[keyPath: path] = false
            default: return "yes or no"
            }
            return nil
        }
    }

    private static func choice(
        _ section: String, _ key: String, _ choices: [String],
        _ path: WritableKeyPath<Configuration, String> & Sendable
    ) -> Setting {
        Setting(section, key) { value, settings in
            guard choices.contains(value) else { return choices.joined(separator: ", ") }
            settings[keyPath: path] = value
            return nil
        }
    }

    private static func number(
        _ section: String, _ key: String, _ range: ClosedRange<Double>,
        _ path: WritableKeyPath<Configuration, Double> & Sendable, scale: Double = 1
    ) -> Setting {
        Setting(section, key) { value, settings in
            guard let number = Double(value), range.contains(number) else {
                func plain(_ bound: Double) -> String { Int(exactly: bound).map(String.init) ?? "\(bound)" }
                return "a number of \(plain(range.lowerBound))…\(plain(range.upperBound))"
            }
            settings[keyPath: path] = number / scale
            return nil
        }
    }

    private static func tcp(_ value: String, _ settings: inout Configuration) -> String? {
        guard value != "off" else {
            settings.tcp = nil
            return nil
        }
        guard let colon = value.lastIndex(of: ":"), let port = Int(value[value.index(after: colon)...]),
            (0...65535).contains(port), colon > value.startIndex
        else { return "off or HOST:PORT, such as 127.0.0.1:10300" }
        let host = value[..<colon].filter { $0 != "[" && $0 != "]" }
        settings.tcp = Configuration.TCPAddress(host: host, port: port)
        return nil
    }
}
