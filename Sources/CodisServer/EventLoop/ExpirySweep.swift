import SlotStorage

/// The walk that finds keys whose time has passed though nobody asks for them.
///
/// It goes round all databases, slot by slot and bucket by bucket, and looks at keys with an expiry alone. Two things
/// set its pace:
///
/// - *The round.* Every expiring key is looked at once in ``roundTime``; where there are few of them, in each tick.
/// - *The find.* As long as more than a quarter of the keys it sees have expired, it goes on beyond that.
///
/// Both are bounded by the `BackgroundBudget`; what did not fit makes the sweep ``isBehind``.
struct ExpirySweep {
    /// 10 seconds, in nanoseconds.
    static let roundTime: Int64 = 10_000_000_000
    /// Keys looked at in every tick: `ACTIVE_EXPIRE_CYCLE_LOOKUPS_PER_LOOP` of Redis 2.8.
    static let leastKeys = 20
    /// Buckets that are searched for these at most; in a large slot there may be far fewer expiring keys than buckets.
    static let mostBuckets = 256

    /// Whether the last slice ended with work at hand.
    fileprivate(set) var isBehind = false

    fileprivate var budget = BackgroundBudget()
    fileprivate var place = Place()
    /// Keys that the round should have seen by now and has not.
    fileprivate var owed = 0.0
    fileprivate var lastStart: Int64?
    /// Milliseconds, by database.
    private var averages: [Int64] = []

    /// The bucket that is next.
    fileprivate struct Place {
        var database = 0
        var slot = 0
        var bucket = 0
    }

    /// What one slice has done so far.
    fileprivate struct Slice {
        var buckets = 0
        var keys = 0
        var expired = 0
        /// How often the walk came to the end of the last database.
        var rounds = 0
        /// Times to live of keys in the current database that have not expired, milliseconds in all.
        var timesToLive: Int64 = 0
        var living: Int64 = 0
    }

    /// Milliseconds that keys of a database have to live, about, as `avg_ttl` tells it.
    func averageTTL(ofDatabase number: Int) -> Int64 { number < averages.count ? averages[number] : 0 }

    /// Milliseconds the event loop may sleep: until a sweep that is behind may go on, or without end.
    func longestWait(from now: Int64) -> Int32 {
        isBehind ? Int32(clamping: (budget.pause(from: now) + 999_999) / 1_000_000) : .max
    }

    /// Works the keys of the slice into the mean of their database, each slice as much as all before it, as in Redis.
    fileprivate mutating func updateAverage(_ slice: inout Slice) {
        guard slice.living > 0 else { return }
        let mean = slice.timesToLive / slice.living
        while averages.count <= place.database { averages.append(0) }
        let old = averages[place.database]
        averages[place.database] = old == 0 ? mean : (old + mean) / 2
        slice.timesToLive = 0
        slice.living = 0
    }

    /// Adds what the round should see of `total` keys in the time since the last slice.
    fileprivate mutating func advanceRound(total: Int, to now: Int64) {
        let elapsed = lastStart.map { now - $0 } ?? 0
        owed = min(Double(total), owed + Double(total) * Double(elapsed) / Double(Self.roundTime))
        lastStart = now
    }

    /// Whether there is reason to look at more keys now.
    fileprivate func wantsMore(_ slice: Slice) -> Bool {
        if owed >= 1 || slice.expired * 4 > slice.keys { return true }
        return slice.keys < Self.leastKeys && slice.buckets < Self.mostBuckets
    }
}

extension Server {
    /// A slice of the sweep, if it is time for one.
    mutating func expireKeys() {
        guard activeExpiryIsOn, loading == nil, expiryRule == .removes else {
            expirySweep.isBehind = false
            return
        }
        let start = Clock.monotonicNow()
        guard expirySweep.budget.begin(at: start) else { return }
        var total = 0
        for number in 0..<keyspace.databaseCount { total += keyspace[number].expiringCount }
        expirySweep.advanceRound(total: total, to: start)
        expirySweep.isBehind = false
        var slice = ExpirySweep.Slice()
        while total > 0, expirySweep.wantsMore(slice), findExpiringBucket(&slice) {
            expireBucket(&slice)
            if expirySweep.budget.isSpent(at: Clock.monotonicNow()) {
                expirySweep.isBehind = expirySweep.wantsMore(slice)
                break
            }
        }
        expirySweep.updateAverage(&slice)
        let end = Clock.monotonicNow()
        expirySweep.budget.end(at: end)
        recordLatency(.expireCycle, milliseconds: Int((end - start) / 1_000_000))
    }

    /// Moves the place on to a bucket of a slot that has expiring keys. `false` when this slice has been everywhere.
    private mutating func findExpiringBucket(_ slice: inout ExpirySweep.Slice) -> Bool {
        while slice.rounds < 2 {
            let database = expirySweep.place.database
            if keyspace[database].expiringCount > 0, findExpiringBucket(in: database) { return true }
            expirySweep.updateAverage(&slice)
            expirySweep.place = ExpirySweep.Place(database: (database + 1) % keyspace.databaseCount)
            if expirySweep.place.database == 0 { slice.rounds += 1 }
        }
        return false
    }

    private mutating func findExpiringBucket(in database: Int) -> Bool {
        while expirySweep.place.slot < SlotTag.slotCount {
            let slot = expirySweep.place.slot
            if keyspace[database].expiringCount(inSlot: slot) > 0,
                expirySweep.place.bucket < keyspace[database].bucketCount(inSlot: slot)
            {
                return true
            }
            expirySweep.place.slot += 1
            expirySweep.place.bucket = 0
        }
        return false
    }

    /// Looks at the expiring keys of the place's bucket, removes those whose time has passed, and moves on.
    private mutating func expireBucket(_ slice: inout ExpirySweep.Slice) {
        let place = expirySweep.place
        let now = clock.milliseconds
        var keys = 0
        // A bucket may change with each removal, so it is looked at anew until there is nothing to remove.
        while true {
            var expired: Entry?
            var left = 0
            var timesToLive: Int64 = 0
            keyspace[place.database].forEachExpiring(inSlot: place.slot, bucket: place.bucket) { entry in
                guard let expiry = entry.expiry else { return }
                if expiry > now {
                    left += 1
                    timesToLive += expiry - now
                } else if !entry.isPinned {
                    expired = entry
                }
            }
            guard let expired else {
                keys += left
                slice.living += Int64(left)
                slice.timesToLive += timesToLive
                break
            }
            removeExpired(expired, in: place.database)
            slice.expired += 1
            keys += 1
        }
        slice.keys += keys
        slice.buckets += 1
        expirySweep.owed = max(0, expirySweep.owed - Double(keys))
        expirySweep.place.bucket += 1
    }
}
