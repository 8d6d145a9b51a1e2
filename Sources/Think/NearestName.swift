/// Suggests what a misspelt name may have meant.
enum NearestName {
    /// `did you mean 'x'?` where a known name is close enough.
    static func suggestion(for name: String, among known: some Sequence<String>) -> String? {
        let wanted = Array(name.unicodeScalars)
        var best: (name: String, distance: Int)?
        for candidate in known {
            let distance = distance(wanted, Array(candidate.unicodeScalars))
            if let found = best, (found.distance, found.name) <= (distance, candidate) { continue }
            best = (candidate, distance)
        }
        guard let best, best.distance <= max(1, wanted.count / 3) else { return nil }
        return "did you mean '\(best.name)'?"
    }

    /// Levenshtein distance.
    static func distance<Element: Equatable>(_ first: [Element], _ second: [Element]) -> Int {
        if first.isEmpty || second.isEmpty { return max(first.count, second.count) }
        var row = Array(0...second.count)
        for (i, left) in first.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, right) in second.enumerated() {
                let cost = left == right ? diagonal : min(diagonal, row[j], row[j + 1]) + 1
                diagonal = row[j + 1]
                row[j + 1] = cost
            }
        }
        return row[second.count]
    }
}
