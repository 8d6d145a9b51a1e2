import Language
import Testing

@testable import Think

/// A small domain that uses every part of the syntax.
let smallDomain = """
    domain: small
    languages:
      zh:
        skip_words: [请, 帮我]
        lists:
          temperature: {type: temperature, range: {from: 16, to: 32, fractions: halves}}
          percent: {type: percentage}
          when: {type: time}
          day: {type: date}
          length: {type: duration}
          position:
            values:
              - {in: (主驾|驾驶位), out: driver}
              - {in: "副驾[驶]", out: passenger}
              - {in: 左后, out: rear_left}
          song: {wildcard: true}
          singer: {wildcard: true}
        expansion_rules:
          open: (打开|开一下|开)
        intents:
          window.open:
            - <open>[{position}][的]车窗
            - 把{position}[的]车窗(打开|开到{percent})
          climate.set_temperature:
            data:
              - sentences: ["[把]空调(开到|调到){temperature}", "温度(;调到{temperature})"]
          media.play:
            - 播放{singer}的{song}
            - 播放{song}
          alarm.set:
            - "[{day}]{when}(叫我|提醒我)"
          timer.set:
            - (定时|倒计时){length}
      en:
        lists:
          temperature: {type: temperature, range: {from: 16, to: 32}}
        intents:
          climate.set_temperature:
            - set [the] temperature to {temperature}
    """

private func best(_ text: String, in domain: Domain) -> String? { domain.match(text).first?.json }

@Test func spokenAndWrittenNumbersFillTheSameSlot() throws {
    let domain = try Domain.parse(smallDomain)
    let wanted = #"{"intent":"climate.set_temperature","slots":{"temperature":24}}"#
    for text in ["空调开到二十四度", "空调调到24度", "请把空调调到 24 度。", "帮我把空调开到二十四", "Set the temperature to twenty-four degrees"] {
        #expect(best(text, in: domain) == wanted, "\(text)")
    }
    #expect(best("空调开到二十四度半", in: domain)?.contains("24.5") == true)
    #expect(best("空调开到四十度", in: domain) == nil)
}

@Test func typedValuesAreReadAsPeopleSayThem() throws {
    let domain = try Domain.parse(smallDomain)
    let cases = [
        ("打开主驾车窗", #"{"intent":"window.open","slots":{"position":"driver"}}"#),
        ("把左后的车窗开到百分之五十", #"{"intent":"window.open","slots":{"position":"rear_left","percent":50}}"#),
        ("把左后车窗开到一半", #"{"intent":"window.open","slots":{"position":"rear_left","percent":50}}"#),
        ("把副驾驶车窗开到三成", #"{"intent":"window.open","slots":{"position":"passenger","percent":30}}"#),
        ("明天早上七点半叫我", #"{"intent":"alarm.set","slots":{"day":"tomorrow","when":"07:30"}}"#),
        ("下午三点一刻提醒我", #"{"intent":"alarm.set","slots":{"when":"15:15"}}"#),
        ("下周三晚上八点零五分叫我", #"{"intent":"alarm.set","slots":{"day":"+1w-wed","when":"20:05"}}"#),
        ("五月一号中午十二点叫我", #"{"intent":"alarm.set","slots":{"day":"--05-01","when":"12:00"}}"#),
        ("定时一个半小时", #"{"intent":"timer.set","slots":{"length":5400}}"#),
        ("倒计时两分三十秒", #"{"intent":"timer.set","slots":{"length":150}}"#),
        ("播放周杰伦的稻香", #"{"intent":"media.play","slots":{"singer":"周杰伦","song":"稻香"}}"#),
        ("播放Hey Jude", #"{"intent":"media.play","slots":{"song":"Hey Jude"}}"#),
    ]
    for (text, wanted) in cases {
        // Two wildcards lose against one, as in hassil; the domain names the finer reading first.
        let found = domain.match(text).map(\.json)
        #expect(found.contains(wanted), "\(text): \(found)")
    }
}

@Test func theGraphAcceptsWhatTheMatcherAccepts() throws {
    let domain = try Domain.parse(smallDomain)
    let graph = domain.graph
    #expect(accepts(graph, ["空调", "开到", "二", "十", "四", "度"]))
    #expect(accepts(graph, ["请", "帮我", "打开", "主驾", "车窗"]))
    #expect(!accepts(graph, ["打开", "主驾"]))
    #expect(graph.arcs.flatMap { $0 }.contains { $0.label == .wildcard("song") })
}

/// Whether a graph reads a text that is the given fragments joined.
func accepts(_ graph: SentenceGraph, _ fragments: [String]) -> Bool {
    let text = fragments.joined()
    var states: Set<Pair> = [Pair(state: 0, rest: text[...])]
    var queue = Array(states)
    while let pair = queue.popLast() {
        if pair.rest.isEmpty, graph.finals.contains(pair.state) { return true }
        for arc in graph.arcs[pair.state] {
            var rest = pair.rest
            switch arc.label {
            case .epsilon: break
            case .text(let fragment):
                guard rest.hasPrefix(fragment) else { continue }
                rest = rest.dropFirst(fragment.count)
            case .wildcard: continue
            }
            let next = Pair(state: arc.target, rest: rest)
            if states.insert(next).inserted { queue.append(next) }
        }
    }
    return false
}

private struct Pair: Hashable {
    var state: Int
    var rest: Substring
}
