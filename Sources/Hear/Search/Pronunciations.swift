import Language

/// The unit rows that texts may be heard as; remembers the readings of words it has met.
final class Pronunciations {
    /// At most this many ways for one text.
    private static let limit = 12

    private let frontEnd: TextFrontEnd
    private let dialect: Dialect
    private var readings: [String: [[Int]]] = [:]

    init(frontEnd: TextFrontEnd, dialect: Dialect) {
        self.frontEnd = frontEnd
        self.dialect = dialect
    }

    /// The rows of a single text.
    static func variants(of text: String, frontEnd: TextFrontEnd, dialect: Dialect) -> [[Int]] {
        Pronunciations(frontEnd: frontEnd, dialect: dialect).variants(of: text)
    }

    /// The front end's choice first, then each word's other readings, one changed at a time; no row when it cannot be
    /// said, an empty row when it makes no sound.
    func variants(of text: String) -> [[Int]] {
        let tokens = frontEnd.pronounce(text, dialect: dialect)
        let chosen = tokens.map { $0.units.compactMap(PhoneInventory.index(of:)) }
        let isSilent = text.allSatisfy { $0.isPunctuation || $0.isWhitespace }
        guard isSilent || !chosen.allSatisfy(\.isEmpty) else { return [] }
        var rows = [Array(chosen.joined())]
        for (position, token) in tokens.enumerated() {
            for units in readings(of: token.text) {
                var row = chosen
                row[position] = units
                let joined = Array(row.joined())
                if !rows.contains(joined) { rows.append(joined) }
                if rows.count >= Self.limit { return rows }
            }
        }
        return rows
    }

    private func readings(of word: String) -> [[Int]] {
        if let known = readings[word] { return known }
        let found = frontEnd.units(of: word, dialect: dialect).compactMap { reading -> [Int]? in
            let units = reading.compactMap(PhoneInventory.index(of:))
            return units.isEmpty || units.count != reading.count ? nil : units
        }
        readings[word] = found
        return found
    }
}
