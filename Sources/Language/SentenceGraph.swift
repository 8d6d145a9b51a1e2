/// An acceptor over text: what may be said, as Think compiles it from domain files and Hear searches it.
public struct SentenceGraph: Sendable {
    /// What an arc reads.
    public enum Label: Sendable, Hashable {
        /// Nothing.
        case epsilon
        /// A fragment of Han or Latin text.
        case text(String)
        /// Anything, for the open slot of this name.
        case wildcard(String)
    }

    /// One step to another state.
    public struct Arc: Sendable, Hashable {
        /// Index of the state the arc leads to.
        public var target: Int
        /// What is read on the way.
        public var label: Label

        /// An arc to `target` that reads `label`.
        public init(target: Int, label: Label) {
            self.target = target
            self.label = label
        }
    }

    /// The arcs leaving each state; state 0 is the start.
    public var arcs: [[Arc]]
    /// States in which a sentence may end.
    public var finals: Set<Int>

    /// A graph of the given states; by default one start state that accepts nothing.
    public init(arcs: [[Arc]] = [[]], finals: Set<Int> = []) {
        self.arcs = arcs
        self.finals = finals
    }

    /// Adds a state without arcs and returns its index.
    public mutating func addState() -> Int {
        arcs.append([])
        return arcs.count - 1
    }

    /// Adds an arc; a state that does not exist yet is added.
    public mutating func addArc(from source: Int, to target: Int, _ label: Label) {
        while arcs.count <= max(source, target) { arcs.append([]) }
        arcs[source].append(Arc(target: target, label: label))
    }
}
