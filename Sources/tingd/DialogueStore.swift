import Converse
import Glibc

/// The dialogue on disk, where the configuration asks for it: a question asked before a restart can still be answered.
struct DialogueStore: Sendable {
    /// What is larger is none of ours.
    private static let limit = 1 << 16
    private let path: String

    /// The state folder that systemd gives, or the usual one.
    init(folder: String? = nil) {
        let given = getenv("STATE_DIRECTORY").map { String(cString: $0) }
        path = (folder ?? given ?? "/var/lib/tingd") + "/dialogue.json"
    }

    /// Writes the dialogue and the time of day, whole or not at all.
    func save(_ mind: ThinkRoom, at now: Double) {
        let text = "\(time(nil))\n\(mind.savedDialogue(at: now))\n"
        let new = path + ".new"
        // Only the daemon may read what people said.
        let descriptor = open(new, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return }
        let bytes = Array(text.utf8)
        let isWhole = write(descriptor, bytes, bytes.count) == bytes.count
        close(descriptor)
        if isWhole { rename(new, path) } else { unlink(new) }
    }

    /// Takes up what was saved; nothing, or something unreadable, is a new dialogue.
    func restore(into mind: inout ThinkRoom, at now: Double) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: Self.limit)
        let count = read(descriptor, &bytes, bytes.count)
        guard count > 0, count < Self.limit else { return }
        let lines = String(decoding: bytes[..<count], as: UTF8.self).split(separator: "\n", maxSplits: 1)
        guard lines.count == 2, let saved = Int(lines[0]) else { return }
        try? mind.restoreDialogue(String(lines[1]), at: now, elapsed: Double(max(0, time(nil) - saved)))
    }
}
