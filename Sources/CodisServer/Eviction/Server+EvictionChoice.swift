import Memory
import SlotStorage

/// Choosing the key that goes.
extension Server {
    /// Draws in a row without a key that may go, after which there is none: hardly anything but pinned keys is left.
    private static let mostDraws = 256

    /// Evicts the key that the policy would have go first, of those that were looked at. `false` when there is none.
    mutating func evictKey() -> Bool {
        let policy = configuration.maxmemoryPolicy
        for _ in 0..<Self.mostDraws {
            guard let database = randomDatabase(for: policy) else { return false }
            guard let (entry, database) = choose(policy, in: database) else { continue }
            // A long value that a snapshot has to write first.
            if snapshot.isOn, isHeld(entry, in: database) { continue }
            evict(entry, in: database)
            return true
        }
        return false
    }

    private mutating func evict(_ entry: Entry, in database: Int) {
        let key = entry.key.copy
        keyspace[database].remove(key.bytes)
        if !watchers.isEmpty { touch(key.bytes, in: database) }
        propagateRemoval(of: key.bytes, in: database)
        statistics.evictedKeys += 1
        notify(.evicted, "evicted", key.bytes, in: database)
    }

    /// A database, each as likely as it has keys that the policy concerns; `nil` when none has any.
    private mutating func randomDatabase(for policy: MaxmemoryPolicy) -> Int? {
        var total = 0
        for number in 0..<keyspace.databaseCount { total += keyCount(in: number, policy) }
        guard total > 0 else { return nil }
        var rest = Int.random(in: 0..<total, using: &random)
        var number = 0
        while rest >= keyCount(in: number, policy) {
            rest -= keyCount(in: number, policy)
            number += 1
        }
        return number
    }

    private func keyCount(in database: Int, _ policy: MaxmemoryPolicy) -> Int {
        policy.concernsExpiringKeysOnly ? keyspace[database].expiringCount : keyspace[database].count
    }

    /// A key that may go, after a look at some keys of `database`, and the database that it is in.
    private mutating func choose(_ policy: MaxmemoryPolicy, in database: Int) -> (entry: Entry, database: Int)? {
        guard let ranking = policy.ranking else { return chooseAny(policy, in: database).map { ($0, database) } }
        sample(in: database, policy, ranking)
        while let candidate = eviction.pool.takeBest() {
            let database = candidate.database
            guard database < keyspace.databaseCount,
                let entry = keyspace[database].find(hash: candidate.hash, inSlot: candidate.slot),
                mayGo(entry, policy), score(entry, ranking) >= candidate.score
            else { continue }
            return (entry, database)
        }
        return nil
    }

    private mutating func chooseAny(_ policy: MaxmemoryPolicy, in database: Int) -> Entry? {
        let chosen: Entry?
        if policy.concernsExpiringKeysOnly {
            drawSample(in: database, policy)
            chosen = eviction.sample.randomElement(using: &random)
        } else {
            chosen = randomEntry(in: database)
        }
        return chosen.flatMap { mayGo($0, policy) ? $0 : nil }
    }

    private func mayGo(_ entry: Entry, _ policy: MaxmemoryPolicy) -> Bool {
        !entry.isPinned && (entry.expiry != nil || !policy.concernsExpiringKeysOnly)
    }

    /// Looks at `maxmemory-samples` keys of a database and remembers the best. It gets them by the bucket; what one has
    /// too many is taken off the next sample.
    private mutating func sample(in database: Int, _ policy: MaxmemoryPolicy, _ ranking: MaxmemoryPolicy.Ranking) {
        eviction.wanted += min(configuration.maxmemorySamples, keyCount(in: database, policy))
        while eviction.wanted > 0 {
            guard let slot = drawSample(in: database, policy) else { return }
            eviction.wanted -= eviction.sample.count
            for entry in eviction.sample where mayGo(entry, policy) {
                let score = score(entry, ranking)
                guard eviction.pool.accepts(score: score) else { continue }
                eviction.pool.insert(
                    EvictionPool.Candidate(hash: entry.keyHash, database: database, slot: slot, score: score))
            }
        }
    }

    /// Draws the entries of a bucket, and answers their slot.
    @discardableResult
    private mutating func drawSample(in database: Int, _ policy: MaxmemoryPolicy) -> Int? {
        // Taken out, and back: keyspace, generator and sample are parts of one structure.
        var generator = random
        var sample: [Entry] = []
        swap(&sample, &eviction.sample)
        defer {
            swap(&sample, &eviction.sample)
            random = generator
        }
        sample.removeAll(keepingCapacity: true)
        return keyspace[database].appendSample(
            onlyExpiring: policy.concernsExpiringKeysOnly, to: &sample, &generator)
    }

    /// How good a choice an entry is, comparable with what was said of others at other times.
    private func score(_ entry: Entry, _ ranking: MaxmemoryPolicy.Ranking) -> UInt64 {
        switch ranking {
        case .age:
            // The later it was used, the lower.
            let now = AccessClock.tick(atMicroseconds: clock.microseconds)
            let used = UInt64(clock.microseconds >> 14) - UInt64(AccessClock.age(of: entry.accessClock, at: now))
            return .max - used
        case .frequency:
            return UInt64(.max - frequency(of: entry).counter)
        case .timeToLive:
            return .max - UInt64(max(entry.expiry ?? .max, 0))
        }
    }
}
