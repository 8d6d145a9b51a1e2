/// What the kernel knows of sound cards, read from /proc/asound.
public struct SoundCards: Sendable, Equatable {
    /// One capture or playback device of a card.
    public struct Stream: Sendable, Equatable {
        /// As ALSA names it: `hw:1,0`.
        public let name: String
        /// The card's and the device's own words.
        public let description: String
        /// Whether it records; otherwise it plays.
        public let isCapture: Bool
        /// The process that holds it open; nil when nobody does.
        public let owner: Owner?
    }

    /// A process.
    public struct Owner: Sendable, Equatable {
        /// Its number.
        public let process: Int
        /// Its name, as `ps` shows it.
        public let name: String
    }

    /// All devices of all cards.
    public let streams: [Stream]

    /// Reads what is there now; without a sound driver there is nothing.
    /// - Parameter root: the folder above `proc`, for tests.
    public init(root: String = "") {
        let proc = root + "/proc"
        let cards = Self.cards(smallFile(proc + "/asound/cards") ?? "")
        streams = (smallFile(proc + "/asound/pcm") ?? "").split(separator: "\n").flatMap { line -> [Stream] in
            // 00-01: name : name : playback 1 : capture 1
            let fields = line.split(separator: ":").map { $0.trimmingSpaces() }
            let numbers = fields.first?.split(separator: "-").compactMap { Int($0) } ?? []
            guard numbers.count == 2, fields.count > 2 else { return [] }
            let (card, device) = (numbers[0], numbers[1])
            return [("capture", "c"), ("playback", "p")].compactMap { word, letter in
                guard fields.contains(where: { $0.hasPrefix(word) }) else { return nil }
                let status = smallFile("\(proc)/asound/card\(card)/pcm\(device)\(letter)/sub0/status") ?? ""
                return Stream(
                    name: "hw:\(card),\(device)", description: "\(cards[card] ?? "card \(card)"), \(fields[1])",
                    isCapture: word == "capture", owner: Self.owner(status, proc: proc))
            }
        }
    }

    private static func cards(_ text: String) -> [Int: String] {
        var found: [Int: String] = [:]
        for line in text.split(separator: "\n") {
            //  0 [PCH            ]: HDA-Intel - HDA Intel PCH
            guard let bracket = line.firstIndex(of: "["), let number = Int(line[..<bracket].trimmingSpaces()),
                let dash = line.range(of: " - ")
            else { continue }
            found[number] = line[dash.upperBound...].trimmingSpaces()
        }
        return found
    }

    private static func owner(_ status: String, proc: String) -> Owner? {
        for line in status.split(separator: "\n") where line.hasPrefix("owner_pid") {
            guard let process = line.split(separator: ":").last.flatMap({ Int($0.trimmingSpaces()) }) else { continue }
            let name = smallFile("\(proc)/\(process)/comm")?.split(separator: "\n").first.map(String.init)
            return Owner(process: process, name: name ?? "a process of another user")
        }
        return nil
    }
}

extension Substring {
    fileprivate func trimmingSpaces() -> String {
        let rest = drop { $0 == " " }
        return String(rest.prefix(upTo: rest.lastIndex { $0 != " " }.map { rest.index(after: $0) } ?? rest.startIndex))
    }

    /// The first place of a short text.
    fileprivate func range(of text: String) -> Range<Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(text) { return start..<index(start, offsetBy: text.count) }
            start = index(after: start)
        }
        return nil
    }
}
