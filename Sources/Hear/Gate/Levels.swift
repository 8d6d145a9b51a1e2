/// How loud the room, the voice in it and the last frames are: a value fed with levels in decibels.
struct Levels: Sendable {
    /// Level between words; falls fast and rises slowly, so that speech does not lift it.
    private var room: Double?
    /// Level of speech; rises fast and falls slowly, so that a weak ending does not lower it.
    private var voice: Double?
    private var recent: Double?

    /// Takes the next frame's level.
    mutating func note(_ decibels: Double, isSpeech: Bool) {
        // Two frames of smoothing: a single loud period of a hum is no voice.
        recent = recent.map { ($0 + decibels) / 2 } ?? decibels
        // Steps of frames of 16 ms: a room that got quieter is known within 0.1 s, one that got louder within 5 s.
        room = room.map { decibels < $0 ? $0 + (decibels - $0) * 0.3 : min(decibels, $0 + 0.06) } ?? decibels
        guard isSpeech else { return }
        voice = voice.map { decibels > $0 ? $0 + (decibels - $0) * 0.2 : max(decibels, $0 - 0.1) } ?? decibels
    }

    /// Whether the last frames sound like a voice that trails off rather than like the room.
    func isTrailing(_ configuration: Endpointer.Configuration) -> Bool {
        guard let room, let voice, let recent else { return false }
        return recent >= room + configuration.trailingDecibels.aboveRoom
            && recent >= voice - configuration.trailingDecibels.belowVoice
    }
}
