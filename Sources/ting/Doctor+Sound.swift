import Glibc
import Sound
import Synchronization

extension Doctor {
    func cards() -> [Finding] {
        let streams = SoundCards().streams
        guard !streams.isEmpty else {
            return [
                .warning(
                    "the kernel knows no sound card",
                    remedy:
                        "plug one in, or enable it (Raspberry Pi: dtparam=audio=on, or the overlay of the sound HAT)")
            ]
        }
        return streams.map { stream in
            let text = "\(stream.name) \(stream.isCapture ? "records" : "plays"): \(stream.description)"
            guard !stream.owners.isEmpty else { return .good(text + ", free") }
            return .good(text + ", in use by \(names(stream.owners))")
        }
    }

    private func names(_ owners: [SoundCards.Owner]) -> String {
        owners.map { "\($0.name) (process \($0.process))" }.joined(separator: ", ")
    }

    func permissions() -> [Finding] {
        guard access("/dev/snd", F_OK) == 0 else {
            return [.warning("no /dev/snd", remedy: "without a sound card recordings and texts still work")]
        }
        let names: [String] = (0..<32).map { "/dev/snd/controlC\($0)" }
        let closed = names.filter { access($0, F_OK) == 0 && access($0, R_OK | W_OK) != 0 }
        guard closed.isEmpty else {
            return [
                .bad(
                    "\(closed.joined(separator: ", ")): permission denied",
                    remedy:
                        "sudo usermod -aG audio $USER, then log in again (the daemon's user is in the group already)")
            ]
        }
        return [.good("/dev/snd is open to this user")]
    }

    func capture() -> [Finding] {
        let name = device(microphone, "microphone")
        do {
            var findings: [Finding] = []
            if !name.hasPrefix("file:") { findings.append(forms(try DeviceForms(name: name, capture: true), name)) }
            let device = try Device.microphone(name)
            defer { device.close() }
            let samples = record(device, seconds: seconds)
            return findings + [level(samples, device)]
        } catch {
            return [cannotOpen(error, name, capture: true)]
        }
    }

    func playback() -> [Finding] {
        let name = device(speaker, "speaker")
        do {
            var findings: [Finding] = []
            if !name.hasPrefix("file:") { findings.append(forms(try DeviceForms(name: name, capture: false), name)) }
            let device = try Device.speaker(name)
            defer { device.close() }
            return findings + [.good("\(device.name) opens at \(device.sampleRate) Hz")]
        } catch {
            return [cannotOpen(error, name, capture: false)]
        }
    }

    func echo() -> [Finding] {
        let names = (microphone: device(microphone, "microphone"), speaker: device(speaker, "speaker"))
        if noTone { return [.good("not measured")] }
        guard let microphone = try? Device.microphone(names.microphone),
            let speaker = try? Device.speaker(names.speaker)
        else { return [.warning("not measured", remedy: "needs both devices; see capture and playback above")] }
        let measured = EchoTest(microphone: microphone, speaker: speaker).run()
        guard let measured else {
            return [
                .warning(
                    "the tone was played and not heard",
                    remedy: "turn speaker and microphone up in 'alsamixer'; with headphones this is as it should be")
            ]
        }
        let text =
            "the tone came back after \(Output.fixed(measured.seconds * 1000, 0)) ms"
            + " (correlation \(Output.fixed(measured.correlation, 2)))"
        // The canceller follows the queue of the playback device; beyond that it models a quarter of a second.
        guard measured.seconds > 0.4 else { return [.good(text)] }
        return [.warning(text, remedy: "lower playback_latency_ms in \(config): so late an echo is not taken out")]
    }

    private func forms(_ forms: DeviceForms, _ name: String) -> Finding {
        let text = "\(name): \(forms.description)"
        guard forms.isUsable else {
            let usable = DeviceForms.usable.sorted().joined(separator: ", ")
            return .bad(text, remedy: "Ting takes \(usable): name the device as plughw:CARD,DEVICE, which converts")
        }
        return .good(text)
    }

    private func record(_ device: any Microphone, seconds: Double) -> [Float] {
        var buffer = [Float](repeating: 0, count: 4096)
        var heard: [Float] = []
        let deadline = monotonicSeconds() + seconds + 1
        while Double(heard.count) < seconds * Double(device.sampleRate), monotonicSeconds() < deadline {
            switch device.read(into: &buffer) {
            case .frames(let count): heard += buffer[..<count]
            case .idle, .xrun: continue
            case .failed: return heard
            }
        }
        return heard
    }

