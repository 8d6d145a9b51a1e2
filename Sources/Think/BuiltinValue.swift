extension BuiltinKind {
    /// One inner value: the slot of the type's template and the number or word it got.
    struct Part: Sendable {
        var slot: String
        var value: ContextValue

        var number: Double? {
            if case .number(let number) = value { return number }
            return nil
        }

        var word: String? {
            if case .string(let word) = value { return word }
            return nil
        }
    }

    /// Puts the inner values of one occurrence together; `nil` where they make no sense (25:00, a 40th of May).
    func value(of parts: [Part]) -> SlotValue? {
        func number(_ slot: String) -> Double? { parts.last { $0.slot == slot }?.number }
        switch self {
        case .temperature:
            return number("n").map { .measure($0 + (number("half") ?? 0), unit: "°C") }
        case .percentage:
            if let tenths = number("tenths") { return .measure(tenths * 10, unit: "%") }
            if let value = number("n") { return .measure(value, unit: "%") }
            return number("half").map { .measure($0 * 100, unit: "%") }
        case .ordinal:
            return (number("n") ?? number("word") ?? number("last")).map { .number($0) }
        case .duration:
            var seconds = (number("days") ?? 0) * 86_400 + (number("hours") ?? 0) * 3600
            seconds += (number("minutes") ?? 0) * 60 + (number("seconds") ?? 0)
            seconds += (number("halfhour") ?? 0) * 3600 + (number("quarters") ?? 0) * 900
            if let half = number("half") { seconds += half * (number("hours") != nil ? 3600 : 60) }
            return seconds > 0 ? .duration(seconds: Int(seconds)) : nil
        case .time: return time(parts, number)
        case .date: return date(number)
        }
    }

    private func time(_ parts: [Part], _ number: (String) -> Double?) -> SlotValue? {
        guard let spoken = number("hour") else { return nil }
        var hour = Int(spoken)
        var minute = Int(number("minute") ?? number("quarter").map { $0 * 15 } ?? 0)
        if let half = number("half") { minute = Int(half * 60) }
        switch parts.last(where: { $0.slot == "period" })?.word {
        case "pm" where hour < 12: hour += 12
        // One to four in the evening are the small hours: nobody means the afternoon by 晚上两点.
        case "evening" where (5...11).contains(hour): hour += 12
        case "evening" where hour == 12: hour = 0
        case "noon" where hour < 11: hour += 12
        case "night" where hour == 12: hour = 0
        case "am" where hour == 12: hour = 0
        default: break
        }
        if let before = number("before") {
            hour -= 1
            minute = 60 - Int(before)
        }
        hour = ((hour % 24) + 24) % 24
        guard (0...59).contains(minute) else { return nil }
        return .time(hour: hour, minute: minute)
    }

    private func date(_ number: (String) -> Double?) -> SlotValue? {
        if let offset = number("relative") { return .date(SpokenDate(dayOffset: Int(offset))) }
        if let weekday = number("weekday") {
            return .date(SpokenDate(weekday: Int(weekday), weekOffset: number("week").map { Int($0) }))
        }
        let month = (number("month") ?? number("monthname")).map { Int($0) }
        guard let day = number("day").map({ Int($0) }) else { return nil }
        if let month, day > [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][min(max(month, 1), 12) - 1] { return nil }
        return .date(SpokenDate(year: number("year").map { Int($0) }, month: month, day: day))
    }
}
