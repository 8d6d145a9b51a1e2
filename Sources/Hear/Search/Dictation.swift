import Language

/// A recording of any length, written down while it comes.
///
/// What lies before a pause is searched and forgotten, so that neither memory nor the last search grows with the
/// length. A recording of up to `wholeSeconds` is searched whole and gives exactly what `OpenSearch` gives.
public struct Dictation: Sendable {
    /// So much is kept before a part is written down.
    ///
    /// Commands are shorter than 6 s; a kept second costs 123 KB, so a
    /// client costs 1.5 MB of it at most.
    public static let wholeSeconds = 12.0
    /// No part is shorter, so that words keep their context.
    ///
    /// A third of the whole leaves 8 s in which somebody who
    /// reads aloud draws breath at least once.
    static let shortestSeconds = 4.0

    private let search: OpenSearch
    private let dialect: Dialect?
    private let hotWords: [String]
    private var stream: RecognitionStream
    private var parts: [Transcript] = []

    /// Ears for one recording.
    ///
    /// - Parameters:
    ///   - dialect: Forces the language; nil takes it from what was heard.
    ///   - hotWords: Words of the moment that are likelier than the language thinks.
    public init(
        recogniser: Recogniser, search: OpenSearch, dialect: Dialect? = nil, hotWords: [String] = []
    ) throws(HearError) {
        self.search = search
        self.dialect = dialect
        self.hotWords = hotWords
        stream = try recogniser.makeStream(keepsStates: false)
    }

    /// Frames that wait to be written down.
    var keptFrames: Int { stream.emissions.frameCount }

    /// Takes 16 kHz samples.
    ///
    /// - Throws: `HearError.streamFinished` after `finish()`.
    public mutating func accept(_ samples: [Float]) throws(HearError) {
        // A second at a time, so that a long recording given at once is parted as it would be in pieces.
        var start = 0
        while start < samples.count {
            let end = min(samples.count, start + 16_000)
            try stream.accept(Array(samples[start..<end]))
            while Double(keptFrames) * Emissions.frameSeconds > Self.wholeSeconds { writeDownPart() }
            start = end
        }
    }

    /// Ends the recording and gives all of it.
    public mutating func finish() -> Transcript {
        stream.finish()
        if parts.isEmpty || keptFrames > 0 { writeDown(frames: keptFrames) }
        guard parts.count > 1 else { return parts[0] }
        // The language in which most was said, and the confidence that each unit has on the average.
        var counts: [Dialect: Int] = [:]
        for part in parts { counts[part.dialect, default: 0] += part.units.count }
        let count = max(1, parts.map(\.units.count).reduce(0, +))
        let dialect = parts.map(\.dialect).max { counts[$0, default: 0] < counts[$1, default: 0] } ?? .mandarin
        return Transcript(
            text: OpenSearch.join(parts.map(\.text).filter { !$0.isEmpty }), units: parts.flatMap(\.units),
            syllables: parts.flatMap(\.syllables), dialect: dialect,
            confidence: parts.map { $0.confidence * Double($0.units.count) }.reduce(0, +) / Double(count))
    }

    private mutating func writeDownPart() {
        let shortest = Int(Self.shortestSeconds / Emissions.frameSeconds)
        let longest = Int(Self.wholeSeconds / Emissions.frameSeconds)
        writeDown(frames: Self.cut(stream.emissions.bestUnits, within: shortest..<longest))
    }

    private mutating func writeDown(frames: Int) {
        parts.append(search.transcribe(stream.emissions.slice(0..<frames), dialect: dialect, hotWords: hotWords))
        stream.forget(frames: frames)
    }

    /// The middle of the longest run of blanks in the range; its end where there is none.
    static func cut(_ bestUnits: [Int], within range: Range<Int>) -> Int {
        var best = range.upperBound..<range.upperBound
        var start = range.lowerBound
        for frame in range.clamped(to: 0..<bestUnits.count) {
            if bestUnits[frame] != 0 {
                start = frame + 1
            } else if frame + 1 - start > best.count {
                best = start..<frame + 1
            }
        }
        return (best.lowerBound + best.upperBound) / 2
    }
}
