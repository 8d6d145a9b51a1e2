import Glibc
import Sound
import Wyoming

extension Doctor {
    func state() -> [Finding] {
        let path = "/var/lib/tingd"
        guard access(path, F_OK) == 0 else { return [.good("\(path) is made when the daemon first starts")] }
        if access(path, W_OK) != 0, errno == EROFS {
            return [
                .warning(
                    "\(path) is on a read-only file system",
                    remedy: "nothing is kept over a restart: make it writable, or bind a writable folder there")
            ]
        }
        return [.good(path)]
    }

    func daemon() -> [Finding] {
        do {
            let client = try Client(path: socket)
            let state = try client.ask(Event("ting-state"), for: ["ting-state"], within: 2).data
            func text(_ name: String) -> String { state[name]?.string ?? "" }
            let hung = (state["hung"]?.array ?? []).compactMap(\.string)
            guard hung.isEmpty else {
                return [
                    .bad("hung: \(hung.joined(separator: ", "))", remedy: "sudo systemctl restart tingd, and report it")
                ]
            }
            var findings: [Finding] = [.good("version \(text("version")) answers on \(socket), \(text("state"))")]
            if text("version") != Ting.configuration.version {
                findings.append(
                    .warning(
                        "the daemon is version \(text("version")), this is \(Ting.configuration.version)",
                        remedy: "sudo systemctl restart tingd"))
            }
            for name in ["microphone", "speaker"] where text(name).contains("waiting") {
                findings.append(.warning("\(name) \(text(name))", remedy: "see cards and permissions above"))
            }
            return findings
        } catch {
            return [.warning("\(error)", remedy: "systemctl status tingd tells more; journalctl -u tingd the rest")]
        }
    }
}
