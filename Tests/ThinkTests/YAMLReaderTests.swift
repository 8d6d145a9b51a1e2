import Testing

@testable import Think

struct YAMLReaderTests {
    private func read(_ text: String) throws -> YAMLTree { try YAMLTree.parse(text, path: "x.yaml") }

    @Test func kindsAndLines() throws {
        let tree = try read("a: 1.5\nb: [yes, 'true', true, ~, 打开]\nc:\n  d: \"2\"\n")
        #expect(tree["a"]?.number == 1.5)
        let list = try #require(tree["b"]?.elements)
        #expect(list.map(\.raw) == ["yes", "true", "true", "~", "打开"])
        #expect(list[1].bool == nil && list[2].bool == true)
        #expect(list[3].text == nil)
        #expect(tree["c"]?.entries?.first?.line == 4)
        #expect(tree["c"]?["d"]?.text == "2")
        #expect(try read("{\"a\": [1, 2]}")["a"]?.elements?.count == 2)
    }

    @Test func anchorsAreFollowed() throws {
        let tree = try read("a: &x [1, 2]\nb: *x\n")
        #expect(tree["b"]?.elements?.map(\.raw) == ["1", "2"])
    }

    @Test(arguments: [
        ("", 1, "an empty file"), ("a: [1\n", 2, "did not find expected"), ("a: 1\na: 2\n", 2, "a twice"),
        ("a: 1\n---\nb: 2\n", 3, "a second document"), ("\tb: 1\n", 1, "cannot start any token"),
    ])
    func whatIsWrongIsSaidWithItsLine(text: String, line: Int, found: String) {
        do {
            _ = try read(text)
            Issue.record("\(text) was read")
        } catch let ThinkError.malformed(path, where_, _, what) {
            #expect(path == "x.yaml" && where_ == line && what.contains(found), "\(where_): \(what)")
        } catch {
            Issue.record("\(error)")
        }
    }

    @Test func aliasesThatMultiplyAreRefused() {
        var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1...8 {
            let alias = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
            text += "a\(level): &a\(level) [\(alias)]\n"
        }
        #expect(throws: ThinkError.self) { try read(text) }
    }

    @Test func depthHasAnEnd() throws {
        let deep = String(repeating: "[", count: 500) + String(repeating: "]", count: 500)
        #expect(try read("a: \(deep)")["a"] != nil)
    }
}
