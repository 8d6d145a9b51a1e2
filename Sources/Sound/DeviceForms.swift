import CALSA
import Glibc

/// What an ALSA device can do: read before it is configured, so that nothing is changed.
public struct DeviceForms: Sendable, Equatable {
    /// Sample formats as ALSA names them, such as `S16_LE`.
    public let formats: [String]
    /// Least and most channels.
    public let channels: ClosedRange<Int>
    /// Least and most samples a second.
    public let rates: ClosedRange<Int>

    /// Formats that Ting converts from and to.
    public static let usable: Set<String> = ["FLOAT_LE", "S32_LE", "S16_LE"]

    /// Asks the device; throws as opening it would.
    public init(name: String, capture: Bool) throws(SoundError) {
        ting_alsa_be_quiet()
        let action = capture ? "open for recording" : "open for playing"
        var opened: OpaquePointer?
        let direction = capture ? SND_PCM_STREAM_CAPTURE : SND_PCM_STREAM_PLAYBACK
        let code = snd_pcm_open(&opened, name, direction, Int32(SND_PCM_NONBLOCK))
        guard code >= 0, let opened else { throw .device(name: name, action: action, code: Device.cause(-code)) }
        defer { snd_pcm_close(opened) }
        var allocated: OpaquePointer?
        guard snd_pcm_hw_params_malloc(&allocated) >= 0, let hardware = allocated else {
            throw .device(name: name, action: action, code: ENOMEM)
        }
        defer { snd_pcm_hw_params_free(hardware) }
        let any = snd_pcm_hw_params_any(opened, hardware)
        guard any >= 0 else { throw .device(name: name, action: "ask for its formats", code: -any) }
        snd_pcm_hw_params_set_rate_resample(opened, hardware, 0)
        let all: [(String, snd_pcm_format_t)] = [
            ("S16_LE", SND_PCM_FORMAT_S16_LE), ("S24_LE", SND_PCM_FORMAT_S24_LE), ("S24_3LE", SND_PCM_FORMAT_S24_3LE),
            ("S32_LE", SND_PCM_FORMAT_S32_LE), ("FLOAT_LE", SND_PCM_FORMAT_FLOAT_LE), ("U8", SND_PCM_FORMAT_U8),
        ]
        formats = all.filter { snd_pcm_hw_params_test_format(opened, hardware, $0.1) == 0 }.map(\.0)
        var (fewest, most): (UInt32, UInt32) = (0, 0)
        snd_pcm_hw_params_get_channels_min(hardware, &fewest)
        snd_pcm_hw_params_get_channels_max(hardware, &most)
        channels = Int(fewest)...Int(max(fewest, most))
        var (slowest, fastest): (UInt32, UInt32) = (0, 0)
        snd_pcm_hw_params_get_rate_min(hardware, &slowest, nil)
        snd_pcm_hw_params_get_rate_max(hardware, &fastest, nil)
        rates = Int(slowest)...Int(max(slowest, fastest))
    }

    /// Whether Ting can use it.
    public var isUsable: Bool { !Self.usable.isDisjoint(with: formats) && rates.upperBound >= 8000 }

    /// One line: formats, channels, rates.
    public var description: String {
        func span(_ range: ClosedRange<Int>) -> String {
            range.count == 1 ? "\(range.lowerBound)" : "\(range.lowerBound)–\(range.upperBound)"
        }
        return "\(formats.joined(separator: " ")), \(span(channels)) ch, \(span(rates)) Hz"
    }
}

extension Device {
    /// Why a device did not open: ALSA calls a card that this user may not touch a missing one.
    static func cause(_ code: Int32) -> Int32 {
        guard [ENOENT, ENODEV, ENXIO].contains(code) else { return code }
        let names: [String] = (0..<32).map { "/dev/snd/controlC\($0)" }
        let cards = names.filter { access($0, F_OK) == 0 }
        let isClosed = !cards.isEmpty && cards.allSatisfy { access($0, R_OK | W_OK) != 0 }
        return isClosed ? EACCES : code
    }

    /// Names of devices that ALSA offers, as `arecord -L` and `aplay -L` list them.
    public static func names(capture: Bool) -> [String] {
        ting_alsa_be_quiet()
        var hints: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
        guard snd_device_name_hint(-1, "pcm", &hints) >= 0, let hints else { return [] }
        defer { snd_device_name_free_hint(hints) }
        var names: [String] = []
        var index = 0
        while let hint = hints[index] {
            index += 1
            let direction = text(hint, "IOID")
            // No direction means both.
            guard direction == nil || direction == (capture ? "Input" : "Output") else { continue }
            if let name = text(hint, "NAME"), name != "null" { names.append(name) }
        }
        return names
    }

    private static func text(_ hint: UnsafeMutableRawPointer, _ key: String) -> String? {
        guard let value = snd_device_name_get_hint(hint, key) else { return nil }
        defer { free(value) }
        return String(cString: value)
    }
}
