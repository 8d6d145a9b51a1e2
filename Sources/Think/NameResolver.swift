/// Puts listed names in the place of what the recogniser wrote for open slots: contacts, songs, places.
public struct NameResolver: Sendable {
    private let indexes: [String: SoundIndex]
    private let syllables: @Sendable (String) -> [String]
    /// Names at most this far away are taken, 0 same … 1 nothing alike.
    public var farthest = 0.25
    /// Names at most this much farther than the nearest are choices too.
    public var margin = 0.04

    /// Indexes the names of each slot; `syllables` reads a text aloud.
    public init(names: [String: [String]], syllables: @escaping @Sendable (String) -> [String]) {
        self.syllables = syllables
        indexes = names.mapValues { SoundIndex(names: $0, syllables: syllables) }
    }

    /// The frame with listed names, and the choices for the first slot where several names sound alike.
    public func resolve(_ frame: Frame) -> (frame: Frame, slot: String?, choices: [SlotValue]) {
        var result = frame
        var open: (slot: String, choices: [SlotValue])?
        for (slot, value) in frame.slots {
            guard case .text(let words) = value, let index = indexes[slot] else { continue }
            let hits = index.search(syllables(words), limit: 5, farthest: farthest)
            guard let nearest = hits.first else { continue }
            if let exact = hits.first(where: { $0.name == words }) {
                result[slot: slot] = .text(exact.name)
                continue
            }
            result[slot: slot] = .text(nearest.name)
            let alike = hits.filter { $0.distance <= nearest.distance + margin }
            if alike.count > 1, open == nil { open = (slot, alike.map { .text($0.name) }) }
        }
        return (result, open?.slot, open?.choices ?? [])
    }
}

extension Domain {
    /// The names that the files list for open slots.
    public var names: [String: [String]] {
        var result: [String: [String]] = [:]
        for (place, source) in sources.enumerated() {
            for list in source.lists.values where !list.names.isEmpty {
                guard let number = grammars[place].listIndex[list.name] else { continue }
                for slots in slotTables[place].lists.values {
                    for (slot, lists) in slots where lists.contains(number) { result[slot] = list.names }
                }
            }
        }
        return result
    }
}
