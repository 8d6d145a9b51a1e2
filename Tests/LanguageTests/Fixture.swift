import Language

/// The shipped lexicons, loaded once for all tests.
enum Fixture {
    static let directory: String = {
        let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
        return parts.joined(separator: "/") + "/Models/lexicon"
    }()

    static let frontEnd = Result { () throws(LanguageError) in try TextFrontEnd(directory: directory) }
}
