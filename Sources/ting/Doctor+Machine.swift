import Converse
import Glibc
import Sound
import Speak
import Tensors

extension Doctor {
    /// Instruction sets that the kernels use or that a person wants to know of.
    private static let features: Set<String> = [
        "avx2", "avx512f", "avx512_vnni", "avx_vnni", "asimd", "asimddp", "i8mm", "neon",
    ]

    func processor() -> [Finding] {
        let cores = sysconf(Int32(_SC_NPROCESSORS_ONLN))
        let information = (smallFile("/proc/cpuinfo") ?? "").split(separator: "\n")
        func field(_ names: [String]) -> String? {
            information.first { line in names.contains { line.hasPrefix($0) } }?.split(separator: ":").last
                .map { String($0.drop { $0 == " " }) }
        }
        let board = smallFile("/proc/device-tree/model")?.filter { $0 != "\0" }
        let name = board ?? field(["model name", "Hardware"]) ?? "processor"
        let found = Set((field(["flags", "Features"]) ?? "").split(separator: " ").map(String.init))
        let known = found.intersection(Self.features).sorted().joined(separator: " ")
        let text =
            "\(name), \(cores) cores, \(known); kernels \(Kernels.active) of "
            + Kernels.available.joined(separator: " ")
        var findings: [Finding] = []
        do {
            try Kernels.check()
            findings.append(
                Kernels.active == "scalar"
                    ? .warning(text, remedy: "no vector instructions are used: unset TING_KERNELS if it is set")
                    : .good(text))
        } catch {
            findings.append(.bad("\(error)", remedy: "unset TING_KERNELS, or name one of these"))
        }
        let thermal = (0..<8).compactMap { smallFile("/sys/class/thermal/thermal_zone\($0)/temp") }
        let hottest = thermal.compactMap { Int($0.filter(\.isNumber)) }.max() ?? 0
        if hottest >= 80_000 {
            findings.append(
                .warning("\(hottest / 1000) °C: the board slows down", remedy: "give it a heat sink or air"))
        }
        let governor = smallFile("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor")?.filter { !$0.isWhitespace }
        if governor == "powersave" {
            findings.append(
                .warning("the clock is held low (powersave)", remedy: "set the governor to ondemand or schedutil"))
        }
        return findings
    }

    func memory() -> [Finding] {
        func mebibytes(_ key: String, _ text: String) -> Int? {
            text.split(separator: "\n").first { $0.hasPrefix(key + ":") }?.split(separator: " ").dropFirst().first
                .flatMap { Int($0) }.map { $0 / 1024 }
        }
        let information = smallFile("/proc/meminfo") ?? ""
        let total = mebibytes("MemTotal", information) ?? 0
        let available = mebibytes("MemAvailable", information) ?? 0
        let limit = smallFile("/sys/fs/cgroup/memory.max")?.split(separator: "\n").first.flatMap { Int($0) }
        let text =
            "\(total) MiB, \(available) MiB free to use"
            + (limit.map { ", at most \($0 >> 20) MiB for this group" } ?? "")
        if total < 400 { return [.bad(text, remedy: "Ting needs a board with 512 MB or more")] }
        if available < 150 || (limit ?? .max) >> 20 < 200 {
            return [.warning(text, remedy: "end other programs, or raise the limit to 200 MiB or more")]
        }
        return [.good(text)]
    }

    func weights() -> [Finding] {
        do {
            let folder = try models.directory()
            var parameters = 0
            for part in ModelCommand.parts {
                parameters += try WeightFile(path: folder.file("\(part).safetensors")).parameterCount
            }
            let millions = Output.fixed(Double(parameters) / 1e6, 1)
            return [.good("\(folder.path): \(millions) M parameters, format \(WeightFile.format)")]
        } catch {
            return [.bad("\(error)", remedy: "apt-get install --reinstall ting, or name the folder with --models")]
        }
    }

    func speed() -> [Finding] {
        do {
            let folder = try models.directory()
            let voice = try SpeakRoom(models: folder, precision: models.precision)
            let clock = ContinuousClock()
            var samples: [Float] = []
            let start = clock.now
            var stream = try voice.synthesiser.stream("好的，空调调到二十四度了", options: SpeechOptions())
            while let chunk = stream.next() { samples += chunk }
            let speaking = (clock.now - start) / .seconds(1) / (Double(samples.count) / 24_000)
            let ears = try HearRoom(models: folder, precision: models.precision)
            let heard = try ears.hear(Recording(PCM(samples: samples, sampleRate: 24_000)))
            let hearing = heard.hearSeconds / heard.audioSeconds
            let text = "hears in \(Output.fixed(hearing, 3)), speaks in \(Output.fixed(speaking, 3)) of real time"
            if max(hearing, speaking) > 0.7 {
                return [.bad(text, remedy: "too slow for live use: end other programs, or take a faster board")]
            }
            if max(hearing, speaking) > 0.35 {
                return [.warning(text, remedy: "answers may come late while other programs compute")]
            }
            return [.good(text)]
        } catch {
            return [.bad("\(error)", remedy: "mend the weights first")]
        }
    }
}
