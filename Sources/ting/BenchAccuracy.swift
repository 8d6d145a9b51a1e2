import Converse
import Hear
import Sound
import Tensors

/// How right INT8 is beside fp32, on recordings whose text is known.
struct BenchAccuracy {
    let models: ModelDirectory

    /// A recording and what it says.
    struct Item {
        var path: String
        var text: String
    }

    /// What came out: shares of characters that are wrong, and of frames in which both hear the same unit.
    struct Figures {
        var int8: Double
        var float32: Double
        var agreement: Double
    }

    /// Reads lines of a path, a tab and a text; paths are taken from the list's own folder.
    static func list(path: String) throws -> [Item] {
        let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
        let text = try TextFile.read(path)
        var items: [Item] = []
        for (index, line) in text.split(separator: "\n").enumerated() where !line.hasPrefix("#") {
            let fields = line.split(separator: "\t", omittingEmptySubsequences: false)
            guard fields.count >= 2, !fields[1].isEmpty else {
                throw Failure("\(path):\(index + 1): expected a path, a tab and a text")
            }
            let name = String(fields[0])
            items.append(Item(path: name.hasPrefix("/") ? name : folder + name, text: String(fields[1])))
        }
        guard !items.isEmpty else { throw Failure("\(path): expected at least one recording") }
        return items
    }

    /// Hears every recording with both.
    func compare(_ items: [Item]) throws -> Figures {
        let integers = try HearRoom(models: models, precision: .int8)
        let floats = try HearRoom(models: models, precision: .float32, frontEnd: integers.frontEnd)
        var wrong = (int8: 0, float32: 0)
        var characters = 0
        var same = 0
        var frames = 0
        for item in items {
            let recording = try Recording(path: item.path)
            let (one, other) = (try integers.hear(recording), try floats.hear(recording))
            let wanted = Self.letters(item.text)
            characters += wanted.count
            wrong.int8 += Self.distance(wanted, Self.letters(integers.transcribe(one, dialect: nil).text))
            wrong.float32 += Self.distance(wanted, Self.letters(floats.transcribe(other, dialect: nil).text))
            frames += one.emissions.frameCount
            same += zip(one.emissions.bestUnits, other.emissions.bestUnits).count { $0 == $1 }
        }
        let count = Double(max(1, characters))
        return Figures(
            int8: Double(wrong.int8) / count, float32: Double(wrong.float32) / count,
            agreement: Double(same) / Double(max(1, frames)))
    }

    /// What counts of a text: letters and digits.
    static func letters(_ text: String) -> [Character] {
        text.lowercased().filter { $0.isLetter || $0.isNumber }
    }

    /// Fewest insertions, deletions and replacements from one row to the other.
    static func distance<Element: Equatable>(_ one: [Element], _ other: [Element]) -> Int {
        var row = Array(0...other.count)
        for (i, left) in one.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, right) in other.enumerated() {
                let best = min(row[j] + 1, row[j + 1] + 1, diagonal + (left == right ? 0 : 1))
                diagonal = row[j + 1]
                row[j + 1] = best
            }
        }
        return row[other.count]
    }
}
