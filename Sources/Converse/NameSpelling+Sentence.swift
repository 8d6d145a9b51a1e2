import Hear
import Language
import Think

/// Listed names where an open slot took more or less than the name.
///
/// In noise the end of a sentence is misheard, and an open slot takes anything: 「拨打客服的电话海」. Each listed name that sounds
/// like a part of what the slot took is tried with each ending that the grammar found behind the same beginning, on all
/// frames from the slot on.
extension NameSpelling {
    /// What people add behind a request; the commonest of the car logs.
    static let endings = ["", "吧", "吗", "好吗", "行吗", "谢谢"]
    /// Names looked at, with two ways to go on each.
    ///
    /// Six with three found no more.
    static let triedNames = 4

    /// A sentence with a listed name in its slot.
    struct Sentence {
        var outcome: Outcome
        var text: String
    }

    /// The likeliest sentence with a listed name in a slot of the first hit; nil where none fits about as well as what was written.
    func respell(_ hits: [GrammarHit], slot: String, heard emissions: Emissions) -> Sentence? {
        guard book.slots.contains(slot), let first = hits.first.flatMap({ Cut($0, at: slot) }),
            first.frames.lowerBound < emissions.frameCount
        else { return nil }
        let part = emissions.slice(first.frames)
        let found = candidates(first.written, slot: slot, heard: part)
        guard !found.isEmpty else { return nil }
        let sound = emissions.slice(first.frames.lowerBound..<emissions.frameCount)
        var rests: [String] = []
        for cut in hits.compactMap({ Cut($0, at: slot) }) where cut.before == first.before {
            let ending = Self.endings.filter { cut.after.hasSuffix($0) }.max { $0.count < $1.count } ?? ""
            let rest = String(cut.after.dropLast(ending.count))
            if !rests.contains(rest) { rests.append(rest) }
        }
        var trials: [(place: Int, rest: String)] = []
        for place in found.indices {
            for rest in rests.prefix(2) {
                for ending in Self.endings { trials.append((place, rest + ending)) }
            }
        }
        let words = [first.written + first.after] + trials.map { found[$0.place].name + $0.rest }
        let scores = ClosedSet(words: words, frontEnd: frontEnd, dialects: [.mandarin])
            .forgivingScores(sound, floor: Self.floor)
        let best = sound.bestScore()
        let all = Double(max(1, sound.greedyUnits().count))
        let units = Double(max(1, part.greedyUnits().count))
        var chosen: (trial: Int, cost: Double)?
        for (place, trial) in trials.enumerated() {
            let score = scores[place + 1]
            guard (best - score) / all <= Self.worstCost else { continue }
            let cost = (scores[0] - score) / units - (found[trial.place].isOwn ? Self.ownSlack : Self.commonSlack)
            if cost <= 0 || !scores[0].isFinite, cost < chosen?.cost ?? .infinity { chosen = (place, cost) }
        }
        guard let chosen else { return nil }
        let trial = trials[chosen.trial]
        let (name, isOwn) = (found[trial.place].name, found[trial.place].isOwn)
        let alike = isOwn ? ownNames(in: found, soundingLike: name) : []
        return Sentence(outcome: Outcome(name: name, alike: alike), text: first.before + name + trial.rest)
    }

    /// Listed names that sound like what the slot took, or like that without its last or first syllables.
    private func candidates(_ written: String, slot: String, heard part: Emissions) -> [NameBook.Candidate] {
        var rows: [[String]] = []
        for row in Set([book.sound(of: written), Syllables.spelled(part.greedyUnits().map(\.unit))]) {
            for tail in 0..<max(1, min(5, row.count - 1)) { rows.append(row.dropLast(tail)) }
            if row.count > 2 { rows.append(Array(row.dropFirst())) }
        }
        return book.candidates(for: slot, sounding: rows, limit: Self.triedNames)
    }

    /// A hit's text before, in and behind a slot.
    private struct Cut {
        var before: String
        var written: String
        var after: String
        var frames: Range<Int>

        init?(_ hit: GrammarHit, at slot: String) {
            guard let span = hit.wildcards.last(where: { $0.name == slot }) else { return nil }
            guard let range = hit.text.range(of: span.text) else { return nil }
            before = String(hit.text[..<range.lowerBound])
            written = span.text
            after = String(hit.text[range.upperBound...])
            frames = span.frames
        }
    }
}
