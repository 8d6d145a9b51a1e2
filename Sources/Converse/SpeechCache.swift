import Speak
import Synchronization
import Think

/// Replies that were said before, as samples: «好的» need not be synthesised a hundred times.
///
/// A reload makes another one.
public final class SpeechCache: Sendable {
    /// So much sound is kept: a minute and a half is 9 MB.
    static let limitSeconds = 90.0
    /// Longer replies come once and are not kept.
    static let longestSeconds = 12.0

    struct Key: Hashable {
        var text: String
        var style: String
        var voice: String
        var rate: Double

        var parts: [String] { [text, style, voice, "\(rate)"] }
    }

    private let cache = Mutex(
        AnswerCache<[[Float]]>(capacity: Int(limitSeconds) * SpeechStream.sampleRate) { chunks in
            chunks.reduce(0) { $0 + $1.count }
        })

    /// An empty cache.
    public init() {}

    /// How often a reply was found.
    public var counts: CacheCounts { cache.withLock { CacheCounts(hits: $0.hits, misses: $0.misses) } }

    func find(_ key: Key) -> [[Float]]? { cache.withLock { $0.find(key.parts) } }

    func keep(_ chunks: [[Float]], for key: Key) { cache.withLock { $0.keep(chunks, for: key.parts) } }
}

/// A reply in pieces, from the synthesiser or, when it was said before, from the cache: the same samples either way.
public struct CachedSpeech: ReplyStream {
    private let key: SpeechCache.Key
    private let cache: SpeechCache?
    private let kept: [[Float]]?
    private var place = 0
    private var stream: SpeechStream?
    private var soFar: [[Float]] = []
    private var count = 0

    init(key: SpeechCache.Key, cache: SpeechCache?, make: () throws -> SpeechStream) rethrows {
        self.key = key
        self.cache = cache
        kept = cache?.find(key)
        if kept == nil { stream = try make() }
    }

    /// The next samples; nil at the end.
    public mutating func next() -> [Float]? {
        if let kept {
            defer { place += 1 }
            return place < kept.count ? kept[place] : nil
        }
        guard let chunk = stream?.next() else {
            // Only what was made to its end is kept; a reply that was cut short never gets here.
            if !soFar.isEmpty { cache?.keep(soFar, for: key) }
            soFar = []
            return nil
        }
        count += chunk.count
        let isShort = Double(count) <= SpeechCache.longestSeconds * Double(SpeechStream.sampleRate)
        if cache != nil, isShort { soFar.append(chunk) } else { soFar = [] }
        return chunk
    }
}