    private func level(_ samples: [Float], _ device: any Microphone) -> Finding {
        let length = Double(samples.count) / Double(device.sampleRate)
        guard length > 0.5 * seconds else {
            return .bad(
                "\(device.name): \(Output.fixed(length, 1)) s of sound came in \(Output.fixed(seconds, 0)) s",
                remedy: "check the cable; try 'arecord -D \(device.name) -d 5 test.wav'")
        }
        let level = Level(samples)
        let text =
            "\(Output.fixed(length, 1)) s recorded at \(device.sampleRate) Hz: peak \(decibels(level.peak)),"
            + " mean \(decibels(level.rms)), offset \(Output.fixed(Double(level.offset), 3)),"
            + " \(Output.fixed(level.clippedShare * 100, 1)) % clipped"
        if level.isClipped { return .warning(text, remedy: "clipped: lower the capture gain in 'alsamixer' (F4)") }
        if level.rms < 1e-5 { return .warning(text, remedy: "silent: unmute the capture switch in 'alsamixer' (F4)") }
        if level.rms < 1e-3 { return .warning(text, remedy: "very quiet: raise the capture gain in 'alsamixer' (F4)") }
        return .good(text)
    }

    private func decibels(_ value: Float) -> String {
        value > 0 ? "\(Output.fixed(Double(20 * log10(value)), 0)) dB" : "none"
    }

    private func cannotOpen(_ error: SoundError, _ name: String, capture: Bool) -> Finding {
        guard case .device(_, _, let code) = error else { return .bad("\(error)", remedy: "name another device") }
        let tool = capture ? "arecord" : "aplay"
        switch code {
        case EBUSY, EAGAIN:
            let owners = SoundCards().streams.filter { $0.isCapture == capture }.flatMap(\.owners)
            if !owners.isEmpty, owners.allSatisfy({ $0.name == "tingd" }) {
                return .good("\(name) is in use by tingd, as it should be; 'ting mute' lets go of the microphone")
            }
            let who = owners.isEmpty ? "another program" : names(owners)
            return .bad("\(error)", remedy: "in use by \(who): end it, or share the device through PipeWire or dsnoop")
        case EACCES, EPERM:
            return .bad("\(error)", remedy: "sudo usermod -aG audio $USER, then log in again")
        default:
            let known = Device.names(capture: capture).filter { $0.hasPrefix("plughw:") || $0 == "default" }
            let offer = known.isEmpty ? "" : " There are: " + known.prefix(6).joined(separator: " ")
            return .warning("\(error)", remedy: "'\(tool) -L' lists devices; name one in \(config).\(offer)")
        }
    }
}

/// Plays the sweep and listens for it.
private final class EchoTest: @unchecked Sendable {
    // Unchecked: `heard` is written by the listening thread until it is joined.
    private let microphone: any Microphone
    private let speaker: any Speaker
    private var heard: [Float] = []
    private let captured = Atomic<Int>(0)
    private let isOver = Atomic<Bool>(false)

    init(microphone: any Microphone, speaker: any Speaker) {
        self.microphone = microphone
        self.speaker = speaker
    }

    /// Seconds from the first sample handed to the speaker to its return.
    func run() -> (seconds: Double, correlation: Double)? {
        defer {
            microphone.close()
            speaker.close()
        }
        guard let ear = NamedThread.start(name: "ting-ear", { [self] in listen() }) else { return nil }
        let opened = monotonicSeconds()
        while captured.load(ordering: .acquiring) < microphone.sampleRate / 2, monotonicSeconds() < opened + 3 {
            pause(seconds: 0.01)
        }
        let start = captured.load(ordering: .acquiring)
        play(EchoDelay.sweep(sampleRate: speaker.sampleRate))
        pause(seconds: 1.5)
        isOver.store(true, ordering: .releasing)
        ear.join()
        guard heard.count > start, let found = EchoDelay.find(in: heard, sampleRate: microphone.sampleRate) else {
            return nil
        }
        return (max(0, found.seconds - Double(start) / Double(microphone.sampleRate)), found.correlation)
    }

    private func listen() {
        var buffer = [Float](repeating: 0, count: 1024)
        while !isOver.load(ordering: .acquiring) {
            switch microphone.read(into: &buffer) {
            case .frames(let count):
                heard += buffer[..<count]
                captured.store(heard.count, ordering: .releasing)
            case .idle, .xrun: continue
            case .failed: return
            }
        }
    }

    private func play(_ samples: [Float]) {
        var position = 0
        let deadline = monotonicSeconds() + 3
        while position < samples.count, monotonicSeconds() < deadline {
            switch speaker.write(samples, from: position, to: samples.count) {
            case .frames(let count): position += count
            case .idle, .xrun: continue
            case .failed: return
            }
        }
        speaker.settle()
    }
}
