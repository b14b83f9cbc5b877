import SlotStorage

/// What entries note of their use, for eviction and for OBJECT.
extension Server {
    /// The tick of this moment.
    @inline(__always)
    var accessClock: UInt32 { AccessClock.tick(atMicroseconds: clock.microseconds) }

    /// Notes that a key was used.
    @inline(__always)
    mutating func noteUse(of entry: Entry) {
        if countsUses { countUse(of: entry) } else { entry.accessClock = accessClock }
    }

    private mutating func countUse(of entry: Entry) {
        var frequency = frequency(of: entry)
        frequency.count(logFactor: configuration.lfuLogFactor, &random)
        entry.accessClock = frequency.bits
    }

    /// How often a key was used, counted down to this moment.
    func frequency(of entry: Entry) -> AccessFrequency {
        var frequency = AccessFrequency(bits: entry.accessClock)
        frequency.decay(toMicroseconds: clock.microseconds, minutesPerStep: configuration.lfuDecayTime)
        return frequency
    }

    /// Seconds since a key was used last.
    func idleTime(of entry: Entry) -> Int { AccessClock.seconds(since: entry.accessClock, until: accessClock) }

    /// What new entries get at this moment.
    var newAccessClock: UInt32 {
        countsUses ? AccessFrequency(newAtMicroseconds: clock.microseconds).bits : accessClock
    }

    /// Lets new entries get what is right now.
    mutating func updateAccessClock() { keyspace.setAccessClock(newAccessClock, countsUses: countsUses) }
}
