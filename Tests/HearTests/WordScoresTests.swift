import Testing

@testable import Hear

@Suite struct WordScoresTests {
    @Test func everythingRememberedIsFoundAgainAfterGrowing() {
        var scores = WordScores()
        for context in Int32(0)..<60 {
            for word in Int32(-50)..<50 {
                scores.remember((Float(context) - Float(word), context + word), context, word)
            }
        }
        for context in Int32(0)..<60 {
            for word in Int32(-50)..<50 {
                let found = scores[context, word]
                #expect(found?.score == Float(context) - Float(word) && found?.context == context + word)
            }
        }
    }

    @Test func whatWasNotRememberedIsNotFound() {
        var scores = WordScores()
        #expect(scores[0, 0] == nil)
        scores.remember((-1, 7), 3, 4)
        #expect(scores[4, 3] == nil)
        #expect(scores[3, 4]?.context == 7)
    }
}
