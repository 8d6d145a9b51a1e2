import Testing

@testable import Sound

@Suite struct RingBufferTests {
    @Test func samplesComeOutInOrderAcrossTheSeam() {
        let ring = RingBuffer(minimumCapacity: 64)
        var buffer = [Float](repeating: 0, count: 50)
        var next: Float = 0
        var expected: Float = 0
        for _ in 0..<20 {
            let block = (0..<50).map { next + Float($0) }
            #expect(ring.write(block, count: 50) == 50)
            next += 50
            #expect(ring.read(into: &buffer, count: 50) == 50)
            #expect(buffer == (0..<50).map { expected + Float($0) })
            expected += 50
        }
        #expect(ring.total == 1000)
    }

    @Test func aFullRingTakesWhatFitsAndCountsTheRest() {
        let ring = RingBuffer(minimumCapacity: 64)
        #expect(ring.write([Float](repeating: 1, count: 100), count: 100) == 64)
        #expect(ring.lost == 36)
        #expect(ring.count == 64)
        ring.discard()
        #expect(ring.count == 0)
    }

    @Test func twoThreadsPassSamplesWithoutLoss() throws {
        let ring = RingBuffer(minimumCapacity: 1024)
        let total = 200_000
        let writer = NamedThread.start(name: "writer") {
            var next = 0
            while next < total {
                let block = (next..<min(total, next + 97)).map { Float($0 % 65536) }
                var sent = 0
                while sent < block.count { sent += ring.write(Array(block[sent...]), count: block.count - sent) }
                next += block.count
            }
        }
        var buffer = [Float](repeating: 0, count: 128)
        var seen = 0
        var isOrdered = true
        while seen < total {
            let count = ring.read(into: &buffer, count: 128)
            for index in 0..<count where buffer[index] != Float((seen + index) % 65536) { isOrdered = false }
            seen += count
        }
        try #require(writer != nil)
        writer?.join()
        #expect(isOrdered)
    }
}
