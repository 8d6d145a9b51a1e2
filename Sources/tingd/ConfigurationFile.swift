import Glibc
import Sound

/// Without the white space around it.
func trimmed(_ text: some StringProtocol) -> String {
    let start = text.firstIndex { !$0.isWhitespace } ?? text.endIndex
    let end = text.lastIndex { !$0.isWhitespace }.map { text.index(after: $0) } ?? start
    return String(text[start..<end])
}

extension Configuration {
    /// Reads a file; a file that is not there is the defaults only where `isOptional`.
    static func load(path: String, isOptional: Bool) throws -> Configuration {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT && isOptional { return Configuration() }
            throw DaemonError.file(path: path, reason: systemMessage(errno))
        }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 1 << 14)
        while true {
            let count = read(descriptor, &block, block.count)
            guard count >= 0 else { throw DaemonError.file(path: path, reason: systemMessage(errno)) }
            if count == 0 { break }
            bytes += block[..<count]
            guard bytes.count <= 1 << 20 else { throw DaemonError.file(path: path, reason: "larger than 1 MiB") }
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw DaemonError.file(path: path, reason: "expected UTF-8, found other bytes")
        }
        return try parse(text, path: path)
    }

    /// Reads the text of a file whole, and tells every line that is wrong.
    static func parse(_ text: String, path: String) throws(ConfigurationError) -> Configuration {
        var result = Configuration()
        var problems: [ConfigurationProblem] = []
        var section: String?
        var seen: [String: Int] = [:]
        let sections = Set(Setting.all.map(\.section))
        for (index, raw) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let line = trimmed(raw)
            func report(_ reason: String) {
                problems.append(ConfigurationProblem(path: path, line: index + 1, reason: reason))
            }
            if line.isEmpty || line.hasPrefix("#") || line.hasPrefix(";") { continue }
            if line.hasPrefix("[") {
                let name = line.hasSuffix("]") ? trimmed(line.dropFirst().dropLast()) : line
                section = name
                if !sections.contains(name) {
                    report("unknown section '\(name)': expected \(sections.sorted().joined(separator: ", "))")
                }
                continue
            }
            guard let equals = line.firstIndex(of: "=") else {
                report("expected 'key = value', found '\(line.prefix(40))'")
                continue
            }
            let key = trimmed(line[..<equals])
            let value = trimmed(line[line.index(after: equals)...])
            guard let section else {
                report("'\(key)' stands before the first [section]")
                continue
            }
            guard sections.contains(section) else { continue }
            guard let setting = Setting.all.first(where: { $0.section == section && $0.key == key }) else {
                let known = Setting.all.filter { $0.section == section }.map(\.key)
                let elsewhere = Setting.all.first { $0.key == key }.map { "; it belongs to [\($0.section)]" } ?? ""
                report("unknown key '\(key)' in [\(section)]\(elsewhere): expected \(known.joined(separator: ", "))")
                continue
            }
            if let first = seen.updateValue(index + 1, forKey: "\(section).\(key)") {
                report("'\(key)' was already set on line \(first)")
                continue
            }
            if let expected = setting.read(value, &result) {
                report("\(key): expected \(expected), found '\(value.prefix(60))'")
            }
        }
        guard problems.isEmpty else { throw ConfigurationError(problems: problems) }
        return result
    }

    /// Settings that differ from `other` and take effect only at the next start.
    func needingRestart(comparedTo other: Configuration) -> [String] {
        var names: [String] = []
        if microphone != other.microphone { names.append("microphone") }
        if speaker != other.speaker || playbackLatencySeconds != other.playbackLatencySeconds {
            names.append("speaker")
        }
        if isRealTime != other.isRealTime { names.append("realtime") }
        if modelDirectory != other.modelDirectory || precision != other.precision { names.append("models") }
        if socket != other.socket || group != other.group || tcp != other.tcp
            || maximumConnections != other.maximumConnections
        {
            names.append("control")
        }
        return names
    }
}

/// What keeps the daemon from starting or doing what it was told; one line each.
enum DaemonError: Error, Equatable, CustomStringConvertible {
    case file(path: String, reason: String)
    case usage(String)
    case noThread(String)
    case socketActivation(String)

    var description: String {
        switch self {
        case .file(let path, let reason): "\(path): \(reason)"
        case .usage(let reason): reason
        case .noThread(let name): "the system gave no thread for \(name)"
        case .socketActivation(let reason): "socket activation: \(reason)"
        }
    }
}
