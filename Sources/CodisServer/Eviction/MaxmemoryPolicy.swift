/// Which key goes when `maxmemory` is reached.
enum MaxmemoryPolicy: String, CaseIterable, Sendable {
    case volatileLRU = "volatile-lru"
    case volatileLFU = "volatile-lfu"
    case volatileRandom = "volatile-random"
    case volatileTTL = "volatile-ttl"
    case allkeysLRU = "allkeys-lru"
    case allkeysLFU = "allkeys-lfu"
    case allkeysRandom = "allkeys-random"
    case noeviction

    /// What makes one key a better choice than another.
    enum Ranking {
        /// Not used for longer.
        case age
        /// Used less often.
        case frequency
        /// Ending sooner.
        case timeToLive
    }

    /// How candidates are ranked; `nil` where every key is as good as another.
    var ranking: Ranking? {
        switch self {
        case .volatileLRU, .allkeysLRU: .age
        case .volatileLFU, .allkeysLFU: .frequency
        case .volatileTTL: .timeToLive
        case .volatileRandom, .allkeysRandom, .noeviction: nil
        }
    }

    /// Whether keys without an expiry stay.
    var concernsExpiringKeysOnly: Bool {
        switch self {
        case .volatileLRU, .volatileLFU, .volatileRandom, .volatileTTL: true
        case .allkeysLRU, .allkeysLFU, .allkeysRandom, .noeviction: false
        }
    }

    /// Whether entries note how often they are used, and not when.
    var countsUses: Bool { ranking == .frequency }
}
