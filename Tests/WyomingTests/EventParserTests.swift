import Testing

@testable import Wyoming

@Suite struct EventParserTests {
    let sample = Event(
        "audio-chunk", ["rate": 16000, "width": 2, "channels": 1, "说": "你好"], payload: [1, 2, 3, 10, 0])

    @Test func anyPortionsGiveTheSameEvents() throws {
        let bytes = sample.bytes + Event("describe").bytes + sample.bytes
        for size in 1...40 {
            var parser = EventParser()
            var events: [Event] = []
            var at = 0
            while at < bytes.count {
                parser.feed(bytes[at..<min(bytes.count, at + size)])
                while let event = try parser.next() { events.append(event) }
                at += size
            }
            #expect(events == [sample, Event("describe"), sample])
            #expect(parser.isBetweenEvents)
        }
    }

    @Test func inlineAndFollowingDataAreMerged() throws {
        var parser = EventParser()
        parser.feed(
            Array(#"{"type": "x", "data": {"a": 1, "b": 2}, "data_length": 8}"#.utf8) + [10] + Array(#"{"b": 3}"#.utf8))
        #expect(try parser.next() == Event("x", ["a": 1, "b": 3]))
    }

    @Test func blankLinesAndNullsAreHarmless() throws {
        var parser = EventParser()
        parser.feed(
            Array("\r\n\n".utf8) + Array(#"{"type": "ping", "data": null, "payload_length": null}"#.utf8) + [13, 10])
        #expect(try parser.next() == Event("ping"))
        #expect(try parser.next() == nil)
    }

    @Test func badHeadersAreNamed() {
        let cases: [(String, String)] = [
            ("hello", "bad JSON at byte 0: expected a value, found 'hello'"),
            ("[]", "bad event header: expected an object, found []"),
            ("{}", "bad event header: expected a string 'type'"),
            (#"{"type": 1}"#, "bad event header: expected a string 'type'"),
            (#"{"type": "x", "data": 5}"#, "bad event header: the data of 'x' is no object"),
            (
                #"{"type": "x", "data_length": -1}"#,
                "bad event header: expected 'data_length' to be a count of bytes, found -1"
            ),
            (
                #"{"type": "x", "payload_length": 1e12}"#,
                "event too large: payload of 1000000000000 bytes or more, at most 262144 are accepted: send it in parts"
            ),
        ]
        for (line, message) in cases {
            var parser = EventParser()
            parser.feed(Array(line.utf8) + [10])
            do {
                _ = try parser.next()
                Issue.record("\(line) was accepted")
            } catch {
                #expect(error.description == message)
            }
        }
    }

    @Test func bytesThatAreNotUTF8AreRefused() {
        var parser = EventParser()
        parser.feed([0x7B, 0x22, 0xC3, 0x28, 0x22, 0x3A, 0x31, 0x7D, 0x0A])
        #expect(throws: WyomingError.notUTF8) { try parser.next() }
    }

    @Test func aLineOfTenMegabytesIsRefusedAsSoonAsItIsTooLong() {
        var parser = EventParser()
        var fed = 0
        var refused = false
        while fed < 10 << 20 && !refused {
            parser.feed([UInt8](repeating: 0x20, count: 1 << 16))
            fed += 1 << 16
            do { _ = try parser.next() } catch { refused = true }
        }
        #expect(refused)
        #expect(fed <= (1 << 20) + (1 << 16))
    }

    @Test func halfAnEventIsNoEvent() throws {
        let bytes = sample.bytes
        for cut in 1..<bytes.count {
            var parser = EventParser()
            parser.feed(bytes[..<cut])
            #expect(try parser.next() == nil)
            #expect(!parser.isBetweenEvents)
        }
    }

    @Test func audioChunksOfEveryWidthBecomeMonoSamples() throws {
        func chunk(_ width: Int, _ channels: Int, _ bytes: [UInt8]) throws -> [Float] {
            let data: JSONValue = [
                "rate": 16000, "width": .number(Double(width)), "channels": .number(Double(channels)),
            ]
            return try AudioChunk(Event("audio-chunk", data, payload: bytes)).samples
        }
        #expect(try chunk(1, 1, [192, 64]) == [0.5, -0.5])
        #expect(try chunk(2, 1, [0, 0x40, 0, 0xC0]) == [0.5, -0.5])
        #expect(try chunk(3, 1, [0, 0, 0x40, 0, 0, 0xC0]) == [0.5, -0.5])
        #expect(try chunk(4, 1, [0, 0, 0, 0x40, 0, 0, 0, 0xC0]) == [0.5, -0.5])
        #expect(try chunk(2, 2, [0, 0x40, 0, 0]) == [0.25])
        for bad in [(0, 1), (5, 1), (2, 0), (2, 33)] {
            #expect(throws: WyomingError.self) { try chunk(bad.0, bad.1, []) }
        }
        #expect(throws: WyomingError.self) { try chunk(2, 1, [1, 2, 3]) }
        let own = Event.audioChunk([0.5, -0.5, 2, .nan], sampleRate: 24000, milliseconds: 20)
        #expect(try AudioChunk(own).samples.map { ($0 * 100).rounded() } == [50, -50, 100, 0])
    }
}
