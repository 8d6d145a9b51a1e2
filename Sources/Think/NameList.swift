/// Names that an open slot may hold: contacts, songs, singers, places.
///
/// A file holds one name a line, UTF-8, the more usual ones first; empty lines and lines that begin with `#` are skipped.
public struct NameList: Sendable, Equatable {
    /// The slot that the names may stand in.
    public var slot: String
    /// The names, the more usual first.
    public var names: [String]

    /// Names for a slot.
    public init(slot: String, names: [String]) {
        self.slot = slot
        self.names = names
    }

    /// A list as configurations and command lines write it: `contact=/etc/tingd/contacts.txt`.
    public static func read(_ setting: String) throws(ThinkError) -> NameList {
        guard let (slot, path) = parts(of: setting) else {
            throw .malformed(path: setting, line: 0, expected: "SLOT=FILE, such as contact=names.txt", found: "no '='")
        }
        return NameList(slot: slot, names: try names(inFile: path))
    }

    /// The slot and the path of `SLOT=FILE`; nil when it is not written so.
    public static func parts(of setting: String) -> (slot: String, path: String)? {
        guard let sign = setting.firstIndex(of: "=") else { return nil }
        let path = String(setting[setting.index(after: sign)...])
        guard sign > setting.startIndex, !path.isEmpty else { return nil }
        return (String(setting[..<sign]), path)
    }

    /// The names that a file lists.
    static func names(inFile path: String) throws(ThinkError) -> [String] {
        let bytes = Array(try TextFile.read(path: path).utf8)
        return bytes.split(separator: UInt8(ascii: "\n")).compactMap { line in
            let name = String(
                decoding: line.filter { $0 != UInt8(ascii: "\r") && $0 != UInt8(ascii: "\t") }, as: UTF8.self)
            return name.isEmpty || name.hasPrefix("#") ? nil : name
        }
    }
}

extension Domain {
    /// The names that the files list for open slots, by slot.
    public var names: [NameList] {
        var result: [String: [String]] = [:]
        var taken: [String: Set<[String]>] = [:]
        for (place, source) in sources.enumerated() {
            for list in source.lists.values.sorted(by: { $0.name < $1.name }) where !list.names.isEmpty {
                guard let number = grammars[place].listIndex[list.name] else { continue }
                for slots in slotTables[place].lists.values {
                    for (slot, lists) in slots where lists.contains(number) {
                        // Two domains that name the same file say the same.
                        guard taken[slot, default: []].insert(list.names).inserted else { continue }
                        result[slot, default: []] += list.names
                    }
                }
            }
        }
        return result.keys.sorted().map { NameList(slot: $0, names: result[$0] ?? []) }
    }
}
