import Glibc
import Testing

@testable import Think

/// Paths of the checkout.
enum Checkout {
    static let root: String = {
        let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
        return parts.dropLast(3).joined(separator: "/")
    }()

    static func fixture(_ name: String) -> String { "\(root)/Tests/Fixtures/Think/\(name)" }
    static func domain(_ name: String) -> String { "\(root)/Models/domains/\(name).yaml" }

    static func lines(_ name: String) throws -> [String] {
        try TextFile.read(path: fixture(name)).split(separator: "\n").map(String.init)
    }
}

/// Files that a test makes.
enum Scratch {
    static let folder: String = {
        let path = "/tmp/ting-think-tests-\(getpid())"
        mkdir(path, 0o700)
        return path
    }()

    /// Writes a file and answers its path.
    static func file(_ name: String, _ text: String) throws -> String {
        let path = "\(folder)/\(name)"
        let file = try #require(fopen(path, "w"))
        defer { fclose(file) }
        let bytes = Array(text.utf8)
        #expect(fwrite(bytes, 1, bytes.count, file) == bytes.count)
        return path
    }
}

/// The shipped domains, loaded once.
enum Shipped {
    static let car = Result { try Domain.load(path: Checkout.domain("car")) }
    static let home = Result { try Domain.load(path: Checkout.domain("home")) }
}

/// Random numbers that are the same in every run.
struct SeededRandom: RandomNumberGenerator {
    var state: UInt64

    init(_ seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }
}

/// Seconds that a piece of work takes on the wall.
func seconds(_ work: () throws -> Void) rethrows -> Double {
    let clock = ContinuousClock()
    let start = clock.now
    try work()
    return (clock.now - start) / .seconds(1)
}

/// Processor seconds that a piece of work takes on this thread, whatever else the machine does.
func processorSeconds(_ work: () throws -> Void) rethrows -> Double {
    func now() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }
    let start = now()
    try work()
    return now() - start
}

/// What a reader of text alone understands: the domain's best sentence.
func understand(_ text: String, in domain: Domain) -> Understanding {
    let match = domain.match(text).first
    return Understanding(text: text, intent: match?.intent, slots: match?.slots ?? [])
}
