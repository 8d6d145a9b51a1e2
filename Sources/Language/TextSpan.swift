/// Text cut into runs of one kind.
enum TextSpan: Hashable {
    case han(String)
    case latin(String)
    case pause(Pause)

    static func isHan(_ character: Character) -> Bool {
        guard let scalar = character.unicodeScalars.first else { return false }
        return switch scalar.value {
        case 0x4E00...0x9FFF, 0x3400...0x4DBF, 0x3007, 0x20000...0x2FFFF, 0xF900...0xFAFF: true
        default: false
        }
    }

    static func isLatin(_ character: Character) -> Bool { character.isASCII && character.isLetter }

    static func pause(of character: Character) -> Pause? {
        switch character {
        case "。", ".", "；", ";", "…", "\n", "\r\n", "｡": .major
        case "？", "?": .question
        case "！", "!": .exclaim
        case "，", ",", "、", "：", ":", "（", "）", "(", ")", "—", "–", "《", "》", "〈", "〉", "【", "】", "[", "]", "·", "|":
            .minor
        default: nil
        }
    }

    /// Cuts normalised text; neighbouring pauses become the strongest of them, everything else is dropped.
    static func split(_ text: String) -> [TextSpan] {
        var spans: [TextSpan] = []
        var run = ""
        var inHan = false
        func close() {
            guard !run.isEmpty else { return }
            spans.append(inHan ? .han(run) : .latin(run))
            run = ""
        }
        let characters = Array(text)
        for (index, character) in characters.enumerated() {
            let next = index + 1 < characters.count ? characters[index + 1] : " "
            if isHan(character) {
                if !inHan { close() }
                inHan = true
                run.append(character)
            } else if isLatin(character) || (!inHan && !run.isEmpty && "'’".contains(character) && isLatin(next)) {
                if inHan { close() }
                inHan = false
                run.append(character == "’" ? "'" : character)
            } else {
                close()
                // A full stop inside letters ("a.m.") is no pause, brackets and dots around nothing neither.
                guard var pause = pause(of: character), !spans.isEmpty else { continue }
                if character == "." || character == "·", isLatin(next) || character == "·" { continue }
                if case .pause(let before) = spans[spans.count - 1] {
                    pause = max(pause, before)
                    spans.removeLast()
                }
                spans.append(.pause(pause))
            }
        }
        close()
        return spans
    }
}
