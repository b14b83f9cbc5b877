import Memory
import SlotStorage

/// Pinning keys, and letting go of them.
extension Server {
    /// Whether a key is on its way to or from another server.
    func isUnderWay(_ entry: Entry) -> Bool { entry.isPinned && !snapshot.hasPinned(entry) }

    /// Keeps writers away from a key until ``unpin(_:in:)``. The entry stays where it is in memory meanwhile. A pin that
    /// a snapshot has set changes hands.
    mutating func pin(_ entry: Entry, in database: Int) {
        if snapshot.letGo(of: entry) { return }
        precondition(!entry.isPinned, "a key is pinned once")
        entry.isPinned = true
        migration.pins.add(in: database)
    }

    /// Lets writers change a key again, and answers who waited for that: for ``wake(_:)``, when everything is in order.
    mutating func unpin(_ entry: Entry, in database: Int) -> [Pins.Waiter] {
        precondition(entry.isPinned, "unpinning a key that is not pinned")
        entry.isPinned = false
        return migration.pins.remove(entry.key, in: database)
    }

    /// Lets those go on who waited for pins that have gone.
    mutating func wake(_ waiters: [Pins.Waiter]) {
        for waiter in waiters {
            switch waiter {
            case .client(let id, let since):
                migration.longestPinWait = max(migration.longestPinWait, clock.monotonic - since)
                if let client = clients[id] { resume(client) }
            case .job(let job, let link):
                if job.isEnded { continue }
                // The link may have ended meanwhile.
                if migration.links[link.number] != nil { begin(job, on: link) } else { submit(job, to: link.target) }
            case .list(let key, let database):
                blockedClients.noteChange(of: key.bytes, in: database)
            }
        }
        if blockedClients.hasReadyKeys { serveBlockedClients() }
    }
}
