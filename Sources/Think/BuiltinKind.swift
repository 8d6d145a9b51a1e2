/// The value types that Ting reads by itself; a domain file names them with `type:`.
enum BuiltinKind: String, Sendable, CaseIterable {
    case temperature, percentage, time, date, duration, ordinal

    /// The ranges that the type's template uses.
    func lists(range: RangeSource?) -> [String: ListSource] {
        let half = ListSource(
            name: "half", place: SourcePlace(path: "built-in", line: 0),
            kind: .values([ListValueSource(text: "(半|half)", output: .number(0.5), line: 0)]))
        return ownLists(range: range).merging(["half": half]) { own, _ in own }
    }

    private func ownLists(range: RangeSource?) -> [String: ListSource] {
        let place = SourcePlace(path: "built-in", line: 0)
        func numbers(_ name: String, _ from: Int, _ to: Int, _ fractions: RangeSource.Fractions? = nil) -> ListSource {
            ListSource(
                name: name, place: place, kind: .range(RangeSource(from: from, to: to, fractions: fractions)))
        }
        func words(_ name: String, _ values: [(String, ContextValue)]) -> ListSource {
            let items = values.map { ListValueSource(text: $0.0, output: $0.1, line: 0) }
            return ListSource(name: name, place: place, kind: .values(items))
        }
        switch self {
        case .temperature:
            var list = numbers("n", -30, 300, .tenths)
            if let range { list.kind = .range(range) }
            return ["n": list]
        case .percentage:
            var list = numbers("n", 0, 100)
            if let range { list.kind = .range(range) }
            return ["n": list, "tenths": numbers("tenths", 1, 10)]
        case .time:
            return [
                "hour": numbers("hour", 0, 24), "minute": numbers("minute", 0, 59),
                "period": words(
                    "period",
                    [
                        ("(早上|上午|清晨|早晨|今早|朝早)", .string("am")), ("(凌晨|半夜)", .string("night")), ("中午", .string("noon")),
                        ("(下午|傍晚|下昼)", .string("pm")), ("(晚上|夜里|今晚|夜晚|夜晚黑)", .string("evening")),
                        ("(am|a.m.|in the morning)", .string("am")),
                        ("(pm|p.m.|in the afternoon|in the evening|at night)", .string("pm")),
                    ]),
            ]
        case .date:
            let days: [(String, Double)] = [
                ("(今天|今日|今晚|today)", 0), ("(明天|明日|听日|聽日|tomorrow)", 1), ("(后天|後日|后日|the day after tomorrow)", 2),
                ("大后天", 3), ("(昨天|昨日|寻日|琴日|yesterday)", -1), ("(前天|前日)", -2),
            ]
            let names: [(String, Double)] = [
                ("(一|monday)", 1), ("(二|tuesday)", 2), ("(三|wednesday)", 3), ("(四|thursday)", 4), ("(五|friday)", 5),
                ("(六|saturday)", 6), ("(日|天|sunday)", 7),
            ]
            let months = [
                "january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
                "november", "december",
            ]
            return [
                "day": numbers("day", 1, 31), "month": numbers("month", 1, 12), "year": numbers("year", 1900, 2200),
                "relative": words("relative", days.map { ($0.0, .number($0.1)) }),
                "weekday": words("weekday", names.map { ($0.0, .number($0.1)) }),
                "monthname": words("monthname", months.enumerated().map { ($1, .number(Double($0 + 1))) }),
                "week": words(
                    "week",
                    [("(下|next )", .number(1)), ("下下", .number(2)), ("(这|本|呢|this )", .number(0)), ("上", .number(-1))]),
            ]
        case .duration:
            return [
                "hours": numbers("hours", 1, 99), "minutes": numbers("minutes", 1, 600),
                "seconds": numbers("seconds", 1, 3600), "days": numbers("days", 1, 60),
                "one": words("one", [("(an|a|one)", .number(1))]),
                "quarters": words("quarters", [("一刻", .number(1)), ("三刻", .number(3))]),
            ]
        case .ordinal:
            let english = ["first", "second", "third", "fourth", "fifth"].enumerated().map {
                ($1, ContextValue.number(Double($0 + 1)))
            }
            return [
                "n": numbers("n", 1, 99), "word": words("word", english), "last": words("last", [("最后", .number(-1))]),
            ]
        }
    }

    /// The template over those ranges.
    func template(language: String) -> String {
        let isEnglish = language.hasPrefix("en")
        switch self {
        case .temperature:
            return isEnglish ? "{n}[( degrees| degree|°)[ celsius]]" : "[摄氏]{n}[(度|摄氏度|°c|℃|°)[{half}]]"
        case .percentage:
            return isEnglish
                ? "({n}[( percent|%)]|[a ]{half})"
                : "(百分之{n}|{n}(%|个百分点|percent)|{n}|{tenths}成|[一]{half})"
        case .time:
            return isEnglish
                ? "({hour}[(:| ){minute}][ o'clock][ {period}])"
                : "([{period}][的]{hour}(点|點|点钟|點鐘|时)[(整|{half}|{minute:quarter}刻|[零|〇|过]{minute}[分])]"
                    + "|[{period}]{hour}:{minute}|[{period}]差{minute:before}分{hour}(点|點))"
        case .date:
            return isEnglish
                ? "({relative}|[{week}]{weekday}|{monthname} {day}[(st|nd|rd|th)])"
                : "({relative}|[{week}][个](周|星期|礼拜){weekday}|[{year}年]{month}月{day}[(号|日|號)]|{day}(号|號))"
        case .duration:
            return isEnglish
                ? "({hours} hour[s][ [and ]{minutes} minute[s]]|{minutes} minute[s][ [and ]{seconds} second[s]]"
                    + "|{seconds} second[s]|{half:halfhour} an hour|{one:hours} hour|{one:minutes} minute)"
                : "({hours}(小时|个小时|个钟头|个钟|個鐘|小時)[{half}][[零|又]{minutes}[分|分钟|分鐘]]"
                    + "|{hours}[个|個]{half}(小时|钟头|钟|鐘)|{half:halfhour}[个|個](小时|钟头|钟|鐘)"
                    + "|{minutes}(分钟|分|分鐘)[{half}][{seconds}秒[钟]]|{seconds}秒[钟|鐘]|{quarters}(钟|鐘)|{days}天)"
        case .ordinal:
            return isEnglish ? "([the ]{word}[ one]|number {n})" : "(第{n}[(个|個|首|条|項|项|位|家)]|{last}[一](个|個|首|条|位|家))"
        }
    }
}
