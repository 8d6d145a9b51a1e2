import Foundation
import Testing

/// The rules of the house that a program can check: who may import whom, and how long a file may grow.
struct HouseTests {
    /// Modules each target may import: the rooms on the floors below, and the packages its door opens to.
    static let allowed: [String: Set<String>] = [
        "Tensors": ["CKernels", "COpenBLAS"],
        "Sound": ["CALSA", "CSpeexDSP"],
        "Language": [],
        "Hear": ["Tensors", "Sound", "Language"],
        "Think": ["Tensors", "Language", "CYAML"],
        "Speak": ["Tensors", "Sound", "Language"],
        "Converse": ["Hear", "Think", "Speak", "Tensors", "Sound", "Language"],
        "Wyoming": ["NIOCore", "NIOPosix", "NIOFoundationEssentialsCompat"],
        "tingd": [
            "Converse", "Wyoming", "Hear", "Think", "Speak", "Tensors", "Sound", "Language", "CSystemd",
        ],
        "ting": [
            "Converse", "Wyoming", "Hear", "Think", "Speak", "Tensors", "Sound", "Language", "ArgumentParser",
        ],
    ]
    /// Parts of the toolchain, open to all.
    ///
    /// Full Foundation is not among them: it costs 40 MB on the board.
    static let toolchain: Set<String> = ["Glibc", "Musl", "Synchronization", "FoundationEssentials", "Dispatch"]

    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    static func swiftFiles(under folder: String) throws -> [URL] {
        let top = root.appending(path: folder)
        let found = FileManager.default.enumerator(at: top, includingPropertiesForKeys: nil)
        return (found?.allObjects ?? []).compactMap { $0 as? URL }.filter { $0.pathExtension == "swift" }
    }

    static func lines(of file: URL) throws -> [Substring] {
        try String(contentsOf: file, encoding: .utf8).split(separator: "\n", omittingEmptySubsequences: false)
    }

    static func imports(of file: URL) throws -> [String] {
        try lines(of: file).compactMap { line in
            let words = line.split(separator: " ").filter {
                !["@preconcurrency", "@testable", "@_exported"].contains($0)
            }
            guard let keyword = words.firstIndex(where: { $0 == "import" }), keyword <= 1, words.count > keyword + 1
            else {
                return nil
            }
            guard keyword == 0 || ["public", "internal", "private", "fileprivate", "package"].contains(words[0]) else {
                return nil
            }
            let kinds: Set<Substring> = ["struct", "class", "enum", "protocol", "func", "typealias", "var", "let"]
            let name = kinds.contains(words[keyword + 1]) ? words[keyword + 2] : words[keyword + 1]
            return String(name.prefix { $0 != "." })
        }
    }

    @Test(arguments: allowed.keys.sorted())
    func importsStayOnTheFloorsBelow(target: String) throws {
        let may = try #require(Self.allowed[target]).union(Self.toolchain)
        let files = try Self.swiftFiles(under: "Sources/\(target)")
        #expect(!files.isEmpty, "no sources in \(target)")
        for file in files {
            for module in try Self.imports(of: file) where !may.contains(module) {
                Issue.record("\(target) may not import \(module): \(file.lastPathComponent)")
            }
        }
    }

    @Test func everyTargetHasItsRules() throws {
        let folders = try FileManager.default.contentsOfDirectory(atPath: Self.root.appending(path: "Sources").path)
        let rooms = Set(folders.filter { !$0.hasPrefix("C") || $0 == "Converse" })
        #expect(rooms == Set(Self.allowed.keys))
    }

    @Test func filesStayShort() throws {
        for folder in ["Sources", "Tests"] {
            for file in try Self.swiftFiles(under: folder) {
                let count = try Self.lines(of: file).count
                #expect(count <= 401, "\(file.lastPathComponent) has \(count) lines")
            }
        }
    }

    @Test func sourcesNeverCrashOnPurpose() throws {
        let forbidden = ["fatalError(", "try!", "as!", "preconditionFailure("]
        for file in try Self.swiftFiles(under: "Sources") {
            for (number, line) in try Self.lines(of: file).enumerated() {
                for word in forbidden where line.contains(word) {
                    Issue.record("\(file.lastPathComponent):\(number + 1) uses \(word)")
                }
            }
        }
    }
}
