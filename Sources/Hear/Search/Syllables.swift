import Language

/// Units as a person writes them.
public enum Syllables {
    /// The tonal syllables of a row of unit indices: pinyin, jyutping, English phones joined with hyphens.
    public static func spelled(_ units: [Int]) -> [String] {
        PhoneInventory.syllables(of: units.filter { $0 > 0 && $0 < names.count }.map { names[$0] })
    }

    /// The frame and the tone, 1 to 5, of every Mandarin final that was heard most surely.
    public static func tones(of emissions: Emissions) -> [(frame: Int, tone: Int)] {
        emissions.greedyUnits().compactMap { unit, frame in
            guard UnitFamily.of(unit) == .mandarin, let tone = names[unit].last?.wholeNumberValue else { return nil }
            return (frame, tone)
        }
    }

    private static let names = PhoneInventory.units
}
