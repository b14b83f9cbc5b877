import Memory
import SlotStorage

extension Server {
    /// Whether more memory is in use than `maxmemory` allows.
    @inline(__always)
    var isOverMemoryLimit: Bool { configuration.maxmemory > 0 && limitedMemory > configuration.maxmemory }

    /// The memory that `maxmemory` limits, in bytes. What will be free soon is taken off, so that nothing more is evicted
    /// for it; and so is what waits for replicas, or a slow one would empty its master.
    var limitedMemory: Int { usedMemory - memoryBeingFreed - replication.bytesWaiting }

    /// Makes room before a command that may need some, while too much memory is in use. `nil`: the command goes on; else
    /// it is refused, or is to wait for the next turn.
    mutating func makeRoom() -> Eviction.Outcome? {
        switch evict() {
        case .withinLimit: nil
        case .underWay: mayEvict && eviction.admits(memory: limitedMemory) ? nil : .underWay
        case .exhausted: .exhausted
        }
    }

    /// Evicts until memory is within the limit, as far as this turn has time.
    @discardableResult
    mutating func evict() -> Eviction.Outcome {
        guard mayEvict else {
            return isOverMemoryLimit ? withoutKeysToEvict : .withinLimit
        }
        let start = Clock.monotonicNow()
        let before = limitedMemory
        let outcome = evict(until: start + eviction.timeLeft)
        let after = limitedMemory
        let time = Clock.monotonicNow() - start
        eviction.note(outcome, time: time, freed: max(0, before - after), memory: after)
        recordLatency(.evictionCycle, milliseconds: Int(time / 1_000_000))
        return outcome
    }

    /// When nothing may go, what has gone may still have to be freed.
    private var withoutKeysToEvict: Eviction.Outcome { memoryBeingFreed > 0 ? .underWay : .exhausted }

    /// What goes from a replica is its master's choice.
    private var mayEvict: Bool { configuration.maxmemoryPolicy != .noeviction && expiryRule == .removes }

    /// How many keys go between two looks at the clock; it takes some ten microseconds.
    private static let keysPerLook = 16

    private mutating func evict(until deadline: Int64) -> Eviction.Outcome {
        guard eviction.hasTime else { return isOverMemoryLimit ? .underWay : .withinLimit }
        while true {
            for _ in 0..<Self.keysPerLook {
                guard isOverMemoryLimit else { return .withinLimit }
                guard evictKey() else { return withoutKeysToEvict }
            }
            if Clock.monotonicNow() >= deadline { return isOverMemoryLimit ? .underWay : .withinLimit }
        }
    }

    /// Goes on with what commands left over, if it is time for a slice.
    mutating func evictInBackground() {
        guard eviction.isUnderWay, eviction.budget.begin(at: Clock.monotonicNow()) else { return }
        evict()
        eviction.budget.end(at: Clock.monotonicNow())
    }

    /// Lets the clients that wait for memory try again.
    mutating func beginEvictionTurn() {
        for id in eviction.beginTurn() {
            if let client = clients[id] { tryAgain(client) }
        }
    }
}
