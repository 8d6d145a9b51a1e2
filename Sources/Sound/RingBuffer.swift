import Synchronization

/// A lock-free queue of samples between exactly one writing and one reading thread.
///
/// Neither side ever waits, allocates or locks. A full ring takes what fits and counts the rest as lost.
public final class RingBuffer: @unchecked Sendable {
    // Unchecked: `storage` between the two positions belongs to the reader, the rest to the writer; the positions are
    // published with release and read with acquire.
    private let storage: UnsafeMutableBufferPointer<Float>
    private let mask: Int
    private let written = Atomic<Int>(0)
    private let taken = Atomic<Int>(0)
    private let dropped = Atomic<Int>(0)

    /// Samples the ring can hold: a power of two, at least what was asked for.
    public let capacity: Int

    /// A ring for at least `minimumCapacity` samples.
    public init(minimumCapacity: Int) {
        var capacity = 64
        while capacity < minimumCapacity && capacity < 1 << 28 { capacity *= 2 }
        self.capacity = capacity
        mask = capacity - 1
        storage = .allocate(capacity: capacity)
        storage.initialize(repeating: 0)
    }

    deinit { storage.deallocate() }

    /// Samples waiting to be read.
    public var count: Int { written.load(ordering: .acquiring) - taken.load(ordering: .acquiring) }

    /// Samples that found no room since the ring was made.
    public var lost: Int { dropped.load(ordering: .relaxed) }

    /// All samples that were ever taken in.
    public var total: Int { written.load(ordering: .acquiring) }

    /// Appends the first `count` of `samples`; returns how many fitted.
    ///
    /// Writer's side only.
    @discardableResult
    public func write(_ samples: [Float], count: Int) -> Int {
        let position = written.load(ordering: .relaxed)
        let wanted = max(0, min(count, samples.count))
        let fitting = min(wanted, capacity - (position - taken.load(ordering: .acquiring)))
        for index in 0..<fitting { storage[(position + index) & mask] = samples[index] }
        written.store(position + fitting, ordering: .releasing)
        if fitting < wanted { dropped.add(wanted - fitting, ordering: .relaxed) }
        return fitting
    }

    /// Moves at most `count` samples to the front of `buffer`; returns how many there were.
    ///
    /// Reader's side only.
    public func read(into buffer: inout [Float], count: Int) -> Int {
        let position = taken.load(ordering: .relaxed)
        let ready = min(min(count, buffer.count), written.load(ordering: .acquiring) - position)
        guard ready > 0 else { return 0 }
        for index in 0..<ready { buffer[index] = storage[(position + index) & mask] }
        taken.store(position + ready, ordering: .releasing)
        return ready
    }

    /// Forgets what waits.
    ///
    /// Reader's side only.
    public func discard() {
        taken.store(written.load(ordering: .acquiring), ordering: .releasing)
    }
}
