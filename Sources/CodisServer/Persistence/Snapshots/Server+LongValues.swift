import Memory
import SlotStorage

/// Long values, which a snapshot writes in steps: they are pinned meanwhile, so that who wants to change one waits.
extension Server {
    /// Whether nobody may change the entry now: it is pinned, or it gets pinned by this question, since a snapshot has
    /// to write it and cannot do so at once.
    mutating func isHeld(_ entry: Entry, in database: Int) -> Bool {
        if entry.isPinned { return true }
        guard snapshot.isOn, keyspace.enqueue(entry, in: database, onlyIfLong: !snapshot.isCongested) else {
            return false
        }
        pinLongValue(LiveSnapshot.LongValue(entry: entry, database: database))
        return true
    }

    /// Whether a snapshot has yet to write a long value that is about to leave the database. It comes to it soon, step by
    /// step; whoever cannot wait for that has it written at once.
    mutating func isAwaitedBySnapshot(_ entry: Entry, in database: Int) -> Bool {
        snapshot.isOn && keyspace.enqueue(entry, in: database, onlyIfLong: true)
    }

    /// Lets the snapshot have an entry that is about to change. A long value that nobody could be made to wait for is
    /// written here and now.
    mutating func preserve(_ entry: Entry, in database: Int) {
        if snapshot.hasPinned(entry) { finishLongValue(entry) }
        keyspace[database].preserve(entry)
    }

    /// Pins a long value for the snapshot, unless it is pinned.
    private mutating func pinLongValue(_ value: LiveSnapshot.LongValue) {
        guard !value.entry.isPinned else { return }
        pin(value.entry, in: value.database)
        snapshot.notePin(value)
    }

    /// Pins the values that the walk has put into the queue since the last call.
    mutating func pinLongValues(of live: Handle<LiveSnapshot>) {
        for value in live.value.takeEnqueued() {
            // Keys that left their database are nobody's any more.
            if keyspace[value.database].find(value.entry.key) == value.entry { pinLongValue(value) }
        }
    }

    /// Writes a step of the long value that is at hand.
    mutating func advanceLongValue(_ live: Handle<LiveSnapshot>) {
        if let written = live.value.advance() { wake(release(written)) }
    }

    /// Writes long values until `entry` is one of those that are written.
    private mutating func finishLongValue(_ entry: Entry) {
        guard let live = snapshot.live else { return }
        while live.value.isToBeWritten(entry) { advanceLongValue(live) }
    }

    /// Writes all long values that somebody may wait for.
    mutating func finishLongValues() {
        guard let live = snapshot.live else { return }
        while live.value.hasLongValues { advanceLongValue(live) }
    }

    /// Takes the pins of long values away, though they are still to be written. Answers who waited for them: for
    /// ``wake(_:)``, when everything is in order.
    mutating func releaseLongValues(where isMeant: (LiveSnapshot.LongValue) -> Bool) -> [Pins.Waiter] {
        var waiters: [Pins.Waiter] = []
        for value in snapshot.pinned where isMeant(value) { waiters += release(value) }
        return waiters
    }

    private mutating func release(_ value: LiveSnapshot.LongValue) -> [Pins.Waiter] {
        snapshot.letGo(of: value.entry) ? unpin(value.entry, in: value.database) : []
    }
}
