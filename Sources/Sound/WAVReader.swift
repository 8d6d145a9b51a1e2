/// Reads a WAV file block by block, one channel at a time.
final class WAVReader {
    enum Format: Equatable {
        case unsigned8, signed16, signed24, signed32, float32, float64

        var width: Int {
            switch self {
            case .unsigned8: 1
            case .signed16: 2
            case .signed24: 3
            case .signed32, .float32: 4
            case .float64: 8
            }
        }
    }

    let sampleRate: Int
    let channelCount: Int
    let frameCount: Int
    private let format: Format
    private let frameBytes: Int
    private let dataOffset: Int
    private let file: FileBytes

    init(path: String) throws(SoundError) {
        file = try FileBytes(path: path)
        let head = try file.read(at: 0, length: 12)
        guard head.count == 12, ["RIFF", "RF64", "BW64"].contains(text(head, 0)), text(head, 8) == "WAVE" else {
            throw .notWAV(path: path, found: Self.describe(head))
        }
        var header: (format: Format, channels: Int, rate: Int, frameBytes: Int)?
        var offset = 12
        while true {
            let chunk = try file.read(at: offset, length: 8)
            guard chunk.count == 8 else {
                throw .malformed(path: path, reason: header == nil ? "no fmt chunk" : "no data chunk")
            }
            let size = little(chunk, 4, 4)
            offset += 8
            switch text(chunk, 0) {
            case "fmt ":
                header = try Self.parse(file.read(at: offset, length: min(size, 64)), path: path)
            case "data":
                guard let header else { throw .malformed(path: path, reason: "the data chunk comes before fmt") }
                let present = file.count - offset
                // A recorder that wrote to a pipe did not know the length: it left 0 or a number near 2 or 4 GiB.
                let unknown = size >= 0x7FFF_F000 || (size == 0 && present > 0)
                guard unknown || size <= present else {
                    throw .truncated(path: path, expectedBytes: size, foundBytes: present)
                }
                format = header.format
                channelCount = header.channels
                sampleRate = header.rate
                frameBytes = header.frameBytes
                dataOffset = offset
                frameCount = (unknown ? present : size) / header.frameBytes
                return
            default:
                break
            }
            offset += size + size % 2
        }
    }

    /// The channel with the most energy; the first among equals.
    func loudestChannel() throws(SoundError) -> Int {
        guard channelCount > 1 else { return 0 }
        var energy = [Double](repeating: 0, count: channelCount)
        var frame = 0
        while frame < frameCount {
            var count = 0
            for channel in 0..<channelCount {
                let block = try read(channel: channel, from: frame, count: 1 << 14)
                count = block.count
                let mean = block.reduce(0, +) / Float(max(1, count))
                energy[channel] += block.reduce(0.0) { $0 + Double(($1 - mean) * ($1 - mean)) }
            }
            guard count > 0 else { break }
            frame += count
        }
        var best = 0
        for channel in 1..<channelCount where energy[channel] > energy[best] { best = channel }
        return best
    }

    /// Samples of one channel, −1…1.
    func read(channel: Int, from frame: Int, count: Int) throws(SoundError) -> [Float] {
        let wanted = min(count, frameCount - frame)
        guard wanted > 0 else { return [] }
        let bytes = try file.read(at: dataOffset + frame * frameBytes, length: wanted * frameBytes)
        let frames = bytes.count / frameBytes
        let first = channel * format.width
        return (0..<frames).map { decode(bytes, first + $0 * frameBytes) }
    }

    private func decode(_ bytes: [UInt8], _ at: Int) -> Float {
        let value: Float
        switch format {
        case .unsigned8:
            value = (Float(bytes[at]) - 128) / 128
        case .signed16:
            value = Float(Int16(truncatingIfNeeded: little(bytes, at, 2))) / 32768
        case .signed24:
            value = Float(Int32(truncatingIfNeeded: little(bytes, at, 3) << 8) >> 8) / 8_388_608
        case .signed32:
            value = Float(Double(Int32(truncatingIfNeeded: little(bytes, at, 4))) / 2_147_483_648)
        case .float32:
            value = Float(bitPattern: UInt32(little(bytes, at, 4)))
        case .float64:
            let bits = UInt64(little(bytes, at, 4)) | UInt64(little(bytes, at + 4, 4)) << 32
            value = Float(Double(bitPattern: bits))
        }
        return value.isFinite ? max(-1, min(1, value)) : 0
    }

    private static func parse(
        _ fmt: [UInt8], path: String
    ) throws(SoundError) -> (format: Format, channels: Int, rate: Int, frameBytes: Int) {
        guard fmt.count >= 16 else {
            throw .malformed(path: path, reason: "fmt chunk of \(fmt.count) bytes, expected at least 16")
        }
        var tag = little(fmt, 0, 2)
        let channels = little(fmt, 2, 2)
        let rate = little(fmt, 4, 4)
        let frameBytes = little(fmt, 12, 2)
        let bits = little(fmt, 14, 2)
        if tag == 0xFFFE {
            guard fmt.count >= 26 else {
                throw .malformed(path: path, reason: "extensible fmt chunk of \(fmt.count) bytes, expected 40")
            }
            tag = little(fmt, 24, 2)
        }
        let format: Format
        switch (tag, (bits + 7) / 8) {
        case (1, 1): format = .unsigned8
        case (1, 2): format = .signed16
        case (1, 3): format = .signed24
        case (1, 4): format = .signed32
        case (3, 4): format = .float32
        case (3, 8): format = .float64
        default: throw .unsupported(path: path, format: "format tag \(tag) with \(bits) bits a sample")
        }
        guard (1...1024).contains(channels) else {
            throw .malformed(path: path, reason: "\(channels) channels, expected 1…1024")
        }
        guard (1_000...768_000).contains(rate) else {
            throw .malformed(path: path, reason: "\(rate) samples a second, expected 1000…768000")
        }
        guard frameBytes == channels * format.width else {
            throw .malformed(
                path: path, reason: "frames of \(frameBytes) bytes, expected \(channels * format.width)")
        }
        return (format, channels, rate, frameBytes)
    }

    private static func describe(_ head: [UInt8]) -> String {
        guard !head.isEmpty else { return "an empty file" }
        guard head.count == 12 else { return "\(head.count) bytes" }
        return "bytes " + head.prefix(4).map { String($0, radix: 16) }.joined(separator: " ")
    }
}

/// An unsigned little-endian number of up to four bytes.
private func little(_ bytes: [UInt8], _ at: Int, _ width: Int) -> Int {
    var value = 0
    for index in 0..<width { value |= Int(bytes[at + index]) << (8 * index) }
    return value
}

private func text(_ bytes: [UInt8], _ at: Int) -> String {
    String(decoding: bytes[at..<at + 4], as: UTF8.self)
}
