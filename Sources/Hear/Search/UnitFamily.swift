import Language

/// The language that a unit is a sound of.
enum UnitFamily {
    /// Blank.
    case none
    case mandarin, cantonese, english

    /// The families of all units, by index.
    static let all: [UnitFamily] = PhoneInventory.units.enumerated().map { index, unit in
        if index == 0 { return .none }
        if unit.hasPrefix("E_") { return .english }
        return unit.hasPrefix("Y_") ? .cantonese : .mandarin
    }

    /// The family of a unit; `.none` of what is no unit.
    static func of(_ unit: Int) -> UnitFamily { all.indices.contains(unit) ? all[unit] : .none }
}
