import Language

/// The unit rows that a text may be heard as.
enum Pronunciations {
    /// At most this many ways for one text.
    private static let limit = 12

    /// The front end's choice first, then each word's other readings, one changed at a time; no row when it cannot be
    /// said, an empty row when it makes no sound.
    static func variants(of text: String, frontEnd: TextFrontEnd, dialect: Dialect) -> [[Int]] {
        let tokens = frontEnd.pronounce(text, dialect: dialect)
        let chosen = tokens.map { $0.units.compactMap(PhoneInventory.index(of:)) }
        let isSilent = text.allSatisfy { $0.isPunctuation || $0.isWhitespace }
        guard isSilent || !chosen.allSatisfy(\.isEmpty) else { return [] }
        var rows = [Array(chosen.joined())]
        for (position, token) in tokens.enumerated() {
            for reading in frontEnd.units(of: token.text, dialect: dialect) {
                let units = reading.compactMap(PhoneInventory.index(of:))
                guard !units.isEmpty, units.count == reading.count else { continue }
                var row = chosen
                row[position] = units
                let joined = Array(row.joined())
                if !rows.contains(joined) { rows.append(joined) }
                if rows.count >= limit { return rows }
            }
        }
        return rows
    }
}
