internal import Memory

/// All databases of a server.
@safe
public struct Keyspace: ~Copyable {
    /// How many databases there are.
    public let databaseCount: Int
    private let databases: UnsafeMutablePointer<Database>
    private let discards = Discards()

    /// The first keyspace of the process, empty. `hashSeed` should be random.
    public init(databaseCount: Int, hashSeed: UInt64) {
        Hashing.setSeed(hashSeed)
        self.init(databaseCount: databaseCount)
    }

    /// Another keyspace, empty.
    public init(databaseCount: Int) {
        precondition(databaseCount > 0, "a keyspace without a database")
        self.databaseCount = databaseCount
        unsafe databases = UnsafeMutablePointer<Database>.allocate(capacity: databaseCount)
        for number in 0..<databaseCount {
            unsafe (databases + number).initialize(to: Database(number: number, discards: discards))
        }
    }

    deinit {
        unsafe databases.deinitialize(count: databaseCount)
        unsafe databases.deallocate()
    }

    /// The database `number`, changed in place; traps outside `0..<databaseCount`.
    public subscript(number: Int) -> Database {
        @inline(__always)
        unsafeAddress {
            precondition(number >= 0 && number < databaseCount, "no such database")
            return unsafe UnsafePointer(databases + number)
        }
        @inline(__always)
        unsafeMutableAddress {
            precondition(number >= 0 && number < databaseCount, "no such database")
            return unsafe databases + number
        }
    }

    /// Moves a key that must exist in the one and not in the other, with its expiry.
    public mutating func move(_ key: RawSpan, from source: Int, to target: Int) {
        precondition(source != target && source < databaseCount && target < databaseCount, "no such move")
        unsafe databases[source].move(key, to: &databases[target])
    }

    // MARK: Large values

    /// Whether large values were removed or overwritten and wait to be freed.
    public var hasDiscards: Bool { !discards.isEmpty }

    /// Bytes that freeing them will give back, about.
    public var discardedBytes: Int { discards.bytes }

    /// Hands out the large values that were removed or overwritten since the last call.
    public mutating func takeDiscards() -> DetachedValues { discards.take() }

    /// Frees a value that no database took: at once, or with the ``takeDiscards()`` if it is large.
    public mutating func discard(_ value: Value) { discards.add(value) }

    /// Sets what new entries of every database get as their access clock, and whether rewritten ones keep theirs.
    public mutating func setAccessClock(_ clock: UInt32, countsUses: Bool = false) {
        for number in 0..<databaseCount {
            unsafe databases[number].accessClock = clock
            unsafe databases[number].countsUses = countsUses
        }
    }
}
