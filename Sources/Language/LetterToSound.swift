/// English spelling rules for words that the dictionary lacks.
enum LetterToSound {
    private static let letters: [Character: String] = [
        "a": "EY", "b": "B IY", "c": "S IY", "d": "D IY", "e": "IY", "f": "EH F", "g": "JH IY", "h": "EY CH", "i": "AY",
        "j": "JH EY", "k": "K EY", "l": "EH L", "m": "EH M", "n": "EH N", "o": "OW", "p": "P IY", "q": "K Y UW",
        "r": "AA R", "s": "EH S", "t": "T IY", "u": "Y UW", "v": "V IY", "w": "D AH B AH L Y UW", "x": "EH K S",
        "y": "W AY", "z": "Z IY",
    ]

    /// The name of a letter as units; empty for anything else.
    static func letter(_ letter: Character) -> [String] {
        PhoneInventory.words(letters[letter] ?? "").map { "E_" + $0 }
    }

    /// Units that no dictionary gave, with stress: letters that are named bear it on the last, words on their first vowel.
    static func stressed(_ word: String, _ units: [String]) -> [String] {
        let names = word.lowercased().map { letter($0) }
        if units == names.flatMap(\.self) {
            return names.enumerated().flatMap { stressed($1, $0 == names.count - 1 ? "1" : "2") }
        }
        return stressed(units, "1")
    }

    private static func stressed(_ units: [String], _ mark: String) -> [String] {
        var units = units
        if let first = units.firstIndex(where: PhoneInventory.isEnglishVowel) { units[first] += mark }
        return units
    }

    // Spellings, tried in order at each place; "^" only at the start, "$" only at the end of the word.
    private static let rules: [(String, String)] = [
        ("^kn", "N"), ("^wr", "R"), ("^ps", "S"), ("^gn", "N"), ("^x", "Z"), ("^wh", "W"), ("^y", "Y"), ("^sch", "S K"),
        ("tion$", "SH AH N"), ("sion$", "ZH AH N"), ("tions$", "SH AH N Z"), ("ture$", "CH ER"), ("ous$", "AH S"),
        ("cious$", "SH AH S"), ("ing$", "IH NG"), ("ings$", "IH NG Z"), ("able$", "AH B AH L"), ("ible$", "AH B AH L"),
        ("ght", "T"), ("ough$", "OW"), ("augh", "AO"), ("eigh", "EY"), ("igh", "AY"), ("tch", "CH"), ("dge$", "JH"),
        ("dg", "JH"), ("sch", "S K"), ("ch", "CH"), ("sh", "SH"), ("th", "TH"), ("ph", "F"), ("ck", "K"), ("qu", "K W"),
        ("ng$", "NG"), ("nk", "NG K"), ("gh", "G"), ("wh", "W"), ("mb$", "M"), ("oo", "UW"), ("ee", "IY"), ("ea", "IY"),
        ("ai", "EY"), ("ay", "EY"), ("oa", "OW"), ("oi", "OY"), ("oy", "OY"), ("ou", "AW"), ("ow$", "OW"), ("ow", "AW"),
        ("au", "AO"), ("aw", "AO"), ("ew", "UW"), ("ie$", "IY"), ("ie", "IY"), ("ei", "IY"), ("ey$", "IY"),
        ("ue$", "UW"),
        ("eer", "IH R"), ("air", "EH R"), ("are$", "EH R"), ("ar", "AA R"), ("er", "ER"), ("ir", "ER"), ("ur", "ER"),
        ("or", "AO R"), ("bb", "B"), ("cc", "K"), ("dd", "D"), ("ff", "F"), ("gg", "G"), ("ll", "L"), ("mm", "M"),
        ("nn", "N"), ("pp", "P"), ("rr", "R"), ("ss", "S"), ("tt", "T"), ("zz", "Z"), ("ce", "S EH"), ("ci", "S IH"),
        ("cy", "S IY"), ("ge$", "JH"), ("ce$", "S"), ("es$", "Z"), ("ed$", "D"), ("le$", "AH L"), ("y$", "IY"),
        ("a$", "AH"), ("o$", "OW"), ("i$", "IY"), ("u$", "UW"), ("e$", ""), ("a", "AE"), ("b", "B"), ("c", "K"),
        ("d", "D"), ("e", "EH"), ("f", "F"), ("g", "G"), ("h", "HH"), ("i", "IH"), ("j", "JH"), ("k", "K"), ("l", "L"),
        ("m", "M"), ("n", "N"), ("o", "AA"), ("p", "P"), ("q", "K"), ("r", "R"), ("s", "S"), ("t", "T"), ("u", "AH"),
        ("v", "V"), ("w", "W"), ("x", "K S"), ("y", "IH"), ("z", "Z"),
    ]
    // A vowel before one consonant and a final e says its name (make, time, phone).
    private static let long: [Character: String] = ["a": "EY", "e": "IY", "i": "AY", "o": "OW", "u": "UW", "y": "AY"]

    /// Units of a word by spelling alone; the letters' names when that gives no vowel.
    static func units(of word: String) -> [String] {
        let text = Array(word.lowercased().filter { $0.isLetter && $0.isASCII })
        var phones: [String] = []
        var at = 0
        while at < text.count {
            if at + 3 == text.count, text[at + 2] == "e", let name = long[text[at]], long[text[at + 1]] == nil,
                !"rwx".contains(text[at + 1])
            {
                phones.append(name)
                at += 1
                continue
            }
            var length = 1
            for (pattern, sound) in rules {
                var body = Substring(pattern)
                let start = body.first == "^"
                let end = body.last == "$"
                if start { body = body.dropFirst() }
                if end { body = body.dropLast() }
                guard !start || at == 0, at + body.count <= text.count, !end || at + body.count == text.count,
                    text[at..<at + body.count].elementsEqual(body), !(end && at == 0 && body.count == text.count)
                else { continue }
                phones += PhoneInventory.words(sound)
                length = body.count
                break
            }
            at += length
        }
        let units = phones.map { "E_" + $0 }
        return units.contains(where: PhoneInventory.isEnglishVowel) ? units : text.flatMap { letter($0) }
    }
}
