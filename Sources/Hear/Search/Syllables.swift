import Language

/// Units as a person writes them.
public enum Syllables {
    /// The tonal syllables of a row of unit indices: pinyin, jyutping, English phones joined with hyphens.
    public static func spelled(_ units: [Int]) -> [String] {
        PhoneInventory.syllables(of: units.filter { $0 > 0 && $0 < names.count }.map { names[$0] })
    }

    private static let names = PhoneInventory.units
}
