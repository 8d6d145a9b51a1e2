/// Names that an open slot may hold, found by how they sound: contacts, songs, places.
///
/// Names are kept as toneless syllables; a query's syllables count their near ones too (zh and z, n and l, an and
/// ang), and what shares enough of them is ranked by an edit distance over syllables. 100,000 names of four
/// syllables take about 5 MB.
public struct SoundIndex: Sendable {
    /// A name that sounds like the query.
    public struct Hit: Sendable, Hashable {
        /// The name as listed.
        public var name: String
        /// Its place in the list.
        public var index: Int
        /// 0 sounds the same … 1 nothing alike.
        public var distance: Double
    }

    private var soundNumbers: [String: UInt16] = [:]
    private var sounds: [SyllableSound] = []
    private var codes: [UInt16] = []
    private var starts: [UInt32] = [0]
    private var letters: [UInt8] = []
    private var letterStarts: [UInt32] = [0]
    private var postings: [UInt32] = []
    private var postingStarts: [UInt32] = []

    /// How many names there are.
    public var count: Int { starts.count - 1 }

    /// Bytes held, without the small tables.
    public var byteCount: Int {
        codes.count * 2 + (starts.count + letterStarts.count + postings.count + postingStarts.count) * 4 + letters.count
    }

    /// Indexes names, which `syllables` reads aloud.
    ///
    /// Tones are ignored; a name without a reading is never found.
    public init(names: some Sequence<String>, syllables: (String) -> [String]) {
        for name in names {
            for syllable in syllables(name).prefix(24) { codes.append(number(of: syllable)) }
            starts.append(UInt32(codes.count))
            letters += Array(name.utf8)
            letterStarts.append(UInt32(letters.count))
        }
        fillPostings()
    }

    private mutating func number(of syllable: String) -> UInt16 {
        let plain = SyllableSound.plain(syllable)
        if let known = soundNumbers[plain] { return known }
        guard sounds.count < Int(UInt16.max) else { return UInt16.max - 1 }
        soundNumbers[plain] = UInt16(sounds.count)
        sounds.append(SyllableSound(plain))
        return UInt16(sounds.count - 1)
    }

    /// Counting sort of (syllable, name) pairs.
    private mutating func fillPostings() {
        var counts = [UInt32](repeating: 0, count: sounds.count + 1)
        for code in codes { counts[Int(code) + 1] += 1 }
        for index in 1..<max(1, counts.count) { counts[index] += counts[index - 1] }
        postingStarts = counts
        postings = [UInt32](repeating: 0, count: codes.count)
        for name in 0..<count {
            for place in Int(starts[name])..<Int(starts[name + 1]) {
                let code = Int(codes[place])
                postings[Int(counts[code])] = UInt32(name)
                counts[code] += 1
            }
        }
    }

    /// The name at a place.
    public func name(at index: Int) -> String {
        guard index >= 0, index < count else { return "" }
        return String(decoding: letters[Int(letterStarts[index])..<Int(letterStarts[index + 1])], as: UTF8.self)
    }

    /// The names that sound nearest to some syllables, nearest first; none farther than `farthest`.
    public func search(_ syllables: [String], limit: Int = 5, farthest: Double = 0.45) -> [Hit] {
        let query = syllables.prefix(24).map { SyllableSound(SyllableSound.plain($0)) }
        guard !query.isEmpty, count > 0, limit > 0 else { return [] }
        var shared = [UInt8](repeating: 0, count: count)
        var touched: [UInt32] = []
        let costs = query.map { wanted in sounds.map { Float(wanted.cost(to: $0)) } }
        for row in costs {
            for (number, cost) in row.enumerated() where cost <= SyllableSound.nearCost {
                for place in Int(postingStarts[number])..<Int(postingStarts[number + 1]) {
                    let name = Int(postings[place])
                    if shared[name] == 0 { touched.append(postings[place]) }
                    if shared[name] < 255 { shared[name] += 1 }
                }
            }
        }
        let needed = max(1, (query.count + 1) / 2)
        var hits: [Hit] = []
        var worst = farthest
        for number in touched where Int(shared[Int(number)]) >= needed {
            let name = Int(number)
            let range = Int(starts[name])..<Int(starts[name + 1])
            let longest = Double(max(range.count, query.count))
            guard Double(abs(range.count - query.count)) / longest <= worst else { continue }
            let distance = self.distance(costs, codes[range], bound: worst * longest) / longest
            guard distance <= worst else { continue }
            hits.append(Hit(name: "", index: name, distance: distance))
            if hits.count > limit * 8 {
                hits = Array(hits.sorted { ($0.distance, $0.index) < ($1.distance, $1.index) }.prefix(limit))
                worst = hits.last?.distance ?? worst
            }
        }
        return hits.sorted { ($0.distance, $0.index) < ($1.distance, $1.index) }.prefix(limit).map {
            Hit(name: name(at: $0.index), index: $0.index, distance: $0.distance)
        }
    }

