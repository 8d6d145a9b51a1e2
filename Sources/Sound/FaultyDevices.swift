import Glibc

/// A microphone that follows a script of transfers: for tests of everything that a real one does wrong.
public final class FaultyMicrophone: Microphone {
    /// Always `faulty`.
    public let name = "faulty"
    /// 16 kHz unless told otherwise.
    public let sampleRate: Int
    private var script: [Transfer]
    private let sample: Float

    /// A device that answers with `script`, one entry a read, and then fails as unplugged.
    public init(_ script: [Transfer], sampleRate: Int = 16000, sample: Float = 0.25) {
        self.script = script.reversed()
        self.sampleRate = sampleRate
        self.sample = sample
    }

    /// The next entry of the script; frames hold the constant sample.
    public func read(into buffer: inout [Float]) -> Transfer {
        guard let next = script.popLast() else { return .failed(ENODEV) }
        guard case .frames(let count) = next else { return next }
        let delivered = min(count, buffer.count)
        for index in 0..<delivered { buffer[index] = sample }
        return .frames(delivered)
    }

    /// Ends the script.
    public func close() { script = [] }
}

/// A speaker that follows a script of transfers and keeps what it was given.
public final class FaultySpeaker: Speaker {
    /// Always `faulty`.
    public let name = "faulty"
    /// 24 kHz unless told otherwise.
    public let sampleRate: Int
    /// Always none.
    public let pendingFrames = 0
    /// What it answers when asked whether it is there.
    public var isPresent = true
    /// Every sample that was accepted.
    public private(set) var played: [Float] = []
    /// How often playing was cut off.
    public private(set) var dropCount = 0
    private var script: [Transfer]

    /// A device that answers with `script`, one entry a write, and then fails as unplugged.
    public init(_ script: [Transfer], sampleRate: Int = 24000) {
        self.script = script.reversed()
        self.sampleRate = sampleRate
    }

    /// The next entry of the script.
    public func write(_ buffer: [Float], from start: Int, to end: Int) -> Transfer {
        guard let next = script.popLast() else { return .failed(ENODEV) }
        guard case .frames(let count) = next else { return next }
        let accepted = min(count, end - start)
        played += buffer[start..<start + accepted]
        return .frames(accepted)
    }

    /// Counts.
    public func drop() { dropCount += 1 }

    /// Nothing waits inside.
    public func settle() {}

    /// Ends the script.
    public func close() { script = [] }
}
