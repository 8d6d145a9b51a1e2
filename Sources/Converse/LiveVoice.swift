import Speak

extension SpeechStream: ReplyStream {}

/// The voice of the device, in its configured name, speed and loudness.
public struct LiveVoice: Voice {
    private let room: SpeakRoom
    private let voice: String?
    private let rate: Double
    private let cache: SpeechCache?

    /// A voice; `voice` nil takes the first that speaks a reply's dialect, without a cache everything is synthesised anew.
    public init(room: SpeakRoom, voice: String? = nil, rate: Double = 1, cache: SpeechCache? = nil) {
        self.room = room
        self.voice = voice
        self.rate = rate
        self.cache = cache
    }

    /// Begins to speak.
    public func begin(_ saying: Saying) throws -> CachedSpeech {
        let name = room.name(for: saying, configured: voice)
        let key = SpeechCache.Key(text: saying.text, style: saying.style, voice: name ?? "", rate: rate)
        return try CachedSpeech(key: key, cache: cache) {
            try room.stream(saying, voice: name, rate: rate)
        }
    }
}
