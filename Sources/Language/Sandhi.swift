/// What happens to lexical tones in running Mandarin speech.
enum Sandhi {
    /// A word on its way to being spoken: one syllable a character, before erhua is merged.
    struct Word: Hashable {
        var text: [Character]
        var syllables: [String]

        /// The character each syllable belongs to: a merged 儿 has none of its own.
        var heads: [Character] { text.count > syllables.count ? text.filter { $0 != "儿" } : text }
    }

    /// Applies the tone changes of 一 and 不, and of the third tone, to the words between two pauses.
    ///
    /// `isWord` says whether two characters of a longer word belong together.
    static func apply(_ words: [Word], isWord: (String) -> Bool) -> [Word] {
        var result = words
        yiAndBu(&result)
        for index in result.indices { inside(&result[index], isWord: isWord) }
        for index in result.indices.dropLast().reversed() {
            guard let last = result[index].syllables.last, let next = result[index + 1].syllables.first,
                Pinyin.tone(of: last) == 3, Pinyin.tone(of: next) == 3
            else { continue }
            result[index].syllables[result[index].syllables.count - 1] = Pinyin.withTone(2, last)
        }
        return result
    }

    private static func inside(_ word: inout Word, isWord: (String) -> Bool) {
        let tones = word.syllables.map { Pinyin.tone(of: $0) ?? 5 }
        guard tones.count > 1 else { return }
        var changed = tones
        for index in tones.indices.dropLast().reversed() where tones[index] == 3 && changed[index + 1] == 3 {
            changed[index] = 2
        }
        // 展览馆 (2 + 1) is 2 2 3, 小老虎 (1 + 2) is 3 2 3: right to left gives the second.
        for index in tones.indices.dropLast(2) where tones[index...(index + 2)].allSatisfy({ $0 == 3 }) {
            if word.text.count == tones.count, isWord(String(word.text[index...(index + 1)])),
                !isWord(String(word.text[(index + 1)...(index + 2)]))
            {
                changed[index] = 2
                changed[index + 1] = 2
            }
        }
        for index in tones.indices where changed[index] != tones[index] {
            word.syllables[index] = Pinyin.withTone(changed[index], word.syllables[index])
        }
    }

    private static let numerals = Set<Character>("零一二三四五六七八九十百千万亿幺两〇点")
    private static let ordinalNext = Set<Character>("月号日楼层级班")

    private static func yiAndBu(_ words: inout [Word]) {
        let places = words.indices.flatMap { word in words[word].syllables.indices.map { (word, $0) } }
        func character(_ index: Int) -> Character? {
            guard places.indices.contains(index) else { return nil }
            let (word, place) = places[index]
            return words[word].heads.indices.contains(place) ? words[word].heads[place] : nil
        }
        func tone(_ index: Int) -> Int? {
            guard places.indices.contains(index) else { return nil }
            return Pinyin.tone(of: words[places[index].0].syllables[places[index].1])
        }
        for index in places.indices {
            let (word, place) = places[index]
            let here = character(index)
            guard here == "一" || here == "不", let own = tone(index), own != 5 else { continue }
            let next = tone(index + 1)
            let before = character(index - 1)
            let after = character(index + 1)
            if before != nil, before == after, !(before.map(numerals.contains) ?? false) {
                // 看一看, 行不行
                words[word].syllables[place] = Pinyin.withTone(5, words[word].syllables[place])
            } else if here == "不" {
                words[word].syllables[place] = next == 4 ? "bu2" : "bu4"
            } else {
                let ordinal =
                    before == "第" || before == "初" || before == "期" || before == "周" || before == "之" || before == "分"
                    || (before.map(numerals.contains) ?? false && !("百千万亿".contains(before ?? " ") && after == "个"))
                    || (after.map(numerals.contains) ?? false && !"百千万亿点".contains(after ?? " "))
                    || (after.map(ordinalNext.contains) ?? false) || after == nil
                if ordinal && !("百千零万亿".contains(before ?? " ") && "百千万".contains(after ?? " ")) {
                    words[word].syllables[place] = "yi1"
                } else {
                    let classifier = after == "个" || next == 4
                    words[word].syllables[place] = classifier ? "yi2" : next == 5 ? "yi2" : "yi4"
                }
            }
        }
    }
}
