import Memory
import SlotStorage

/// Carries keys or values that left their database to the thread that frees them.
final class DetachedBox: @unchecked Sendable {
    // Unchecked: the event loop fills it and lets go of it before the helper thread sees it.
    private var slots: DetachedSlots?
    private var values: DetachedValues?

    /// How many keys or values there are.
    let count: Int
    /// Bytes that freeing them will give back, about.
    let bytes: Int

    init(_ slots: consuming DetachedSlots) {
        count = slots.count
        bytes = slots.estimatedSize
        self.slots = consume slots
    }

    init(_ values: consuming DetachedValues) {
        count = values.count
        bytes = values.bytes
        self.values = consume values
    }

    func free() {
        slots = nil
        values = nil
    }

    /// A step of a snapshot's walk over the keys, which came from `database`: `false` at its end.
    func advance(_ walk: inout SnapshotWalk, of database: Int, _ keyspace: borrowing Keyspace) -> Bool {
        slots?.advance(&walk, of: database, keyspace) ?? false
    }
}

extension DetachedSlots {
    fileprivate borrowing func advance(
        _ walk: inout SnapshotWalk, of database: Int, _ keyspace: borrowing Keyspace
    ) -> Bool {
        keyspace.advance(&walk, over: self, of: database)
    }
}

/// A thread's memory counter, read by the event loop while that thread lives.
final class SharedCounter: @unchecked Sendable {
    // Unchecked: it only reads two words that jemalloc keeps for the thread.
    private let counter = MemoryCounter()

    var balance: Int { counter.balance }
}
