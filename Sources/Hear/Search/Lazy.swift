import Synchronization

/// A value that is made when it is first wanted, once, whichever thread wants it.
final class Lazy<Value: Sendable>: Sendable {
    private let stored = Mutex<Value?>(nil)

    func value(_ make: () -> Value) -> Value {
        stored.withLock { current in
            if let current { return current }
            let made = make()
            current = made
            return made
        }
    }
}
