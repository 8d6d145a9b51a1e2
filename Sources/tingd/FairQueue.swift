/// Work of many clients, taken in turn: whoever asks for much waits for nobody but itself.
///
/// A pure value. Each client has a row of its own; `next` goes round the clients and takes one piece from each.
struct FairQueue<Element> {
    /// Why a piece was not taken in.
    enum Refusal: Error, Equatable {
        /// This client alone has so much waiting.
        case client(limit: Int)
        /// All clients together have.
        case all(limit: Int)
    }

    /// The most that may wait, of one client and of all.
    let clientLimit: Int
    let limit: Int
    /// Pieces that wait.
    private(set) var count = 0
    private var rows: [Int: [Element]] = [:]
    /// Clients with something waiting, the one whose turn is next at the front.
    private var turns: [Int] = []

    init(clientLimit: Int, limit: Int) {
        self.clientLimit = clientLimit
        self.limit = limit
    }

    /// Adds a new piece behind the client's others.
    ///
    /// Whoever has nothing waiting is let in even when all is full: a few who ask for much must not shut out the others.
    mutating func append(_ element: Element, for client: Int) -> Refusal? {
        let own = rows[client, default: []].count
        guard count < limit || own == 0 else { return .all(limit: limit) }
        guard own < clientLimit else { return .client(limit: clientLimit) }
        putBack(element, for: client)
        return nil
    }

    /// Adds a piece that was taken out and is not done; it is never refused.
    mutating func putBack(_ element: Element, for client: Int) {
        if rows[client, default: []].isEmpty { turns.append(client) }
        rows[client, default: []].append(element)
        count += 1
    }

    /// Takes the next piece and the client it belongs to, whose turn then comes after all others.
    mutating func next() -> (client: Int, element: Element)? {
        guard !turns.isEmpty else { return nil }
        let client = turns.removeFirst()
        guard var row = rows.removeValue(forKey: client), !row.isEmpty else { return next() }
        let element = row.removeFirst()
        count -= 1
        if !row.isEmpty {
            rows[client] = row
            turns.append(client)
        }
        return (client, element)
    }
}
