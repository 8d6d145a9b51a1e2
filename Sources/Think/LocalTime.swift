import Glibc

/// A moment as a clock on the wall shows it.
public struct LocalTime: Sendable, Hashable {
    /// The year, four digits.
    public var year: Int
    /// 1–12.
    public var month: Int
    /// 1–31.
    public var day: Int
    /// 1 Monday … 7 Sunday.
    public var weekday: Int
    /// 0–23.
    public var hour: Int
    /// 0–59.
    public var minute: Int

    /// A moment from its parts.
    public init(year: Int, month: Int, day: Int, weekday: Int, hour: Int, minute: Int) {
        self.year = year
        self.month = month
        self.day = day
        self.weekday = weekday
        self.hour = hour
        self.minute = minute
    }

    /// The system's clock in its time zone.
    public static func now() -> LocalTime {
        var seconds = time(nil)
        var parts = tm()
        localtime_r(&seconds, &parts)
        return LocalTime(parts)
    }

    private init(_ parts: tm) {
        self.init(
            year: Int(parts.tm_year) + 1900, month: Int(parts.tm_mon) + 1, day: Int(parts.tm_mday),
            weekday: parts.tm_wday == 0 ? 7 : Int(parts.tm_wday), hour: Int(parts.tm_hour), minute: Int(parts.tm_min))
    }

    /// The same time some days later or earlier.
    public func adding(days: Int) -> LocalTime {
        var parts = tm()
        parts.tm_year = Int32(year - 1900)
        parts.tm_mon = Int32(month - 1)
        parts.tm_mday = Int32(day + days)
        parts.tm_hour = Int32(hour)
        parts.tm_min = Int32(minute)
        // Through UTC, where no day has 23 hours.
        var seconds = timegm(&parts)
        var result = tm()
        gmtime_r(&seconds, &result)
        return LocalTime(result)
    }

    /// The day that a spoken date means, seen from this one.
    public func resolve(_ date: SpokenDate) -> LocalTime {
        if let offset = date.dayOffset { return adding(days: offset) }
        if let wanted = date.weekday {
            let monday = 1 - weekday
            return adding(days: monday + wanted - 1 + 7 * (date.weekOffset ?? (wanted < weekday ? 1 : 0)))
        }
        var result = self
        if let year = date.year { result.year = year }
        if let month = date.month { result.month = month }
        if let day = date.day { result.day = day }
        return result.adding(days: 0)
    }
}
