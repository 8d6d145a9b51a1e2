import Language
import Tensors
import Testing

@testable import Hear

@Suite(.enabled(if: Sounds.hasModel)) struct DictationTests {
    private static func search() throws -> OpenSearch {
        let models = try ModelDirectory.locate(Sounds.models)
        return try OpenSearch(models: models, frontEnd: try TextFrontEnd(directory: models.file("lexicon")))
    }

    /// One recording of the repository again and again, with pauses as between sentences.
    private static func reading(_ count: Int) throws -> [Float] {
        let sentence = try Sounds.recording("window.wav") + [Float](repeating: 0, count: 6_400)
        return (0..<count).flatMap { _ in sentence }
    }

    @Test func upToItsLimitNothingDiffersFromOneSearch() throws {
        let (recogniser, search) = (try Sounds.recogniser(), try Self.search())
        let samples = Array(try Self.reading(5).prefix(Int(Dictation.wholeSeconds * 16_000)))
        var dictation = try Dictation(recogniser: recogniser, search: search)
        try dictation.accept(samples)
        let whole = try RecognitionStream.recognise(samples, with: recogniser)
        #expect((dictation.finish() == search.transcribe(whole.emissions)) == true)
    }

    @Test(arguments: [700, 9_000, 1_000_000])
    func aLongReadingIsWrittenDownInPartsAndNoMoreThanOneIsKept(longest: Int) throws {
        let samples = try Self.reading(10)
        var dictation = try Dictation(recogniser: try Sounds.recogniser(), search: try Self.search())
        var kept = 0
        for piece in Sounds.pieces(of: samples, longest: longest, seed: 5) {
            try dictation.accept(piece)
            kept = max(kept, dictation.keptFrames)
        }
        let transcript = dictation.finish()
        #expect(transcript.text == String(repeating: "打开主驾车窗", count: 10))
        #expect(transcript.syllables.count == 60)
        #expect(transcript.dialect == .mandarin)
        #expect(transcript.confidence > 0.5 && transcript.confidence <= 1)
        #expect(Double(kept) * Emissions.frameSeconds <= Dictation.wholeSeconds + 0.4)
    }

    @Test func aPartEndsInTheMiddleOfTheLongestPause() {
        var units = [Int](repeating: 5, count: 700)
        for frame in 100..<190 { units[frame] = 0 }
        for frame in 300..<320 { units[frame] = 0 }
        for frame in 590..<700 { units[frame] = 0 }
        #expect(Dictation.cut(units, within: 200..<600) == 310, "a pause outside the range does not count")
        for frame in 550..<590 { units[frame] = 0 }
        #expect(Dictation.cut(units, within: 200..<600) == 575)
        #expect(Dictation.cut([Int](repeating: 5, count: 700), within: 200..<600) == 600)
    }
}
