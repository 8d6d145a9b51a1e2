/// One event of the Wyoming protocol: a type, named data, raw bytes.
public struct Event: Sendable, Equatable {
    /// Such as `describe` or `audio-chunk`.
    public var type: String
    /// A JSON object.
    public var data: JSONValue
    /// Raw bytes, such as PCM audio.
    public var payload: [UInt8]

    /// The protocol version that headers name: that of the PyPI package this side was tested with.
    public static let version = "1.10.2"

    /// An event.
    public init(_ type: String, _ data: JSONValue = .object([]), payload: [UInt8] = []) {
        self.type = type
        self.data = data
        self.payload = payload
    }

    /// The event as it goes over the wire: a header line, then data and payload where there are any.
    public var bytes: [UInt8] {
        var header: JSONValue = ["type": .string(type), "version": .string(Self.version)]
        var body: [UInt8] = []
        if let members = data.members, !members.isEmpty {
            body = Array(data.text.utf8)
            header["data_length"] = .number(Double(body.count))
        }
        if !payload.isEmpty { header["payload_length"] = .number(Double(payload.count)) }
        return Array(header.text.utf8) + [0x0A] + body + payload
    }

    /// A string that must be there.
    public func string(_ name: String) throws(WyomingError) -> String {
        guard let value = data[name]?.string else { throw .badData(event: type, expected: "a string '\(name)'") }
        return value
    }
}

extension Event {
    /// Says what went wrong.
    public static func error(_ text: String, code: String) -> Event {
        Event("error", ["text": .string(text), "code": .string(code)])
    }

    /// The start of audio in 16-bit mono.
    public static func audioStart(sampleRate: Int) -> Event {
        Event("audio-start", ["rate": .number(Double(sampleRate)), "width": 2, "channels": 1, "timestamp": 0])
    }

    /// Samples as 16-bit mono; `milliseconds` from the start of the audio.
    public static func audioChunk(_ samples: [Float], sampleRate: Int, milliseconds: Int) -> Event {
        var payload: [UInt8] = []
        payload.reserveCapacity(samples.count * 2)
        for sample in samples {
            let held = sample.isFinite ? max(-1, min(1, sample)) : 0
            let bits = UInt16(bitPattern: Int16((held * 32767).rounded()))
            payload.append(UInt8(truncatingIfNeeded: bits))
            payload.append(UInt8(truncatingIfNeeded: bits >> 8))
        }
        let data: JSONValue = [
            "rate": .number(Double(sampleRate)), "width": 2, "channels": 1, "timestamp": .number(Double(milliseconds)),
        ]
        return Event("audio-chunk", data, payload: payload)
    }

    /// The end of audio.
    public static func audioStop(milliseconds: Int) -> Event {
        Event("audio-stop", ["timestamp": .number(Double(milliseconds))])
    }
}

/// The PCM of an `audio-chunk` event.
public struct AudioChunk: Sendable, Equatable {
    /// Samples a second, 1 000…768 000.
    public let sampleRate: Int
    /// Mono samples in −1…1: the mean of the channels.
    public let samples: [Float]

    /// Decodes an `audio-chunk`: 1 (unsigned), 2, 3 or 4 bytes a sample, 1…32 channels.
    public init(_ event: Event) throws(WyomingError) {
        guard let rate = event.data["rate"]?.integer, (1_000...768_000).contains(rate) else {
            throw .badData(event: event.type, expected: "'rate' of 1000…768000")
        }
        guard let width = event.data["width"]?.integer, (1...4).contains(width) else {
            throw .badData(event: event.type, expected: "'width' of 1, 2, 3 or 4 bytes")
        }
        guard let channels = event.data["channels"]?.integer, (1...32).contains(channels) else {
            throw .badData(event: event.type, expected: "'channels' of 1…32")
        }
        guard event.payload.count % (width * channels) == 0 else {
            throw .badData(event: event.type, expected: "whole frames of \(width * channels) bytes")
        }
        sampleRate = rate
        let bytes = event.payload
        let scale = Float(1) / Float(UInt32(1) << UInt32(8 * width - 1))
        samples = (0..<bytes.count / (width * channels)).map { frame in
            var sum: Float = 0
            for channel in 0..<channels {
                let start = (frame * channels + channel) * width
                var bits: UInt32 = 0
                for index in 0..<width { bits |= UInt32(bytes[start + index]) << UInt32(8 * index) }
                if width == 1 { bits ^= 0x80 }
                let shift = Int32(32 - 8 * width)
                sum += Float((Int32(bitPattern: bits) << shift) >> shift) * scale
            }
            return sum / Float(channels)
        }
    }
}
