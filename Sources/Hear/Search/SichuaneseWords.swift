import Language

/// The words that Chengdu says with other units than `Sichuanese.asMandarin` makes comparable: those with a listed character
/// (去 as qie, 白 as be, 八 with the second tone), and 湖 as fu, 歌 as guo, 朋 as pong.
struct SichuaneseWords {
    private let frontEnd: TextFrontEnd
    private let irregular: Set<UInt16>
    /// By listed character (0 for all others) and the units of its Mandarin syllable the units in Chengdu.
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
            let units = inChengdu(model.codes(of: number), path)
            if units != path { entries.append((units, Int32(number))) }
        }
        for child in trie.children(of: node) { collect(child, path + [trie.unit(of: child)], trie, model) }
    }

    /// The units of a word in Chengdu; as they are where they are not one syllable a character.
    private mutating func inChengdu(_ codes: [UInt16], _ units: [Int]) -> [Int] {
        var made: [Int] = []
        var place = 0
        var start = 0
        for end in units.indices where Self.isFinal[units[end]] {
            guard place < codes.count else { return units }
            made += reading(of: codes[place], mandarin: units[start...end])
            (place, start) = (place + 1, end + 1)
        }
        return place == codes.count && start == units.count ? made : units
    }

    private mutating func reading(of code: UInt16, mandarin: ArraySlice<Int>) -> [Int] {
        let code = irregular.contains(code) ? code : 0
        let key = Reading(code: code, initial: mandarin.count > 1 ? mandarin.first ?? 0 : 0, final: mandarin.last ?? 0)
        if let known = readings[key] { return known }
        let spelled = Syllables.spelled(Array(mandarin)).joined()
        let own = frontEnd.chengdu(code, mandarin: spelled).flatMap(Pinyin.units)
        let units = own?.compactMap(PhoneInventory.index(of:)) ?? Self.regular(spelled, Array(mandarin))
        readings[key] = units
        return units
    }

    private static let isFinal = PhoneInventory.units.map { $0.last?.isNumber ?? false }

    /// A syllable by Chengdu's rules, with its Mandarin tone; as it is where `Sichuanese.asMandarin` hears it so.
    private static func regular(_ spelled: String, _ mandarin: [Int]) -> [Int] {
        guard var names = Pinyin.units(Chengdu.syllable(spelled)), let final = names.popLast(),
            let tone = spelled.last, !Sichuanese.hears(names + [final], as: mandarin)
        else { return mandarin }
        names.append(final.dropLast() + String(tone))
        let units = names.compactMap(PhoneInventory.index(of:))
        return units.count == names.count ? units : mandarin
    }
}
