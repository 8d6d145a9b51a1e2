import Sound
import Speak

/// Playing a reply on the default ALSA device while it is still being made.
enum Playback {
    static func play(_ stream: SpeechStream) throws {
        var stream = stream
        let speaker = try Device.speaker("default")
        defer { speaker.close() }
        while let chunk = stream.next() {
            var position = 0
            while position < chunk.count {
                switch speaker.write(chunk, from: position, to: chunk.count) {
                case .frames(let count): position += count
                case .idle, .xrun: continue
                case .failed(let code): throw Failure("\(speaker.name): \(systemMessage(code))")
                }
            }
        }
        speaker.settle()
        let left = Double(speaker.pendingFrames) / Double(speaker.sampleRate)
        pause(seconds: left)
    }
}
