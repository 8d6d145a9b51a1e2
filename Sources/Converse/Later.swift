import Sound
import Synchronization

/// A value that another thread makes while this one does something else.
final class Later<Value: Sendable>: Sendable {
    private enum State {
        case inTheMaking(NamedThread?)
        case made(Result<Value, any Error>)
    }

    private let make: @Sendable () throws -> Value
    private let result = Mutex<Result<Value, any Error>?>(nil)
    private let state = Mutex(State.inTheMaking(nil))

    /// Begins; where the system gives no thread, the value is made when it is asked for.
    init(name: String, _ make: @escaping @Sendable () throws -> Value) {
        self.make = make
        // As deep as the main thread's stack: grammars are built by recursion.
        let thread = NamedThread.start(name: name, stackBytes: 8 << 20) { [self] in
            let made = Result { try make() }
            result.withLock { $0 = made }
        }
        state.withLock { $0 = .inTheMaking(thread) }
    }

    /// The value, waiting for it if need be; from any thread, as often as wanted.
    func value() throws -> Value {
        try state.withLock { state in
            if case .made(let made) = state { return made }
            if case .inTheMaking(let thread) = state { thread?.join() }
            let made = result.withLock { $0 } ?? Result { try make() }
            state = .made(made)
            return made
        }.get()
    }
}
