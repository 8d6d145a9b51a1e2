/// Something that the owner should do or tell.
public enum SessionOutput {
    /// The state changed: `idle`, `listening`, `thinking`, `speaking` or `muted`.
    case state(String)
    /// Somebody began to speak.
    case voiceStarted
    /// Somebody stopped speaking.
    case voiceStopped
    /// The syllables heard so far.
    case partial([String])
    /// An utterance was understood, or found not to be meant for the device.
    case thought(Thought)
    /// A reply begins.
    case replyStarted(Saying)
    /// Samples for the speaker, at the voice's rate.
    case play([Float])
    /// The speaker should fall silent at once.
    case silence
    /// The reply was heard to its end, or cut off.
    case replyEnded(wasCut: Bool)
    /// Something failed; the session goes on.
    case failed(String)
}

/// What the owner of a session needs of it, whatever it hears, thinks and speaks with.
public protocol Conversing {
    /// Hears samples and lets time pass; see `Session.step`.
    mutating func step(_ samples: [Float], queuedSeconds: Double, isQuiet: Bool, now: Double) -> [SessionOutput]
    /// Says something at a client's wish.
    mutating func say(_ saying: Saying, now: Double) -> [SessionOutput]
    /// Ends the reply that sounds.
    mutating func stop(now: Double) -> [SessionOutput]
    /// Closes or opens the ears.
    mutating func mute(_ muted: Bool, now: Double) -> [SessionOutput]
}
