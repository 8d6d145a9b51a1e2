import Language

/// The words that Chengdu says with other units than `Sichuanese.asMandarin` makes comparable: those with a listed character
/// (去 as qie, 白 as be, 八 with the second tone), and 湖 as fu, 歌 as guo, 朋 as pong.
struct SichuaneseWords {
    private let frontEnd: TextFrontEnd
    private var syllables: [String: [Int]] = [:]
    private var entries: [(units: [Int], word: Int32)] = []

    private init(frontEnd: TextFrontEnd) { self.frontEnd = frontEnd }

    /// Those words of a language model, with their units in Chengdu and Chengdu's own tones.
    static func entries(
        trie: LexiconTrie, model: LanguageModel, frontEnd: TextFrontEnd
    ) -> [(units: [Int], word: Int32)] {
        var words = SichuaneseWords(frontEnd: frontEnd)
        words.collect(LexiconTrie.root, [], trie, model)
        return words.entries
    }

    private mutating func collect(_ node: Int, _ path: [Int], _ trie: LexiconTrie, _ model: LanguageModel) {
        for number in trie.words(at: node) {
            let listed = frontEnd.chengdu(model.codes(of: number), mandarin: { Syllables.spelled(path) })
            let units = Self.regular(listed.map { $0.flatMap { self.units(of: $0) } } ?? path)
            if units != path { entries.append((units, Int32(number))) }
        }
        for child in trie.children(of: node) { collect(child, path + [trie.unit(of: child)], trie, model) }
    }

    private mutating func units(of syllable: String) -> [Int] {
        if let known = syllables[syllable] { return known }
        let units = (Pinyin.units(syllable) ?? []).compactMap(PhoneInventory.index(of:))
        syllables[syllable] = units
        return units
    }

    // ------------------------------------------------------------------------------------------ regular sounds

    private static let velars = Set(["g", "k", "h"].compactMap(PhoneInventory.index(of:)))
    private static let labials = Set(["b", "p", "m", "f"].compactMap(PhoneInventory.index(of:)))
    private static let rounded = changed("e", to: "uo")
    private static let afterLabials = changed("eng", to: "ong")
    private static let plainU = Set(changed("u", to: "u").keys)
    private static let (h, f) = (PhoneInventory.index(of: "h"), PhoneInventory.index(of: "f"))

    private static func changed(_ final: String, to other: String) -> [Int: Int] {
        let pairs = (1...5).compactMap { tone -> (Int, Int)? in
            guard let from = PhoneInventory.index(of: "\(final)\(tone)"),
                let to = PhoneInventory.index(of: "\(other)\(tone)")
            else { return nil }
            return (from, to)
        }
        return Dictionary(uniqueKeysWithValues: pairs)
    }

    /// What Chengdu makes of an initial with its final, where both together decide.
    private static func regular(_ units: [Int]) -> [Int] {
        var made = units
        for place in units.indices.dropFirst() {
            let initial = units[place - 1]
            if velars.contains(initial), let final = rounded[units[place]] { made[place] = final }
            if labials.contains(initial), let final = afterLabials[units[place]] { made[place] = final }
            if initial == h, let f, plainU.contains(units[place]) { made[place - 1] = f }
        }
        return made
    }
}
