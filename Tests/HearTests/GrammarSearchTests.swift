import Foundation
import Language
import Testing

@testable import Hear

@Suite struct GrammarSearchTests {
    /// (打开|关闭)(空调|车窗|灯) and 播放{song}.
    private static func graph() -> SentenceGraph {
        var graph = SentenceGraph()
        graph.addArc(from: 0, to: 1, .text("打开"))
        graph.addArc(from: 0, to: 1, .text("关闭"))
        for thing in ["空调", "车窗", "灯"] { graph.addArc(from: 1, to: 2, .text(thing)) }
        graph.addArc(from: 0, to: 3, .text("播放"))
        graph.addArc(from: 3, to: 4, .wildcard("song"))
        graph.finals = [2, 4]
        return graph
    }

    private static func search(_ graph: SentenceGraph = graph()) throws -> GrammarSearch {
        try GrammarSearch(graph: graph, dialect: .mandarin, pronounce: Synthetic.pronounce)
    }

    @Test(arguments: ["打开空调", "关闭灯", "打开车窗", "关闭车窗"])
    func plantedSentenceIsFoundFirst(sentence: String) throws {
        let hits = try Self.search().search(Synthetic.emissions(Synthetic.units(sentence)))
        #expect(hits.first?.text == sentence)
        #expect((hits.first?.confidence ?? 0) > 0.9)
    }

    @Test func repeatedUnitNeedsABlankBetween() throws {
        // 大大: without blanks the two d a4 could not be told from one, with them they can.
        var graph = SentenceGraph()
        graph.addArc(from: 0, to: 1, .text("大大"))
        graph.addArc(from: 0, to: 1, .text("大"))
        graph.finals = [1]
        let search = try Self.search(graph)
        #expect(search.search(Synthetic.emissions(Synthetic.units("大大"))).first?.text == "大大")
        #expect(search.search(Synthetic.emissions(Synthetic.units("大"))).first?.text == "大")
    }

    @Test func otherSentencesFollowWithLessConfidence() throws {
        var graph = Self.graph()
        graph.addArc(from: 1, to: 2, .text("点"))
        let sound = Synthetic.emissions(Synthetic.units("打开灯"), certainty: 0.5)
        let hits = try Self.search(graph).search(sound, best: 3)
        #expect(hits.count > 1)
        #expect(zip(hits, hits.dropFirst()).allSatisfy { $0.score >= $1.score && $0.confidence >= $1.confidence })
        #expect(Set(hits.map(\.text)).count == hits.count)
    }

    @Test func wrongToneIsForgivenAtAPrice() throws {
        let right = try Self.search().search(Synthetic.emissions(Synthetic.units("打开空调")))
        var units = Synthetic.units("打开空调")
        units[1] = "a4"
        let wrong = try Self.search().search(Synthetic.emissions(units))
        #expect(wrong.first?.text == "打开空调")
        #expect((wrong.first?.confidence ?? 1) < (right.first?.confidence ?? 0))
        #expect((wrong.first?.confidence ?? 0) > 0.5)
    }

    @Test func soundsOfAnotherLanguageAreNoCounterEvidence() throws {
        // Every sound is surest as one of Canton, and among those of Mandarin as what was said.
        func heard(as foreign: String) -> Emissions {
            var rows = Synthetic.frame(likely: 0, certainty: 0.99)
            for name in Synthetic.units("打开空调") {
                var row = Synthetic.frame(likely: Synthetic.unit(foreign), certainty: 0.9)
                row[Synthetic.unit(name)] = Synthetic.logarithm(0.05)
                rows += row + Synthetic.frame(likely: 0, certainty: 0.99)
            }
            return Emissions(unitCount: Synthetic.unitCount, logProbabilities: rows)
        }
        let search = try Self.search()
        #expect((search.search(heard(as: "Y_ai6")).first?.confidence ?? 0) > 0.9)
        #expect((search.search(heard(as: "uai4")).first?.confidence ?? 1) < 0.1)
    }

