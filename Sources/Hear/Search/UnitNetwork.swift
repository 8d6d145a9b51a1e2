/// A grammar at the level of units: prefix trees hung together, as the token passing walks them.
///
/// A node is reached by one unit (or is a root, or takes any sound); its children are the units that may follow. An exit
/// says that a piece of text is complete at a node and that the children of another node may follow as well.
struct UnitNetwork: Sendable {
    /// What a node takes.
    enum Taken {
        static let nothing: Int32 = -1
        static let anything: Int32 = -2
    }

    /// The end of a piece of text; `label` is −1 when it adds no text.
    struct Exit: Sendable {
        var label: Int32
        var target: Int32
        var penalty: Float
    }

    private(set) var units: [Int32] = []
    private(set) var isFinal: [Bool] = []
    private var children: [[Int32]] = []
    private var exits: [[Exit]] = []
    private var childIndex: [UInt64: Int32] = [:]

    var count: Int { units.count }

    /// The nodes that may follow.
    func children(of node: Int32) -> [Int32] { children[Int(node)] }

    /// The texts complete here and where they lead.
    func exits(of node: Int32) -> [Exit] { exits[Int(node)] }

    /// Adds a node that no unit leads to.
    mutating func addRoot(isFinal final: Bool) -> Int32 { addNode(taking: Taken.nothing, isFinal: final) }

    /// Adds a node under `parent` that takes any sound.
    mutating func addWildcard(under parent: Int32) -> Int32 {
        let node = addNode(taking: Taken.anything, isFinal: false)
        children[Int(parent)].append(node)
        return node
    }

    /// The node that a row of units leads to from a root, shared with rows that begin alike.
    mutating func addPath(_ path: [Int], from root: Int32) -> Int32 {
        var node = root
        for unit in path {
            let key = UInt64(UInt32(bitPattern: node)) << 16 | UInt64(unit)
            if let known = childIndex[key] {
                node = known
            } else {
                let child = addNode(taking: Int32(unit), isFinal: false)
                children[Int(node)].append(child)
                childIndex[key] = child
                node = child
            }
        }
        return node
    }

    /// Says that a text ends at a node.
    mutating func addExit(at node: Int32, _ exit: Exit) {
        let known = exits[Int(node)].contains { $0.label == exit.label && $0.target == exit.target }
        if !known { exits[Int(node)].append(exit) }
    }

    /// Drops what only building needs.
    mutating func seal() { childIndex = [:] }

    private mutating func addNode(taking unit: Int32, isFinal final: Bool) -> Int32 {
        units.append(unit)
        isFinal.append(final)
        children.append([])
        exits.append([])
        return Int32(units.count - 1)
    }
}
