import Memory
import RESP
import SlotStorage

/// Moved keys on their way out of the database, when the target has all of them.
enum Removal {
    case job(MigrationJob)
    case batch(AsyncBatch, AsyncLink)
}

/// Keys that have moved are removed, those of a small job all at once, those of a large one in several turns. The others
/// are still pinned, and nobody can tell: the target has the same values.
extension Server {
    /// Keys that are removed in one turn.
    private static let removedAtATime = 1000

    mutating func remove(_ removal: Removal) {
        if !removeSome(removal) { migration.removals.append(removal) }
    }

    /// Goes on with large removals, once a turn.
    mutating func continueRemovals() {
        let removals = migration.removals
        migration.removals = []
        for removal in removals { remove(removal) }
    }

    /// Ends those that are not done: what is left of their keys stays here, too.
    mutating func abandonRemovals() {
        let removals = migration.removals
        migration.removals = []
        for case .job(let job) in removals { end(job, .read) }
    }

    /// Whether it was the last of them.
    private mutating func removeSome(_ removal: Removal) -> Bool {
        switch removal {
        case .job(let job):
            let entries = nextToRemove(job.keys[job.removed...], in: job.database)
            job.removed = entries.endIndex
            let waiters = removeMoved(entries, from: job.database)
            let isOver = job.removed == job.keys.count
            if isOver {
                let moved = job.keys.count
                job.forgetKeys()
                finish(job, moved: moved)
            }
            wake(waiters)
            return isOver
        case .batch(let batch, let link):
            // It may have been cancelled meanwhile.
            guard batch.isRemoving else { return true }
            let entries = nextToRemove(batch.keys[batch.keysRemoved...], in: batch.database)
            batch.keysRemoved = entries.endIndex
            if !migration.leftovers.isEmpty {
                for entry in entries { migration.leftovers.remove(entry.key.array, in: batch.database) }
            }
            let waiters = removeMoved(entries, from: batch.database)
            let isOver = batch.keysRemoved == batch.keys.count
            if isOver { complete(link, batch) }
            wake(waiters)
            return isOver
        }
    }

    /// As many as may go in one turn, up to a long value that a snapshot has yet to write.
    private mutating func nextToRemove(_ entries: ArraySlice<Entry>, in database: Int) -> ArraySlice<Entry> {
        let entries = entries.prefix(Self.removedAtATime)
        guard snapshot.isOn else { return entries }
        var end = entries.startIndex
        while end < entries.endIndex, !isAwaitedBySnapshot(entries[end], in: database) { end += 1 }
        return entries[..<end]
    }

    /// Removes keys that another server has now. Answers who waited for them: for ``wake(_:)``.
    mutating func removeMoved(_ entries: ArraySlice<Entry>, from database: Int) -> [Pins.Waiter] {
        if entries.isEmpty { return [] }
        propagateLoss(in: database) { commands in
            commands.array(1 + entries.count)
            commands.bulk("DEL")
            for entry in entries { commands.bulk(entry.key) }
        }
        migration.progress.keys += entries.count
        var waiters: [Pins.Waiter] = []
        for entry in entries {
            waiters += unpin(entry, in: database)
            changed(entry.key, in: database)
            // The entry, and with it the key, lives until it has left the database.
            keyspace[database].remove(entry.key)
        }
        return waiters
    }
}
