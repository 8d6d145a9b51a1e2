/// A typed value that someone said for a slot.
public enum SlotValue: Sendable, Hashable {
    /// Open text: a song, a singer, a destination, a contact.
    case text(String)
    /// A plain number: a floor, a channel, the second one.
    case number(Double)
    /// A number with its unit: `°C`, `%`, `bar`.
    case measure(Double, unit: String)
    /// A time of day, 0–23 and 0–59.
    case time(hour: Int, minute: Int)
    /// A day, as far as it was said.
    case date(SpokenDate)
    /// A span of time.
    case duration(seconds: Int)
    /// One of a list that the domain names, as its identifier: `rear_left`.
    case option(String)

    /// The number in the value, where it has one: plain, measured, or seconds.
    public var numericValue: Double? {
        switch self {
        case .number(let value), .measure(let value, _): value
        case .duration(let seconds): Double(seconds)
        default: nil
        }
    }

    /// The text or identifier in the value, where it has one.
    public var textValue: String? {
        switch self {
        case .text(let text), .option(let text): text
        default: nil
        }
    }

    /// The same kind of value with another number, `nil` where the value has no number.
    public func replacingNumber(with number: Double) -> SlotValue? {
        switch self {
        case .number: .number(number)
        case .measure(_, let unit): .measure(number, unit: unit)
        case .duration: .duration(seconds: Int(number.rounded()))
        default: nil
        }
    }

    /// The value as a JSON fragment: numbers bare (a duration in seconds), everything else a string (`"07:30"`).
    public var jsonValue: String {
        switch self {
        case .number(let value), .measure(let value, _): JSONText.number(value)
        case .duration(let seconds): String(seconds)
        case .text(let text), .option(let text): JSONText.quote(text)
        case .time(let hour, let minute): JSONText.quote("\(JSONText.padded(hour)):\(JSONText.padded(minute))")
        case .date(let date): JSONText.quote(date.description)
        }
    }
}

/// A day as people say it; only what was said is set.
public struct SpokenDate: Sendable, Hashable, CustomStringConvertible {
    /// Days from today: 0 today, 1 tomorrow, −1 yesterday.
    public var dayOffset: Int?
    /// 1 Monday … 7 Sunday.
    public var weekday: Int?
    /// Weeks from this one, with `weekday`: 1 for 下周三.
    public var weekOffset: Int?
    /// The four-digit year.
    public var year: Int?
    /// 1–12.
    public var month: Int?
    /// 1–31.
    public var day: Int?

    /// Makes a date from the parts that were said.
    public init(
        dayOffset: Int? = nil, weekday: Int? = nil, weekOffset: Int? = nil,
        year: Int? = nil, month: Int? = nil, day: Int? = nil
    ) {
        self.dayOffset = dayOffset
        self.weekday = weekday
        self.weekOffset = weekOffset
        self.year = year
        self.month = month
        self.day = day
    }

    /// ISO-like text: `2026-05-01`, `--05-01`, `---15`, `today`, `+2d`, `wed`, `+1w-wed`.
    public var description: String {
        if let dayOffset {
            switch dayOffset {
            case 0: return "today"
            case 1: return "tomorrow"
            case -1: return "yesterday"
            default: return "\(dayOffset > 0 ? "+" : "")\(dayOffset)d"
            }
        }
        if let weekday, (1...7).contains(weekday) {
            let name = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"][weekday - 1]
            guard let weekOffset, weekOffset != 0 else { return name }
            return "\(weekOffset > 0 ? "+" : "")\(weekOffset)w-\(name)"
        }
        if let day, year == nil, month == nil { return "---\(JSONText.padded(day))" }
        let yearText = year.map(String.init) ?? "-"
        let monthText = month.map(JSONText.padded) ?? "-"
        return day.map { "\(yearText)-\(monthText)-\(JSONText.padded($0))" } ?? "\(yearText)-\(monthText)"
    }
}

/// The little JSON writing that values need.
public enum JSONText {
    /// A JSON number: an integer where the value is whole; `null` where it is not finite.
    public static func number(_ value: Double) -> String {
        guard value.isFinite else { return "null" }
        if value == value.rounded(), value.magnitude < 1e15 { return String(Int(value)) }
        return String(value)
    }

    /// A JSON string with quotes and escapes.
    public static func quote(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            default:
                if scalar.value < 0x20 {
                    let digits = String(scalar.value, radix: 16)
                    result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
                } else {
                    result.unicodeScalars.append(scalar)
                }
            }
        }
        return result + "\""
    }

    /// A JSON object of slots, in the given order.
    public static func object(_ slots: [(name: String, value: SlotValue)]) -> String {
        "{" + slots.map { "\(quote($0.name)):\($0.value.jsonValue)" }.joined(separator: ",") + "}"
    }

    /// Two digits.
    public static func padded(_ value: Int) -> String { (0...9).contains(value) ? "0\(value)" : String(value) }
}
