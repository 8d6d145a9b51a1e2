/// A grammar at the level of units: prefix trees hung together, as the token passing walks them.
///
/// A node is reached by one unit (or is a root, or takes any sound); its children are the units that may follow. An exit
/// says that a piece of text is complete at a node and that the children of another node may follow as well.
///
/// While it grows, children and exits are chains through the nodes; `seal` lays each node's own side by side, which takes
/// less memory than an array a node and is walked faster.
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

    /// A chain of entries: the first and last of a node, and the one after each entry.
    private struct Chain {
        var first: Int32 = -1
        var last: Int32 = -1
    }

    private(set) var units: [Int32] = []
    private(set) var isFinal: [Bool] = []

    private var childChains: [Chain] = []
    private var siblings: [Int32] = []
    private var exitChains: [Chain] = []
    private var chainedExits: [(exit: Exit, next: Int32)] = []

    private var childStarts: [Int32] = []
    private var childList: [Int32] = []
    private var exitStarts: [Int32] = []
    private var exitList: [Exit] = []

    var count: Int { units.count }

    /// The nodes that may follow; none before `seal`.
    func children(of node: Int32) -> ArraySlice<Int32> {
        childList[Int(childStarts[Int(node)])..<Int(childStarts[Int(node) + 1])]
    }

    /// The texts complete here and where they lead; none before `seal`.
    func exits(of node: Int32) -> ArraySlice<Exit> {
        exitList[Int(exitStarts[Int(node)])..<Int(exitStarts[Int(node) + 1])]
    }

    /// Adds a node that no unit leads to.
    mutating func addRoot(isFinal final: Bool) -> Int32 { addNode(taking: Taken.nothing, isFinal: final) }

    /// Adds a node under `parent` that takes any sound.
    mutating func addWildcard(under parent: Int32) -> Int32 { addChild(of: parent, taking: Taken.anything) }

    /// The node that a row of units leads to from a root, shared with rows that begin alike.
    mutating func addPath(_ path: [Int], from root: Int32) -> Int32 {
        var node = root
        for unit in path { node = child(of: node, taking: Int32(unit)) ?? addChild(of: node, taking: Int32(unit)) }
        return node
    }

    /// Says that a text ends at a node.
    mutating func addExit(at node: Int32, _ exit: Exit) {
        var entry = exitChains[Int(node)].first
        while entry >= 0 {
            let (known, next) = chainedExits[Int(entry)]
            if known.label == exit.label && known.target == exit.target { return }
            entry = next
        }
        let added = Int32(chainedExits.count)
        chainedExits.append((exit, -1))
        let last = exitChains[Int(node)].last
        if last >= 0 { chainedExits[Int(last)].next = added } else { exitChains[Int(node)].first = added }
        exitChains[Int(node)].last = added
    }

    /// Ends the building: from here on the network is walked.
    mutating func seal() {
        childStarts.reserveCapacity(count + 1)
        exitStarts.reserveCapacity(count + 1)
        childList.reserveCapacity(count)
        exitList.reserveCapacity(chainedExits.count)
        for node in 0..<count {
            childStarts.append(Int32(childList.count))
            exitStarts.append(Int32(exitList.count))
            var child = childChains[node].first
            while child >= 0 {
                childList.append(child)
                child = siblings[Int(child)]
            }
            var entry = exitChains[node].first
            while entry >= 0 {
                exitList.append(chainedExits[Int(entry)].exit)
                entry = chainedExits[Int(entry)].next
            }
        }
        childStarts.append(Int32(childList.count))
        exitStarts.append(Int32(exitList.count))
        childChains = []
        siblings = []
        exitChains = []
        chainedExits = []
    }

    private func child(of node: Int32, taking unit: Int32) -> Int32? {
        var child = childChains[Int(node)].first
        while child >= 0 {
            if units[Int(child)] == unit { return child }
            child = siblings[Int(child)]
        }
        return nil
    }

    private mutating func addChild(of parent: Int32, taking unit: Int32) -> Int32 {
        let child = addNode(taking: unit, isFinal: false)
        let last = childChains[Int(parent)].last
        if last >= 0 { siblings[Int(last)] = child } else { childChains[Int(parent)].first = child }
        childChains[Int(parent)].last = child
        return child
    }

    private mutating func addNode(taking unit: Int32, isFinal final: Bool) -> Int32 {
        units.append(unit)
        isFinal.append(final)
        childChains.append(Chain())
        siblings.append(-1)
        exitChains.append(Chain())
        return Int32(units.count - 1)
    }
}
