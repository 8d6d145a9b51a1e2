import ArgumentParser
import Converse
import Glibc
import Language
import Sound
import Tensors
import Wyoming

/// `ting doctor`: what is wrong on this board, and how to mend it.
struct Doctor: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check processor, weights, sound devices, permissions, daemon and speed, and say how to mend them.")

    @Option(help: "The daemon's Unix socket.")
    var socket = Client.defaultPath

    @OptionGroup var models: ModelOptions

    /// What a check came to.
    enum Finding {
        case good(String)
        case warning(String, remedy: String)
        case bad(String, remedy: String)
    }

    func run() throws {
        var failed = false
        for (title, check) in checks {
            let finding = check()
            if case .bad = finding { failed = true }
            show(title, finding)
        }
        if failed { throw ExitCode(1) }
    }

    private var checks: [(String, () -> Finding)] {
        [
            ("processor", processor), ("memory", memory), ("weights", weights), ("capture", capture),
            ("playback", playback), ("permissions", permissions), ("daemon", daemon), ("speed", speed),
        ]
    }

    private func show(_ title: String, _ finding: Finding) {
        let label = title + String(repeating: " ", count: 13 - title.count)
        switch finding {
        case .good(let text): print("\(Output.coloured("ok  ", 32)) \(label)\(text)")
        case .warning(let text, let remedy):
            print("\(Output.coloured("note", 33)) \(label)\(text)\n                  → \(remedy)")
        case .bad(let text, let remedy):
            print("\(Output.coloured("FAIL", 31)) \(label)\(text)\n                  → \(remedy)")
        }
    }

    private func processor() -> Finding {
        let slow = ["scalar"].contains(Kernels.active)
        let text = "\(sysconf(Int32(_SC_NPROCESSORS_ONLN))) cores, kernels \(Kernels.active)"
        return slow
            ? .warning(text, remedy: "no vector instructions are used; unset TING_KERNELS if it is set") : .good(text)
    }

    private func memory() -> Finding {
        let total = sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE)) / 1_048_576
        let text = "\(total) MiB"
        return total < 480 ? .bad(text, remedy: "Ting needs a board with at least 512 MB") : .good(text)
    }

    private func weights() -> Finding {
        do {
            let folder = try models.directory()
            for part in ModelCommand.parts { _ = try WeightFile(path: folder.file("\(part).safetensors")) }
            return .good(folder.path)
        } catch {
            return .bad("\(error)", remedy: "install the ting package again, or name the folder with --models")
        }
    }

    private func capture() -> Finding {
        do {
            let microphone = try Device.microphone("default")
            defer { microphone.close() }
            var buffer = [Float](repeating: 0, count: 1600)
            var heard: [Float] = []
            for _ in 0..<20 {
                if case .frames(let count) = microphone.read(into: &buffer) { heard += buffer[..<count] }
            }
            let level = Level(heard)
            if heard.isEmpty { return .bad("opened, but no samples came", remedy: "check the cable and 'arecord -l'") }
            if level.isClipped { return .warning("clipping", remedy: "lower the capture gain in 'alsamixer'") }
            if level.rms < 1e-5 { return .warning("silent", remedy: "unmute the capture switch in 'alsamixer'") }
            return .good("\(microphone.name), peak \(Output.fixed(Double(level.peak), 3))")
        } catch {
            return .warning("\(error)", remedy: "'arecord -l' lists devices; name one in /etc/tingd.conf")
        }
    }

    private func playback() -> Finding {
        do {
            let speaker = try Device.speaker("default")
            defer { speaker.close() }
            return .good("\(speaker.name), \(speaker.sampleRate) Hz")
        } catch {
            return .warning("\(error)", remedy: "'aplay -l' lists devices; name one in /etc/tingd.conf")
        }
    }

    private func permissions() -> Finding {
        guard access("/dev/snd", F_OK) == 0 else {
            return .warning("no /dev/snd", remedy: "no sound card is known to the kernel; recordings still work")
        }
        guard access("/dev/snd/controlC0", R_OK | W_OK) == 0 else {
            return .bad("/dev/snd is closed to this user", remedy: "sudo usermod -aG audio $USER, then log in again")
        }
        return .good("/dev/snd is open to this user")
    }

    private func daemon() -> Finding {
        do {
            let client = try Client(path: socket)
            let pong = try client.ask(Event("ping"), for: ["pong"], within: 2)
            return .good("answers on \(socket) (\(pong.type))")
        } catch {
            return .warning("\(error)", remedy: "systemctl status tingd; sudo systemctl start tingd.socket")
        }
    }

    private func speed() -> Finding {
        do {
            let room = try HearRoom(models: models.directory(), precision: models.precision)
            let second = [Float](repeating: 0.01, count: 4 * Recording.sampleRate)
            let heard = try room.hear(Recording(PCM(samples: second, sampleRate: Recording.sampleRate)))
            let factor = heard.hearSeconds / heard.audioSeconds
            let text = "hears at \(Output.fixed(factor, 3)) × real time"
            return factor > 0.7 ? .bad(text, remedy: "this processor is too slow for live use") : .good(text)
        } catch {
            return .bad("\(error)", remedy: "mend the weights first")
        }
    }
}
