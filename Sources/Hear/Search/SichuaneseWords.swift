import Language

/// The words that Chengdu says with other units than `Sichuanese.asMandarin` makes comparable: those with a listed character
/// (去 as qie, 白 as be, 八 with the second tone), and 湖 as fu, 歌 as guo, 朋 as pong.
struct SichuaneseWords {
    private let frontEnd: TextFrontEnd
    private let irregular: Set<UInt16>
    /// By character and the units of its Mandarin syllable the units in Chengdu.
    private var readings: [Reading: [Int]] = [:]
    private var entries: [(units: [Int], word: Int32)] = []

    private struct Reading: Hashable {
        var code: UInt16
        var initial: Int
        var final: Int
    }

    private init(frontEnd: TextFrontEnd) {
        self.frontEnd = frontEnd
        irregular = frontEnd.irregularInChengdu
    }

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
            let units = Self.regular(listed(model.codes(of: number), path))
            if units != path { entries.append((units, Int32(number))) }
        }
        for child in trie.children(of: node) { collect(child, path + [trie.unit(of: child)], trie, model) }
    }

    /// The units of a word with those of its listed characters changed; as they are where they are not one syllable a
    /// character.
    private mutating func listed(_ codes: [UInt16], _ units: [Int]) -> [Int] {
        guard codes.contains(where: irregular.contains) else { return units }
        var made: [Int] = []
        var place = 0
        var start = 0
        for end in units.indices where Self.isFinal[units[end]] {
            guard place < codes.count else { return units }
            let syllable = units[start...end]
            made += irregular.contains(codes[place]) ? reading(of: codes[place], mandarin: syllable) : Array(syllable)
            (place, start) = (place + 1, end + 1)
        }
        return place == codes.count && start == units.count ? made : units
    }

    private mutating func reading(of code: UInt16, mandarin: ArraySlice<Int>) -> [Int] {
        let key = Reading(code: code, initial: mandarin.count > 1 ? mandarin.first ?? 0 : 0, final: mandarin.last ?? 0)
        if let known = readings[key] { return known }
        let own = frontEnd.chengdu(code, mandarin: Syllables.spelled(Array(mandarin)).joined())
        let units = own.flatMap(Pinyin.units)?.compactMap(PhoneInventory.index(of:)) ?? Array(mandarin)
        readings[key] = units
        return units
    }

    private static let isFinal = PhoneInventory.units.map { $0.last?.isNumber ?? false }

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
