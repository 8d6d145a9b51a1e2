import Language
import Synchronization
import Think

/// How often something was found ready.
public struct CacheCounts: Sendable, Equatable {
    /// Found.
    public var hits = 0
    /// Made.
    public var misses = 0
    /// Found of all, 0…1; 0 before the first.
    public var rate: Double { hits + misses == 0 ? 0 : Double(hits) / Double(hits + misses) }

    /// Counts.
    public init(hits: Int = 0, misses: Int = 0) {
        self.hits = hits
        self.misses = misses
    }
}

/// Meanings of texts that were typed before, for one domain and one set of weights.
///
/// A reload makes another domain and with it another cache, so that nothing old is answered.
final class UnderstandingCache: Sendable {
    private let cache = Mutex(AnswerCache<Understanding>(capacity: 512))

    var counts: CacheCounts { cache.withLock { CacheCounts(hits: $0.hits, misses: $0.misses) } }

    /// `context` describes what of the session the meaning depends on.
    func understanding(
        of text: String, dialect: Dialect?, context: [String], make: () -> Understanding
    ) -> Understanding {
        cache.withLock { $0.answer(to: [text, dialect?.rawValue ?? ""] + context, make: make) }
    }
}