    /// Edit distance; leaving a syllable out or adding one costs 1.
    private func distance(_ costs: [[Float]], _ name: ArraySlice<UInt16>, bound: Double) -> Double {
        var row = (0...name.count).map(Float.init)
        for (i, cost) in costs.enumerated() {
            var diagonal = row[0]
            row[0] = Float(i + 1)
            var least = row[0]
            for (j, code) in name.enumerated() {
                let best = min(diagonal + cost[Int(code)], row[j] + 1, row[j + 1] + 1)
                diagonal = row[j + 1]
                row[j + 1] = best
                least = min(least, best)
            }
            if Double(least) > bound { return .infinity }
        }
        return Double(row[name.count])
    }
}

/// A toneless syllable cut into initial and final, or a whole foreign word.
struct SyllableSound: Sendable, Hashable {
    /// Syllables at most this far apart count as shared.
    static let nearCost: Float = 0.35

    var initial: String
    var final: String

    /// Lower case without tone digits.
    static func plain(_ syllable: String) -> String {
        var scalars = String.UnicodeScalarView()
        scalars.append(contentsOf: syllable.unicodeScalars.map(Scalars.fold).filter { !Scalars.isDigit($0.value) })
        return String(scalars)
    }

    init(_ plain: String) {
        let initials = [
            "zh", "ch", "sh", "ng", "gw", "kw", "b", "p", "m", "f", "d", "t", "n", "l", "g", "k", "h", "j", "q", "x",
            "r",
            "z", "c", "s", "y", "w",
        ]
        initial = initials.first { plain.hasPrefix($0) && $0.count < plain.count } ?? ""
        final = String(plain.dropFirst(initial.count))
    }

    /// 0 for the same, 0.25 for each half that is often confused, 0.5 for each half that differs.
    func cost(to other: SyllableSound) -> Double {
        Self.half(initial, other.initial, Self.nearInitials) + Self.half(final, other.final, Self.nearFinals)
    }

    private static func half(_ first: String, _ second: String, _ near: Set<[String]>) -> Double {
        if first == second { return 0 }
        return near.contains([first, second]) || near.contains([second, first]) ? 0.15 : 0.5
    }

    private static let nearInitials: Set<[String]> = [
        ["zh", "z"], ["ch", "c"], ["sh", "s"], ["n", "l"], ["f", "h"], ["r", "l"], ["r", "y"], ["zh", "j"],
        ["ch", "q"],
        ["sh", "x"], ["z", "j"], ["c", "q"], ["s", "x"], ["ng", ""], ["gw", "g"], ["kw", "k"], ["b", "p"], ["d", "t"],
        ["g", "k"], ["w", "h"],
    ]
    private static let nearFinals: Set<[String]> = [
        ["an", "ang"], ["en", "eng"], ["in", "ing"], ["ian", "iang"], ["uan", "uang"], ["un", "ong"], ["eng", "ong"],
        ["ian", "ie"], ["uo", "o"], ["e", "uo"], ["v", "u"], ["ve", "ue"], ["ian", "iai"], ["en", "un"], ["ei", "ui"],
        ["ai", "ei"], ["ao", "ou"],
    ]
}
