public import Memory

/// Where the walk of a snapshot stands. It goes round once: database by database, slot by slot, in the order of a scan,
/// so that no entry is missed while tables grow and shrink.
public struct SnapshotWalk: BitwiseCopyable {
    fileprivate var database = 0
    fileprivate var slot = 0
    fileprivate var cursor: UInt64 = 0

    public init() {}
}

extension Keyspace {
    /// Begins a snapshot of what there is at this moment: from now on entries are written before they change. The
    /// handle stays the caller's, who says ``end(_:)`` before he ends it. The walk of the last snapshot must have
    /// come to its end.
    public mutating func begin(_ snapshot: Handle<LiveSnapshot>) {
        for number in 0..<databaseCount { self[number].begin(snapshot) }
    }

    /// Entries are not written before they change any more. If the walk was not at its end, it has to go on to mark
    /// the rest.
    public mutating func end(_ snapshot: Handle<LiveSnapshot>) {
        snapshot.value.abandonLongValues()
        for number in 0..<databaseCount { self[number].endSnapshot() }
    }

    /// A step of the walk: writes the entries of a bucket or two that the snapshot does not have, or only marks them
    /// when there is no snapshot any more. Long values are put into its queue. `false` when the walk is at its end.
    public mutating func advance(_ walk: inout SnapshotWalk) -> Bool {
        while walk.database < databaseCount {
            if self[walk.database].advance(&walk.slot, &walk.cursor) { return true }
            walk = SnapshotWalk(database: walk.database + 1)
        }
        return false
    }

    /// As ``advance(_:)`` for keys that were taken away from a database after the snapshot had begun. They must not be
    /// freed before the walk over them is at its end, and no long value is in the queue.
    public func advance(
        _ walk: inout SnapshotWalk, over detached: borrowing DetachedSlots, of database: Int
    ) -> Bool {
        self[database].advance(&walk.slot, &walk.cursor, over: detached)
    }

    /// If the snapshot that runs lacks the entry, and it is long where only that counts: puts it into the queue and
    /// answers `true`, and the caller has to wait until it is written.
    public func enqueue(_ entry: Entry, in database: Int, onlyIfLong: Bool = true) -> Bool {
        self[database].enqueue(entry, onlyIfLong: onlyIfLong)
    }

    /// Keys in all databases.
    public var count: Int {
        var count = 0
        for number in 0..<databaseCount { count += self[number].count }
        return count
    }
}

extension SnapshotWalk {
    fileprivate init(database: Int) { self.database = database }
}
