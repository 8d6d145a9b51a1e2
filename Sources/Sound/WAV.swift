/// Reading and writing WAV files.
public enum WAV {
    /// The most frames that `read` takes at once: 4.6 hours at 16 kHz, 93 minutes at 48 kHz.
    public static let frameLimit = 1 << 28

    /// How samples are stored.
    public enum Encoding: Sendable {
        /// 16-bit integers, the usual form.
        case int16
        /// 32-bit floats.
        case float32
    }

    /// Reads a whole file as mono: integer PCM of 8, 16, 24 or 32 bits, float of 32 or 64, plain or
    /// `WAVE_FORMAT_EXTENSIBLE`, any rate, any number of channels (the channel with most energy is taken, so that a
    /// dead or inverted second channel does no harm).
    ///
    /// Samples that are not finite become 0, others are held in −1…1.
    public static func read(path: String) throws(SoundError) -> PCM {
        let reader = try WAVReader(path: path)
        guard reader.frameCount <= frameLimit else {
            throw .tooLong(
                path: path, seconds: Double(reader.frameCount) / Double(reader.sampleRate),
                limitSeconds: Double(frameLimit) / Double(reader.sampleRate))
        }
        let channel = try reader.loudestChannel()
        var samples: [Float] = []
        samples.reserveCapacity(reader.frameCount)
        var frame = 0
        while frame < reader.frameCount {
            let block = try reader.read(channel: channel, from: frame, count: 1 << 16)
            guard !block.isEmpty else { break }
            samples += block
            frame += block.count
        }
        return PCM(samples: samples, sampleRate: reader.sampleRate)
    }

    /// Writes mono samples as 16-bit PCM, rounded and held in range.
    public static func write(_ samples: [Float], sampleRate: Int, to path: String) throws(SoundError) {
        try writeFile(encode(samples, sampleRate: sampleRate), to: path)
    }

    /// The bytes of a mono WAV file.
    public static func encode(_ samples: [Float], sampleRate: Int, as encoding: Encoding = .int16) -> [UInt8] {
        let width = encoding == .int16 ? 2 : 4
        // RIFF counts bytes in 32 bits; players read on to the end when the count is at its limit.
        let dataBytes = min(samples.count * width, 0xFFFF_FFFF - 36)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(44 + samples.count * width)
        func append<Value: FixedWidthInteger>(_ value: Value) {
            for shift in stride(from: 0, to: Value.bitWidth, by: 8) {
                bytes.append(UInt8(truncatingIfNeeded: value >> Value(shift)))
            }
        }
        bytes += "RIFF".utf8
        append(UInt32(36 + dataBytes))
        bytes += "WAVEfmt ".utf8
        append(UInt32(16))
        append(UInt16(encoding == .int16 ? 1 : 3))
        append(UInt16(1))
        append(UInt32(sampleRate))
        append(UInt32(sampleRate * width))
        append(UInt16(width))
        append(UInt16(width * 8))
        bytes += "data".utf8
        append(UInt32(dataBytes))
        switch encoding {
        case .int16: for sample in samples { append(UInt16(bitPattern: int16(sample))) }
        case .float32: for sample in samples { append(sample.bitPattern) }
        }
        return bytes
    }

    /// A sample as a 16-bit integer, rounded to nearest and held in range; not finite is 0.
    public static func int16(_ sample: Float) -> Int16 {
        guard sample.isFinite else { return 0 }
        return Int16((max(-1, min(1, sample)) * 32767).rounded())
    }
}
