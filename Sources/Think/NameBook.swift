import Synchronization

/// The names that are known for open slots, found by how they sound.
///
/// Own names are those that the integrator lists (the contacts of this telephone, the songs of this collection); common
/// ones come with a domain. An index is built when its slot is first asked for.
public final class NameBook: Sendable {
    /// A name that sounds like what was heard.
    public struct Candidate: Sendable, Hashable {
        /// The name as listed.
        public var name: String
        /// Whether the integrator listed it.
        public var isOwn: Bool
        /// 0 sounds the same, tones aside … 1 nothing alike.
        public var distance: Double
        /// Its place in its list: the more usual come first.
        public var order: Int
    }

    private struct Entry: Sendable {
        var names: [String]
        var isOwn: Bool
        var index: SoundIndex?
    }

    private let entries: Mutex<[String: [Entry]]>
    private let syllables: @Sendable (String) -> [String]
    /// The slots that have names.
    public let slots: Set<String>

    /// Names by slot; `syllables` reads a text aloud.
    public init(own: [NameList], common: [NameList], syllables: @escaping @Sendable (String) -> [String]) {
        var table: [String: [Entry]] = [:]
        for (lists, isOwn) in [(own, true), (common, false)] {
            for list in lists where !list.names.isEmpty {
                table[list.slot, default: []].append(Entry(names: list.names, isOwn: isOwn))
            }
        }
        slots = Set(table.keys)
        entries = Mutex(table)
        self.syllables = syllables
    }

    /// Builds every index now, so that no speaker waits for it.
    public func prepare() { for slot in slots { _ = candidates(for: slot, sounding: [["a"]]) } }

    /// How a text sounds.
    public func sound(of text: String) -> [String] { syllables(text) }

    /// The names of a slot that sound like one of some rows of syllables, the nearest first.
    ///
    /// - Parameters:
    ///   - limit: At most so many names.
    ///   - farthest: None farther away than this.
    public func candidates(
        for slot: String, sounding rows: [[String]], limit: Int = 8, farthest: Double = 0.4
    ) -> [Candidate] {
        entries.withLock { table in
            guard var lists = table[slot] else { return [] }
            var best: [String: Candidate] = [:]
            for place in lists.indices {
                let index = lists[place].index ?? SoundIndex(names: lists[place].names, syllables: syllables)
                if lists[place].index == nil {
                    lists[place].index = index
                    lists[place].names = []
                    table[slot] = lists
                }
                for row in rows {
                    for hit in index.search(row, limit: limit, farthest: farthest) {
                        let known = best[hit.name]
                        best[hit.name] = Candidate(
                            name: hit.name, isOwn: lists[place].isOwn || known?.isOwn == true,
                            distance: min(hit.distance, known?.distance ?? 1), order: known?.order ?? hit.index)
                    }
                }
            }
            // An own name may be a little farther away and is still looked at.
            func far(_ candidate: Candidate) -> Double { candidate.distance - (candidate.isOwn ? 0.1 : 0) }
            let ranked = best.values.sorted { (far($0), $0.order, $0.name) < (far($1), $1.order, $1.name) }
            return Array(ranked.prefix(limit))
        }
    }
}
