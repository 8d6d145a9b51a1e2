import Foundation
import Testing

@testable import Think

/// A service on a Unix socket that answers each line with what `respond` gives for it, or keeps silent.
private final class FakeService: @unchecked Sendable {
    let path: String
    private let socket: Int32
    private let lock = NSLock()
    private var heard: [String] = []

    var lines: [String] { lock.withLock { heard } }

    init(_ name: String, respond: @escaping @Sendable (String) -> String?) throws {
        path = Scratch.folder + "/" + name
        unlink(path)
        socket = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var place = sockaddr_un()
        place.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &place.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
        let bound = withUnsafePointer(to: &place) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(socket, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        try #require(bound == 0 && listen(socket, 4) == 0)
        Thread.detachNewThread { [self] in
            while true {
                let client = accept(socket, nil, nil)
                guard client >= 0 else { return }
                var buffer = [UInt8](repeating: 0, count: 4096)
                let count = recv(client, &buffer, buffer.count, 0)
                let line = String(decoding: buffer[..<max(0, count)], as: UTF8.self)
                lock.withLock { heard.append(line) }
                if let answer = respond(line) {
                    let bytes = Array(answer.utf8)
                    _ = send(client, bytes, bytes.count, Int32(MSG_NOSIGNAL))
                    close(client)
                }
            }
        }
    }

    deinit { close(socket) }
}

@Suite struct SkillServiceTests {
    private let frame = Frame(intent: "weather.query", slots: [("city", .text("北京\"}")), ("day", .number(2))])

    @Test func aServiceGetsTheFrameAndAnswers() throws {
        let data = "{\"text\": \"晴，二十度\"}"
        let service = try FakeService("handle.sock") { _ in
            "{\"type\": \"info\"}\n{\"type\": \"handled\", \"data_length\": \(data.utf8.count)}\n" + data
        }
        let skill = try #require(HandleService("unix:\(service.path)"))
        #expect(try skill.answer(to: frame, text: "北京天气") == "晴，二十度")
        let event = try #require(service.lines.first)
        #expect(event.hasPrefix("{\"type\":\"intent\"") && event.hasSuffix("}\n"))
        #expect(event.contains("\"value\":\"北京\\\"}\"") && event.contains("{\"name\":\"day\",\"value\":2}"))
    }

    @Test func whatAServiceDoesWrongIsTold() throws {
        for (number, answer) in [
            "not json\n", "{\"type\":\"error\",\"data\":{\"text\":\"no network\"}}\n", "", "{\"type\":\"handled\"}\n",
        ].enumerated() {
            let service = try FakeService("wrong\(number).sock") { _ in answer }
            #expect(throws: ThinkError.self, "\(answer)") {
                try #require(HandleService("unix:\(service.path)")).answer(to: frame, text: "")
            }
        }
        let silent = try FakeService("silent.sock") { _ in nil }
        var skill = try #require(HandleService("unix:\(silent.path)"))
        skill.timeLimit = 0.3
        let time = seconds { #expect(throws: ThinkError.self) { try skill.answer(to: frame, text: "") } }
        #expect(time < 3)
        #expect(throws: ThinkError.self) {
            try #require(HandleService("unix:/nowhere/x.sock")).answer(to: frame, text: "")
        }
    }

    @Test func addressesAreReadAndChecked() throws {
        #expect(HandleService("wyoming://127.0.0.1:10500") != nil && HandleService("wyoming://[::1]:1") != nil)
        for wrong in ["wyoming://host", "wyoming://:1", "unix:", "http://x:1", "wyoming://h:99999"] {
            #expect(HandleService(wrong) == nil, "\(wrong)")
        }
        let text = """
            domain: x
            languages:
              zh:
                intents: {a.b: ["测试一下"], c.d: ["再测一次"]}
                replies: {a.b: ["好的"], c.d: ["好"]}
                phrases: {skill_failed: ["{what}，办不了"]}
            frames:
              a.b: {skill: "/bin/echo 来自程序"}
              c.d: {skill: /nowhere/skill}
            """
        let domain = try Domain.parse(text)
        #expect(domain.skill(for: "a.b") == .program(Skill(executable: "/bin/echo", arguments: ["来自程序"])))
        let done = Turn(kind: .act, frames: [Frame(intent: "a.b")], reply: "好的")
        #expect(domain.skillReply(to: done, text: "测试一下") == "来自程序")
        let failed = Turn(kind: .act, frames: [Frame(intent: "c.d")], reply: "好")
        #expect(domain.skillReply(to: failed, text: "再测一次") == "再测一次，办不了")
        #expect(domain.skillReply(to: Turn(kind: .act, frames: [Frame(intent: "other")]), text: "") == nil)
        #expect(throws: ThinkError.self) { try Domain.parse(text.replacing("/nowhere/skill", with: "skill")) }
    }
}
