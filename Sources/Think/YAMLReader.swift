import CYAML

/// Reads YAML with libyaml, into values of this module; nothing of libyaml's outlives a call.
struct YAMLReader {
    /// More values than this are no domain but a file whose aliases multiply.
    static let valueLimit = 1_000_000
    /// Deeper values are taken for nothing.
    static let depthLimit = 64

    private let path: String
    private let document: UnsafeMutablePointer<yaml_document_t>
    private var count = 0

    /// Reads a text that holds exactly one document; `path` is only for messages.
    static func read(_ text: String, path: String) throws(ThinkError) -> YAMLTree {
        // The parser keeps pointers to itself and to the text, so both stay where they are until it is deleted.
        let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
        defer { parser.deallocate() }
        guard yaml_parser_initialize(parser) == 1 else { throw problem("no memory", line: 0, path: path) }
        defer { yaml_parser_delete(parser) }
        let bytes = Array(text.utf8)
        let result: Result<YAMLTree, ThinkError> = bytes.withUnsafeBufferPointer { buffer in
            yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
            yaml_parser_set_input_string(parser, buffer.baseAddress, buffer.count)
            do throws(ThinkError) {
                guard let tree = try next(parser, path: path) else {
                    throw ThinkError.malformed(path: path, line: 1, expected: "a domain", found: "an empty file")
                }
                if let second = try next(parser, path: path) {
                    throw problem("a second document", line: second.line, path: path)
                }
                return .success(tree)
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    /// The next document, nil after the last.
    private static func next(
        _ parser: UnsafeMutablePointer<yaml_parser_t>, path: String
    ) throws(ThinkError) -> YAMLTree? {
        let document = UnsafeMutablePointer<yaml_document_t>.allocate(capacity: 1)
        defer { document.deallocate() }
        guard yaml_parser_load(parser, document) == 1 else {
            let found = parser.pointee.problem.map { String(cString: $0) } ?? "unreadable"
            throw problem(found, line: Int(parser.pointee.problem_mark.line) + 1, path: path)
        }
        defer { yaml_document_delete(document) }
        guard let root = yaml_document_get_root_node(document) else { return nil }
        var reader = YAMLReader(path: path, document: document)
        return try reader.tree(root.pointee, depth: 0)
    }

    private init(path: String, document: UnsafeMutablePointer<yaml_document_t>) {
        self.path = path
        self.document = document
    }

    private mutating func tree(_ node: yaml_node_t, depth: Int) throws(ThinkError) -> YAMLTree {
        let line = Int(node.start_mark.line) + 1
        count += 1
        guard count <= Self.valueLimit else {
            throw Self.problem("more than \(Self.valueLimit) values", line: line, path: path)
        }
        guard depth < Self.depthLimit else { return YAMLTree(kind: .null, raw: "", line: line) }
        switch node.type {
        case YAML_SCALAR_NODE:
            let text = Self.text(node)
            let isPlain = node.data.scalar.style == YAML_PLAIN_SCALAR_STYLE
            return YAMLTree(kind: isPlain ? YAMLTree.resolve(text) : .string, raw: text, line: line)
        case YAML_SEQUENCE_NODE:
            let items = node.data.sequence.items
            var list: [YAMLTree] = []
            for index in 0..<(items.top - items.start) {
                list.append(try tree(at: items.start[index], depth: depth + 1))
            }
            return YAMLTree(kind: .list(list), raw: "", line: line)
        case YAML_MAPPING_NODE:
            return YAMLTree(kind: .map(try entries(node, depth: depth)), raw: "", line: line)
        default:
            return YAMLTree(kind: .null, raw: "", line: line)
        }
    }

    private mutating func tree(at index: Int32, depth: Int) throws(ThinkError) -> YAMLTree {
        guard let node = yaml_document_get_node(document, index) else { return YAMLTree(kind: .null, raw: "", line: 0) }
        return try tree(node.pointee, depth: depth)
    }

    private mutating func entries(_ node: yaml_node_t, depth: Int) throws(ThinkError) -> [YAMLTree.Entry] {
        let pairs = node.data.mapping.pairs
        var entries: [YAMLTree.Entry] = []
        var seen: Set<String> = []
        for index in 0..<(pairs.top - pairs.start) {
            let pair = pairs.start[index]
            guard let keyNode = yaml_document_get_node(document, pair.key) else { continue }
            let isScalar = keyNode.pointee.type == YAML_SCALAR_NODE
            let key = isScalar ? Self.text(keyNode.pointee) : ""
            let line = Int(keyNode.pointee.start_mark.line) + 1
            guard !isScalar || seen.insert(key).inserted else {
                throw ThinkError.malformed(
                    path: path, line: line, expected: "every key once in a mapping", found: "\(key) twice")
            }
            let value = try tree(at: pair.value, depth: depth + 1)
            entries.append(YAMLTree.Entry(key: key, line: line, value: value))
        }
        return entries
    }

    private static func text(_ scalar: yaml_node_t) -> String {
        let bytes = UnsafeBufferPointer(start: scalar.data.scalar.value, count: scalar.data.scalar.length)
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func problem(_ found: String, line: Int, path: String) -> ThinkError {
        .malformed(path: path, line: line, expected: "YAML", found: found)
    }
}
