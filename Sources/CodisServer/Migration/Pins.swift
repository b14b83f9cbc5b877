import Memory

/// Who waits for keys on their way to another server, or on their way in.
///
/// Readers of a pinned key go on; who would change it waits until the pin goes, and then finds the key moved or still
/// here. The pin itself is a bit in the entry, and here it is only counted: a key that is not pinned costs a writer
/// nothing, and one that nobody waits for costs next to nothing either.
struct Pins {
    private struct Key: Hashable {
        let database: Int
        let bytes: [UInt8]
    }

    /// Whom a pin keeps waiting, in the order they came.
    enum Waiter {
        /// The time it began to wait is in nanoseconds of `Clock.monotonic`.
        case client(UInt64, since: Int64)
        case job(MigrationJob, MigrationLink)
        /// Clients that wait for elements of the list at `key`.
        case list(key: [UInt8], database: Int)
    }

    /// Only keys that somebody waits for.
    private var waiters: [Key: [Waiter]] = [:]
    /// Who waits until a whole database, or with `nil` every one, has no pin.
    private var drainWaiters: [(database: Int?, waiter: Waiter)] = []
    private var countByDatabase: [Int: Int] = [:]
    /// How many keys are pinned.
    private(set) var count = 0

    var isEmpty: Bool { count == 0 }

    func count(in database: Int?) -> Int {
        guard let database else { return count }
        return countByDatabase[database, default: 0]
    }

    /// One more key is pinned.
    mutating func add(in database: Int) {
        countByDatabase[database, default: 0] += 1
        count += 1
    }

    /// A key is pinned no more; answers who waited for that.
    mutating func remove(_ key: RawSpan, in database: Int) -> [Waiter] {
        guard let left = countByDatabase[database], left > 0 else {
            preconditionFailure("unpinning a key that is not pinned")
        }
        countByDatabase[database] = left - 1
        count -= 1
        if waiters.isEmpty, drainWaiters.isEmpty { return [] }
        let released = waiters.removeValue(forKey: Key(database: database, bytes: key.array)) ?? []
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

    /// The clients that wait for pins, with the time they began to. O(waiters).
    var waitingClients: [(client: UInt64, since: Int64)] {
        (waiters.values.joined() + drainWaiters.map(\.waiter)).compactMap { waiter in
            guard case .client(let client, let since) = waiter else { return nil }
            return (client, since)
        }
    }
}
