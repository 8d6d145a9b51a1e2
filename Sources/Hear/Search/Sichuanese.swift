import Language

/// Hears Sichuanese with units of Mandarin: what a Mandarin syllable sounds like in Chengdu counts as that syllable.
enum Sichuanese {
    /// For each unit the units that it may sound like in Chengdu.
    private static let sounds: [[Int]] = {
        let flat = ["zh": "z", "ch": "c", "sh": "s", "n": "l"]
        let finals = ["eng": "en", "ing": "in", "iii": "ii", "ueng": "uen"]
        return PhoneInventory.units.map { unit in
            guard !unit.contains("_"), let last = unit.last else { return [] }
            if !last.isNumber { return [unit, flat[unit] ?? unit].compactMap(PhoneInventory.index(of:)) }
            let body = String(unit.dropLast())
            let tone = Chengdu.soundingTone(last)
            return [body, finals[body] ?? body].compactMap { PhoneInventory.index(of: "\($0)\(tone)") }
        }
    }()

    /// Whether units that Chengdu says are among those that `asMandarin` takes for the given Mandarin ones.
    static func hears(_ spoken: [String], as mandarin: [Int]) -> Bool {
        spoken.count == mandarin.count
            && zip(spoken, mandarin).allSatisfy { name, unit in
                PhoneInventory.index(of: name).map(sounds[unit].contains) ?? false
            }
    }

    /// Emissions in which each Mandarin unit is as likely as its Chengdu sound.
    static func asMandarin(_ emissions: Emissions) -> Emissions {
        guard emissions.unitCount == sounds.count else { return emissions }
        var rows = emissions.logProbabilities
        for frame in 0..<emissions.frameCount {
            let start = frame * emissions.unitCount
            for (unit, heard) in sounds.enumerated() where !heard.isEmpty {
                rows[start + unit] = heard.map { emissions[frame, $0] }.max() ?? rows[start + unit]
            }
        }
        return Emissions(unitCount: emissions.unitCount, logProbabilities: rows)
    }
}
