import Tensors

/// Which n-grams of a text stand in the lists that the network was trained with: singers, songs, places, words.
///
/// The lists themselves are not kept, only 48 bits of a hash of each entry and the set of lists it is in.
struct NetworkLists: Sendable {
    /// Columns a list has: a single character, begin and end of two, begin and end of more, inside.
    static let columnsPerList = 6
    /// No entry is longer.
    static let longestEntry = 12

    /// Rows in the order of their keys: the key's upper and lower 24 bits, and a bit for each list.
    private let table: Table
    private let listCount: Int

    init(_ file: WeightFile, listCount: Int) throws(ThinkError) {
        guard let shape = file.shape(of: "lists"), shape.count == 2, listCount <= 24 else {
            throw .model(path: file.path, expected: "tensor 'lists' of two dimensions", found: "none")
        }
        do {
            table = try file.table("lists", rows: shape[0], columns: 3)
        } catch {
            throw .model(path: file.path, expected: "hashes of list entries", found: "\(error)")
        }
        self.listCount = listCount
        for row in 0..<table.rows {
            for column in 0..<3 where !(0..<16_777_216).contains(table[row, column]) {
                throw .model(path: file.path, expected: "24-bit numbers in 'lists'", found: "\(table[row, column])")
            }
        }
    }

    private func key(_ row: Int) -> UInt64 { UInt64(table[row, 0]) << 24 | UInt64(table[row, 1]) }

    /// Writes ones into `matrix` from column `first` on; the text's characters are rows from `row` on.
    func mark(
        _ text: [Unicode.Scalar], tokens: [NetworkVocabulary.Token], syllables: [String], in matrix: inout Matrix,
        row: Int, column first: Int
    ) {
        for start in text.indices {
            var hash = Self.hash(of: "=".utf8)
            for end in start..<min(text.count, start + Self.longestEntry) {
                hash = Self.hash(of: UTF8.encode(text[end]) ?? UTF8.encodedReplacementCharacter, after: hash)
                mark(mask(of: hash), from: start, to: end, in: &matrix, row: row, column: first)
            }
            hash = Self.hash(of: "~".utf8)
            for end in start..<min(text.count, start + Self.longestEntry) {
                let syllable = tokens[end].syllable
                if syllable == 0 { break }
                if end > start { hash = Self.hash(of: "|".utf8, after: hash) }
                hash = Self.hash(of: syllables[syllable - 1].utf8, after: hash)
                if end > start { mark(mask(of: hash), from: start, to: end, in: &matrix, row: row, column: first) }
            }
        }
    }

    private func mark(_ mask: UInt32, from start: Int, to end: Int, in matrix: inout Matrix, row: Int, column: Int) {
        guard mask != 0 else { return }
        for list in 0..<listCount where mask >> UInt32(list) & 1 == 1 {
            let base = column + list * Self.columnsPerList
            if start == end {
                matrix[row + start, base] = 1
                continue
            }
            let long = end - start > 1
            matrix[row + start, base + (long ? 3 : 1)] = 1
            matrix[row + end, base + (long ? 4 : 2)] = 1
            for inside in start + 1..<max(start + 1, end) { matrix[row + inside, base + 5] = 1 }
        }
    }

    private func mask(of hash: UInt64) -> UInt32 {
        let mixed = hash ^ hash >> 29
        let key = (mixed & 0xFF_FFFF) << 24 | mixed >> 24 & 0xFF_FFFF
        var low = 0
        var high = table.rows
        while low < high {
            let middle = (low + high) / 2
            if self.key(middle) < key { low = middle + 1 } else { high = middle }
        }
        return low < table.rows && self.key(low) == key ? UInt32(table[low, 2]) : 0
    }

    /// FNV-1a, 64 bits.
    private static func hash(of bytes: some Sequence<UInt8>, after hash: UInt64 = 0xCBF2_9CE4_8422_2325) -> UInt64 {
        bytes.reduce(hash) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }
}
