import Memory

/// The keys on their way to another server, and who waits for them.
///
/// Readers of a pinned key go on; who would change it waits until the pin goes, and then finds the key moved or still
/// here. The pin itself is a bit in the entry, so that a key which is not pinned costs a writer nothing.
struct Pins {
    private struct Key: Hashable {
        let database: Int
        let bytes: [UInt8]
    }

    /// Whom a pin keeps waiting, in the order they came.
    enum Waiter {
        case client(UInt64)
        case job(MigrationJob, MigrationLink)
        /// Clients that wait for elements of the list at `key`.
        case list(key: [UInt8], database: Int)
    }

    private var waiters: [Key: [Waiter]] = [:]
    /// Who waits until a whole database, or with `nil` every one, has no pin.
    private var drainWaiters: [(database: Int?, waiter: Waiter)] = []
    private var countByDatabase: [Int: Int] = [:]

    var isEmpty: Bool { waiters.isEmpty }

    var count: Int { waiters.count }

    func count(in database: Int?) -> Int {
        if let database { return countByDatabase[database, default: 0] }
        return waiters.count
    }

    mutating func pin(_ key: [UInt8], in database: Int) {
        let previous = waiters.updateValue([], forKey: Key(database: database, bytes: key))
        precondition(previous == nil, "a key is pinned once")
        countByDatabase[database, default: 0] += 1
    }

    /// Takes the pin away and answers who waited for it.
    mutating func unpin(_ key: [UInt8], in database: Int) -> [Waiter] {
        guard let released = waiters.removeValue(forKey: Key(database: database, bytes: key)) else {
            preconditionFailure("unpinning a key that is not pinned")
        }
        countByDatabase[database, default: 0] -= 1
        return released + takeDrainWaiters()
    }

    mutating func wait(_ waiter: Waiter, for key: [UInt8], in database: Int) {
        waiters[Key(database: database, bytes: key), default: []].append(waiter)
    }

    /// Lets those who wait for elements of the list at `key` be served once `pinned` is free. Saying it again changes
    /// nothing.
    mutating func wait(forListAt key: [UInt8], untilUnpinned pinned: [UInt8], in database: Int) {
        let isKnown = waiters[Key(database: database, bytes: pinned)]?.contains { waiter in
            if case .list(key, database) = waiter { true } else { false }
        }
        if isKnown != true { wait(.list(key: key, database: database), for: pinned, in: database) }
    }

    /// Waits until the database, or every one, has no pin left.
    mutating func wait(_ waiter: Waiter, untilNoPinsIn database: Int?) {
        drainWaiters.append((database, waiter))
    }

    /// Whether a client waits until the database has no pin.
    func hasClientWaitingForNone(in database: Int) -> Bool {
        drainWaiters.contains { entry in
            guard case .client = entry.waiter else { return false }
            return entry.database == nil || entry.database == database
        }
    }

    private mutating func takeDrainWaiters() -> [Waiter] {
        guard !drainWaiters.isEmpty else { return [] }
        var ready: [Waiter] = []
        var left: [(database: Int?, waiter: Waiter)] = []
        for entry in drainWaiters {
            if count(in: entry.database) == 0 { ready.append(entry.waiter) } else { left.append(entry) }
        }
        drainWaiters = left
        return ready
    }
}
