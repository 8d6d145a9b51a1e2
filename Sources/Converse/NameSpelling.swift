import Hear
import Language
import Think

/// Writes listed names in the place of what was written by ear.
///
/// The lists say which names sound alike; the frames of the slot say which of them was said.
struct NameSpelling: Sendable {
    /// How a slot came out.
    struct Outcome: Sendable {
        var name: String
        /// Other listed names that sound exactly so, when the integrator lists several.
        var alike: [String] = []
    }

    /// How much worse than what was written by ear, in nats a unit, a name may fit and still be taken.
    ///
    /// Chosen on spoken commands of training voices: a name of the integrator's own list is meant even when it was said
    /// carelessly; a name that merely is well known must fit about as well as any spelling does.
    static let ownSlack = 1.0
    static let commonSlack = 0.7
    /// No name is taken that fits worse than this against anything at all, in nats a unit.
    static let worstCost = 2.0

    /// What a misheard unit costs at most, in nats: with an own name's slack, one of six units may be quite another.
    ///
    /// Of 85 spoken commands with an open name in voices held out of training (with the ears of then), the said names listed
    /// among 1,000 others: 78 right without noise and 69 at 10 dB with −11 and no `respell`, 80 and 72 with −6, 80 and 74 with
    /// −4. With the others alone −6 takes as many for what they are not as −11 does (one), −4 takes four.
    static let floor: Float = -6

    let book: NameBook
    let frontEnd: TextFrontEnd

    init(own: [NameList], common: [NameList], frontEnd: TextFrontEnd) {
        self.frontEnd = frontEnd
        book = NameBook(own: own, common: common) { name in
            let isLatin = name.unicodeScalars.allSatisfy(\.isASCII)
            return frontEnd.pronounce(name, dialect: isLatin ? .english : .mandarin).flatMap(\.syllables)
        }
    }

    /// The listed name for a slot that was written by ear as `text`; nil when none fits.
    ///
    /// - Parameter emissions: What was heard in the slot alone.
    func spell(_ text: String, slot: String, heard emissions: Emissions) -> Outcome? {
        guard book.slots.contains(slot), emissions.frameCount > 0 else { return nil }
        let greedy = Syllables.spelled(emissions.greedyUnits().map(\.unit))
        let found = book.candidates(for: slot, sounding: [book.sound(of: text), greedy])
        guard !found.isEmpty else { return nil }
        let words = [text] + found.map(\.name)
        let scores = ClosedSet(words: words, frontEnd: frontEnd).forgivingScores(emissions, floor: Self.floor)
        let units = Double(max(1, emissions.greedyUnits().count))
        let best = emissions.bestScore()
        let costs = scores.map { (best - $0) / units }
        var chosen: (place: Int, cost: Double)?
        for (place, candidate) in found.enumerated() {
            let cost = costs[place + 1]
            let slack = candidate.isOwn ? Self.ownSlack : Self.commonSlack
            guard cost <= Self.worstCost, cost <= costs[0] + slack || !costs[0].isFinite else { continue }
            // Own names are preferred to common ones by what they are allowed more.
            let weighed = cost - slack
            if weighed < chosen?.cost ?? .infinity { chosen = (place, weighed) }
        }
        guard let chosen else { return nil }
        let name = found[chosen.place].name
        let alike = ownNames(in: found, soundingLike: name)
        // What is written already is right when it sounds like the best: both were heard.
        if found.contains(where: { $0.name == text }), book.sound(of: text) == book.sound(of: name), alike.isEmpty {
            return Outcome(name: text)
        }
        return Outcome(name: name, alike: found[chosen.place].isOwn ? alike : [])
    }

    /// The integrator's other names that sound exactly like one.
    func ownNames(in found: [NameBook.Candidate], soundingLike name: String) -> [String] {
        let sound = book.sound(of: name)
        return found.filter { $0.isOwn && $0.name != name && book.sound(of: $0.name) == sound }.map(\.name)
    }

    /// The own name that sounds exactly like a typed one, tones included; nil when there is none or it is listed itself.
    func spell(typed text: String, slot: String) -> Outcome? {
        guard book.slots.contains(slot) else { return nil }
        let sound = book.sound(of: text)
        let same = book.candidates(for: slot, sounding: [sound], limit: 64, farthest: 0)
            .filter { $0.isOwn && book.sound(of: $0.name) == sound }
        guard let first = same.first, !same.contains(where: { $0.name == text }) else { return nil }
        return Outcome(name: first.name, alike: same.dropFirst().map(\.name))
    }
}
