import Testing

@testable import Think

/// Evidence like that of a clear command, with what a test changes in it.
private func evidence(
    fit: Double = 0.98, words: Double = 0.9, openShare: Double = 0, disagreement: Double = 0, spelled: Double = 5
) -> DirectedEvidence {
    DirectedEvidence(
        fit: fit, words: words, openShare: openShare, disagreement: disagreement, spelledCount: spelled)
}

@Suite("directed score")
struct DirectedScoreTests {
    private let score = DirectedScore.shipped

    @Test("a command said as it is written acts, however few words it has")
    func clearCommandsAct() {
        #expect(score(evidence()) > 0.9)
        #expect(score(evidence(fit: 0.99, spelled: 2)) > 0.5)
    }

    @Test("less fit, stranger words, more disagreement and fewer spelled syllables each lower the score")
    func doubtsCount() {
        let sure = score(evidence())
        #expect(score(evidence(fit: 0.6)) < sure)
        #expect(score(evidence(words: 0.1)) < sure)
        #expect(score(evidence(disagreement: 0.5)) < sure)
        #expect(score(evidence(spelled: 2)) < sure)
    }

    @Test("a long sentence swallowed by an open slot does not act, a name in one does")
    func openSlots() {
        #expect(score(evidence(fit: 0.6, words: 0.3, openShare: 0.9, disagreement: 0.1, spelled: 2)) < 0.1)
        #expect(score(evidence(fit: 0.8, words: 0.999, openShare: 0.4, disagreement: 0.1, spelled: 4)) > 0.5)
    }

    @Test("a listed name in an open slot counts as spelled out, any other words do not")
    func listedNames() throws {
        let domain = try Shipped.car.get()
        func gathered(_ text: String, open: String? = nil) throws -> DirectedEvidence {
            let match = try #require(domain.match(text).first)
            return DirectedEvidence(fit: 0.8, words: 0.9, sentence: text, open: open ?? text, match: match)
        }
        let listed = try gathered("开车去机场")
        let other = try gathered("开车去哪里都好玩")
        #expect(listed.openShare == 0 && listed.spelledCount == 5)
        #expect(other.openShare > 0.5 && other.spelledCount == 3)
        #expect(score(listed) > score(other))
        #expect(try gathered("去上海", open: "上海").openShare > 0.5)
    }

    @Test("a word that merely sounds like a short command does not act")
    func soundAlikes() {
        #expect(score(evidence(fit: 0.8, words: 0.95, spelled: 2)) < 0.4)
    }

    @Test("certainty without bound stays a number")
    func extremes() {
        for share in [0.0, 1.0] {
            let value = score(evidence(fit: share, words: share, openShare: share, disagreement: share, spelled: 8))
            #expect(value >= 0 && value <= 1)
        }
    }
}
