import Testing

@testable import tingd

struct FairQueueTests {
    @Test func clientsTakeTurnsHoweverMuchOneAsks() {
        var queue = FairQueue<String>(clientLimit: 100, limit: 1000)
        for index in 0..<50 { #expect(queue.append("a\(index)", for: 1) == nil) }
        #expect(queue.append("b0", for: 2) == nil)
        #expect(queue.append("c0", for: 3) == nil)
        #expect(queue.append("b1", for: 2) == nil)
        let order = (0..<6).compactMap { _ in queue.next()?.element }
        #expect(order == ["a0", "b0", "c0", "a1", "b1", "a2"])
        #expect(queue.count == 47)
    }

    @Test func whoeverComesLateWaitsForOnePieceOfEachOther() {
        var queue = FairQueue<Int>(clientLimit: 10, limit: 1000)
        for client in 0..<20 { for piece in 0..<10 { #expect(queue.append(piece, for: client) == nil) } }
        #expect(queue.append(0, for: 99) == nil)
        var waited = 0
        while let (client, _) = queue.next(), client != 99 { waited += 1 }
        #expect(waited == 20)
    }

    @Test func workThatIsNotDoneGoesBehindTheOthers() throws {
        var queue = FairQueue<String>(clientLimit: 1, limit: 3)
        for client in 1...3 { #expect(queue.append("long \(client)", for: client) == nil) }
        let taken = queue.next()
        let first = try #require(taken)
        // Taking work up again is never refused, or half a transcript would be lost.
        queue.putBack(first.element, for: first.client)
        #expect((0..<3).compactMap { _ in queue.next()?.client } == [2, 3, 1])
        #expect(queue.next() == nil)
    }

    @Test func whatIsTooMuchIsRefusedByName() {
        var queue = FairQueue<Int>(clientLimit: 2, limit: 3)
        #expect(queue.append(0, for: 1) == nil)
        #expect(queue.append(1, for: 1) == nil)
        #expect(queue.append(2, for: 1) == .client(limit: 2))
        #expect(queue.append(0, for: 2) == nil)
        #expect(queue.append(1, for: 2) == .all(limit: 3))
        #expect(queue.append(0, for: 3) == nil, "who has nothing waiting gets a place")
        #expect(queue.append(1, for: 3) == .all(limit: 3))
        for _ in 0..<2 { _ = queue.next() }
        #expect(queue.append(1, for: 3) == nil)
    }
}
