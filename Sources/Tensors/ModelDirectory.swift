import Glibc

/// Where the model files and lexicons lie.
public struct ModelDirectory: Sendable {
    /// The directory, without a slash at the end.
    public let path: String

    /// Finds the directory: the one asked for, else `$TING_MODELS`, else the first there is of `/usr/share/ting/models`,
    /// `Models` three levels above the program's own directory (a build tree), and `./Models`.
    ///
    /// A place that is asked for must be there; the others are then not looked at.
    public static func locate(_ override: String? = nil) throws(TensorError) -> ModelDirectory {
        var candidates = ["/usr/share/ting/models"]
        if let program = programDirectory() { candidates.append(program + "/../../../Models") }
        candidates.append("./Models")
        if let wanted = override ?? environment("TING_MODELS") { candidates = [wanted] }
        for candidate in candidates where isDirectory(candidate) {
            return ModelDirectory(path: canonical(candidate))
        }
        throw .noModels(tried: candidates)
    }

    /// The path of a file in it.
    public func file(_ relative: String) -> String { path + "/" + relative }

    private static func environment(_ name: String) -> String? {
        guard let value = getenv(name), value.pointee != 0 else { return nil }
        return String(cString: value)
    }

    private static func isDirectory(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    private static func canonical(_ path: String) -> String {
        guard let resolved = realpath(path, nil) else { return path }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    private static func programDirectory() -> String? {
        let program = canonical("/proc/self/exe")
        return program.lastIndex(of: "/").map { String(program[..<$0]) }
    }
}
