import Language

/// How much a unit may lend to the units it is mistaken for: other tones of the same final, and the accents of the south.
///
/// A constrained search need not tell 「打开空调」 in the right tones from the same in wrong ones; it may not throw the
/// command away because a tone was misheard.
struct UnitConfusions: Sendable {
    /// Price of another tone, in nats.
    var tonePenalty: Float = 1.6
    /// Price of an accent's neighbour (zh/z, n/l, in/ing …), in nats.
    var accentPenalty: Float = 2.2
    /// No unit is ever less likely than this, so that one missed sound does not end a path.
    var floor: Float = -11
    /// Blank is that much less likely than the recogniser thinks, in nats.
    var blankPenalty: Float = 0

    /// For the open search, where the words tell tones apart: less is forgiven.
    static let mild: UnitConfusions = {
        var confusions = UnitConfusions()
        confusions.tonePenalty = 3
        confusions.accentPenalty = 3.5
        confusions.floor = -12
        // In noise sounds are left out and none are added (rain at 5 dB: 68 syllables of 1,644, and none). Of 0, 1, 1.5, 2 and 3
        // nats, on clean speech and four noises, 1 to 2 make the fewest errors.
        confusions.blankPenalty = 1.5
        return confusions
    }()

    private let toneGroups: [[Int]]
    private let accentGroups: [[Int]]

    init() {
        var finals: [String: [Int]] = [:]
        for (index, unit) in PhoneInventory.units.enumerated() where unit.last?.isNumber == true {
            finals[String(unit.dropLast()), default: []].append(index)
        }
        toneGroups = finals.keys.sorted().map { finals[$0, default: []] }
        let initials = [
            ["zh", "z"], ["ch", "c"], ["sh", "s"], ["n", "l"], ["r", "l"], ["j", "zh"], ["q", "ch"], ["x", "sh"],
            ["b", "p"], ["d", "t"], ["g", "k"], ["Y_n", "Y_l"], ["Y_gw", "Y_g"], ["Y_kw", "Y_k"],
        ]
        let pairs = [
            ["in", "ing"], ["en", "eng"], ["an", "ang"], ["ian", "iang"], ["uan", "uang"], ["ii", "iii"],
            ["uo", "o"], ["ou", "uo"], ["ie", "i"], ["ei", "uei"], ["van", "ian"], ["vn", "in"],
        ]
        var groups = initials.map { $0.compactMap(PhoneInventory.index(of:)) }
        for pair in pairs {
            for tone in 1...5 { groups.append(pair.compactMap { PhoneInventory.index(of: "\($0)\(tone)") }) }
        }
        accentGroups = groups.filter { $0.count > 1 }
    }

    /// The log-probabilities with every unit raised to what its neighbours lend it, row after row.
    func apply(to emissions: Emissions) -> [Float] {
        let width = emissions.unitCount
        var values = emissions.logProbabilities.map { max($0, floor) }
        guard width == PhoneInventory.units.count else { return values }
        // Frames in which nothing but blank is likely have nothing to lend.
        for frame in 0..<emissions.frameCount where emissions[frame, 0] < -0.002 {
            let range = frame * width..<(frame + 1) * width
            let heard = Array(values[range])
            var lent = heard
            lent[0] -= blankPenalty
            for group in accentGroups { lend(group, accentPenalty, from: heard, to: &lent) }
            let accented = lent
            for group in toneGroups { lend(group, tonePenalty, from: accented, to: &lent) }
            values.replaceSubrange(range, with: lent)
        }
        return values
    }

    private func lend(_ group: [Int], _ penalty: Float, from heard: [Float], to values: inout [Float]) {
        var largest = -Float.infinity
        for unit in group { largest = max(largest, heard[unit]) }
        for unit in group where values[unit] < largest - penalty { values[unit] = largest - penalty }
    }
}
