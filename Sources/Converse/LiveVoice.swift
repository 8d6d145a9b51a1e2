import Speak

extension SpeechStream: ReplyStream {}

/// The voice of the device, in its configured name, speed and loudness.
public struct LiveVoice: Voice {
    private let room: SpeakRoom
    private let voice: String?
    private let rate: Double

    /// A voice; `voice` nil takes the first one.
    public init(room: SpeakRoom, voice: String? = nil, rate: Double = 1) {
        self.room = room
        self.voice = voice
        self.rate = rate
    }

    /// Begins to synthesise.
    public func begin(_ saying: Saying) throws -> SpeechStream {
        try room.synthesiser.stream(
            saying.text,
            options: SpeechOptions(
                voice: saying.voice ?? voice, rate: rate, style: Style(rawValue: saying.style) ?? .neutral))
    }
}
