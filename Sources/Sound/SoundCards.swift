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
        /// The processes that hold it open, by subdevice; none where it is free.
        public let owners: [Owner]
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
                let folder = "\(proc)/asound/card\(card)/pcm\(device)\(letter)"
                return Stream(
                    name: "hw:\(card),\(device)", description: "\(cards[card] ?? "card \(card)"), \(fields[1])",
                    isCapture: word == "capture", owners: Self.owners(folder, proc: proc))
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

    private static func owners(_ folder: String, proc: String) -> [Owner] {
        var found: [Owner] = []
        var subdevice = 0
        while let status = smallFile("\(folder)/sub\(subdevice)/status") {
            subdevice += 1
            guard let thread = number(status, after: "owner_pid") else { continue }
            // The kernel notes the thread that opened the device; a person can end only the process around it.
            let process = smallFile("\(proc)/\(thread)/status").flatMap { number($0, after: "Tgid") } ?? thread
            let name = smallFile("\(proc)/\(process)/comm")?.split(separator: "\n").first.map(String.init)
            let owner = Owner(process: process, name: name ?? "a process of another user")
            if !found.contains(owner) { found.append(owner) }
        }
        return found
    }

    private static func number(_ text: String, after key: String) -> Int? {
        let line = text.split(separator: "\n").first { $0.hasPrefix(key) }
        return line?.split(whereSeparator: { ": \t".contains($0) }).last.flatMap { Int($0) }
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
