import Hear
import Language
import Tensors
import Testing
import Think

@testable import Converse

/// Names of the integrator against made emissions, in which every unit sounds for one frame between blanks.
@Suite struct NameSpellingTests {
    private static let frontEnd = Result {
        try TextFrontEnd(
            directory: ModelDirectory.locate(
                String(#filePath.dropLast("/Tests/ConverseTests/NameSpellingTests.swift".count)) + "/Models"
            ).file("lexicon"))
    }

    private let frontEnd: TextFrontEnd
    private let spelling: NameSpelling

    init() throws {
        frontEnd = try Self.frontEnd.get()
        spelling = NameSpelling(
            own: [NameList(slot: "contact", names: ["客服", "张建国", "司马相如"])], common: [],
            frontEnd: frontEnd)
    }

    /// Emissions that say a text, and the frame in which each of its characters begins.
    private func saying(_ text: String) -> (emissions: Emissions, frames: [Int]) {
        let width = PhoneInventory.units.count
        var rows: [Float] = []
        var frames: [Int] = []
        func add(_ unit: Int) {
            var row = [Float](repeating: -12, count: width)
            row[unit] = -0.01
            rows += row
        }
        for character in text {
            frames.append(rows.count / width)
            for unit in frontEnd.units(of: String(character), dialect: .mandarin).first ?? [] {
                add(PhoneInventory.index(of: unit) ?? 0)
                add(0)
            }
        }
        frames.append(rows.count / width)
        return (Emissions(unitCount: width, logProbabilities: rows), frames)
    }

    /// A hit whose open slot took the characters from `first` up to `last`.
    private func hit(_ text: String, _ frames: [Int], slot first: Int, _ last: Int, written: String) -> GrammarHit {
        GrammarHit(
            text: text, score: 0, confidence: 0.9,
            wildcards: [WildcardSpan(name: "contact", text: written, frames: frames[first]..<frames[last])])
    }

    @Test func aSlotThatTookTheEndGivesItBack() throws {
        let (emissions, frames) = saying("拨打客服的电话好吗")
        let hits = [
            hit("拨打客服的电话海吗", frames, slot: 2, 8, written: "客服的电话海"),
            hit("拨打客服的电话吗", frames, slot: 2, 4, written: "客服"),
        ]
        let sentence = try #require(spelling.respell(hits, slot: "contact", heard: emissions))
        #expect(sentence.outcome.name == "客服")
        #expect(sentence.text == "拨打客服的电话好吗")
    }

    @Test func namesThatSoundAlikeAreAllTold() throws {
        let spelling = NameSpelling(
            own: [NameList(slot: "contact", names: ["张建国", "章建国"])], common: [], frontEnd: frontEnd)
        let (emissions, frames) = saying("拨打张建国的电话好吗")
        let hits = [
            hit("拨打张建国的电话海吗", frames, slot: 2, 9, written: "张建国的电话海"),
            hit("拨打张建国的电话吗", frames, slot: 2, 5, written: "张建国"),
        ]
        let sentence = try #require(spelling.respell(hits, slot: "contact", heard: emissions))
        #expect(Set([sentence.outcome.name] + sentence.outcome.alike) == ["张建国", "章建国"])
    }

    @Test func aNameThatNoListHasStaysAsItWasHeard() {
        let (emissions, frames) = saying("拨打李世民")
        let hits = [hit("拨打李世民", frames, slot: 2, 5, written: "李世民")]
        #expect(spelling.respell(hits, slot: "contact", heard: emissions) == nil)
        #expect(spelling.spell("李世民", slot: "contact", heard: emissions.slice(frames[2]..<frames[5])) == nil)
        #expect(spelling.respell(hits, slot: "song", heard: emissions) == nil)
    }

    @Test func oneUnitOfALongNameMayBeMisheard() throws {
        let (long, frames) = saying("司马强如")
        #expect(spelling.spell("司马强如", slot: "contact", heard: long.slice(0..<frames[4]))?.name == "司马相如")
        let (short, ends) = saying("开服")
        #expect(spelling.spell("开服", slot: "contact", heard: short.slice(0..<ends[2])) == nil)
    }
}