    @Test func speechOutsideTheGrammarIsRejected() throws {
        let other = ["n", "i3", "h", "ao3", "m", "a5", "x", "ie4", "x", "ie5"]
        let hits = try Self.search().search(Synthetic.emissions(other))
        #expect((hits.first?.confidence ?? 0) < 0.1)
    }

    @Test func silenceGivesNothingConfident() throws {
        let hits = try Self.search().search(Synthetic.emissions([]))
        #expect((hits.first?.confidence ?? 0) < 0.1)
    }

    @Test func halfASentenceIsIncompleteAndAWholeOneComplete() throws {
        let search = try Self.search()
        #expect(search.hint(Synthetic.emissions(Synthetic.units("打开"))) == .incomplete)
        #expect(search.hint(Synthetic.emissions(Synthetic.units("打开灯"))) == .complete)
        #expect(search.hint(Synthetic.emissions(["n", "i3", "h", "ao3", "x", "ie4"])) == .unknown)
    }

    @Test func aSentenceThatOthersFollowIsAClause() throws {
        // 「大吧」 may end there, or be followed by what could begin a sentence as well.
        var graph = Self.graph()
        graph.addArc(from: 0, to: 5, .text("大吧"))
        graph.addArc(from: 5, to: 1, .text("打开"))
        graph.addArc(from: 5, to: 1, .text("关闭"))
        graph.finals.insert(5)
        let search = try Self.search(graph)
        #expect(search.hint(Synthetic.emissions(Synthetic.units("大吧"))) == .clause)
        #expect(search.hint(Synthetic.emissions(Synthetic.units("大吧打开"))) == .incomplete)
        #expect(search.hint(Synthetic.emissions(Synthetic.units("大吧打开灯"))) == .complete)
    }

    @Test func openSlotTakesTheRestAndSaysWhere() throws {
        let units = Synthetic.units("播放") + ["x", "iao3", "p", "ing2"]
        let hits = try Self.search().search(Synthetic.emissions(units))
        #expect(hits.first?.text == "播放xiao3 ping2")
        #expect(hits.first?.wildcards.first?.name == "song")
        let span = hits.first?.wildcards.first?.frames ?? 0..<0
        #expect(span.lowerBound == 5 + 4 * 5)
        #expect((hits.first?.confidence ?? 0) > 0.5)
    }

    @Test func smallWordsAroundACommandAreSkipped() throws {
        let hits = try Self.search().search(Synthetic.emissions(Synthetic.units("请打开灯吧")))
        #expect(hits.first?.text == "打开灯")
        #expect((hits.first?.confidence ?? 0) > 0.5)
    }

    @Test func unpronounceableFragmentIsReported() throws {
        var graph = Self.graph()
        graph.addArc(from: 1, to: 2, .text("☃"))
        #expect(try Self.search(graph).unpronounceable == ["☃"])
    }

    @Test func arcOutsideTheGraphIsAnError() {
        let graph = SentenceGraph(arcs: [[SentenceGraph.Arc(target: 7, label: .text("灯"))]], finals: [0])
        #expect(throws: HearError.self) { try Self.search(graph) }
    }

    @Test func thousandsOfTemplatesCompileWithinASecond() throws {
        let characters = Array("打开关闭空调车窗灯到播放三大点")
        var graph = SentenceGraph()
        for index in 0..<5_000 {
            var state = 0
            var rest = index
            for _ in 0..<4 {
                let next = graph.addState()
                graph.addArc(from: state, to: next, .text(String(characters[rest % characters.count])))
                rest /= characters.count
                state = next
            }
            graph.finals.insert(state)
        }
        var search: GrammarSearch?
        // Processor time, so that other work on the machine does not count.
        let start = clock()
        search = try Self.search(graph)
        let seconds = Double(clock() - start) / Double(CLOCKS_PER_SEC)
        #expect(seconds < 4, "a debug build beside other tests; release takes a tenth of it")
        #expect(search?.search(Synthetic.emissions(Synthetic.units("大大大打"))).isEmpty == false)
    }
}
