import Memory

/// Makes a keyspace of an RDB file, in slices, as the bytes come.
///
/// The keyspace is a new one: nobody sees it before the file is complete and its checksum is right.
///
///     var loader = KeyspaceLoader(databaseCount: 16, limits: limits, dropsKeysExpiredBefore: now)
///     loader.append(bytes)
///     switch try loader.load(atMost: 1000) { ... }
///     let keyspace = loader.finish()
public struct KeyspaceLoader: ~Copyable {
    /// How far loading is.
    public enum Progress: Equatable {
        /// More bytes have to come, or ``KeyspaceLoader/endInput()``.
        case needsInput
        /// There is more to do with the bytes that are there.
        case unfinished
        /// The keyspace can be taken.
        case complete
    }

    private var reader: RDBFileReader
    private var keyspace: Keyspace
    private let expiryLimit: Int64?
    private var isComplete = false
    /// Keys in the keyspace.
    public private(set) var keys = 0
    /// Keys that had expired.
    public private(set) var expiredKeys = 0
    /// The database that the replication stream has selected behind this file; 0 where the file does not say it.
    /// A replica of Redis 4 or later writes it for replicas of its own.
    public private(set) var streamDatabase = 0

    /// - Parameters:
    ///   - dropsKeysExpiredBefore: Unix milliseconds. A replica gives `nil` and keeps such keys, since its master tells
    ///     it when they go.
    ///   - accessClock: of the server at this time: to it, all keys are used now.
    ///   - verifiesChecksum: whether a wrong checksum is an error.
    public init(
        databaseCount: Int, limits: EncodingLimits, dropsKeysExpiredBefore: Int64?, accessClock: UInt32 = 0,
        verifiesChecksum: Bool = true
    ) {
        reader = RDBFileReader(databaseCount: databaseCount, limits: limits, verifiesChecksum: verifiesChecksum)
        keyspace = Keyspace(databaseCount: databaseCount)
        keyspace.setAccessClock(accessClock)
        expiryLimit = dropsKeysExpiredBefore
    }

    // MARK: Input

    /// Gives the loader the next bytes of the file.
    public mutating func append(_ bytes: RawSpan) { reader.append(bytes) }

    /// Lets `fill` write the next bytes of the file, up to `room`; it answers how many these are.
    public mutating func append<E: Error>(
        upTo room: Int, _ fill: (UnsafeMutableRawBufferPointer) throws(E) -> Int
    ) throws(E) -> Int {
        unsafe try reader.append(upTo: room, fill)
    }

    /// Tells the loader that no more bytes come.
    public mutating func endInput() { reader.endInput() }

    /// How much of the file has been read.
    public var bytesRead: Int { reader.bytesRead }

    /// Bytes that were given to the loader and are behind the file, once loading is complete.
    public var unread: RawSpan {
        @_lifetime(borrow self)
        get { reader.unread }
    }

    // MARK: Loading

    /// Goes on for up to so many keys, or parts of large ones. After an error there is nothing more to be had.
    public mutating func load(atMost steps: Int) throws(RDBFileError) -> Progress {
        for _ in 0..<steps {
            switch try reader.next() {
            case .entry(let entry): try store(entry)
            case .remark: noteRemark()
            case .working: break
            case .needsInput: return .needsInput
            case .end:
                isComplete = true
                return .complete
            }
        }
        return .unfinished
    }

    /// The keyspace, once loading is complete.
    public consuming func finish() -> Keyspace {
        precondition(isComplete, "a data set that is not loaded to its end")
        return keyspace
    }

    /// What was loaded of a file that is given up, to be freed and for nothing else.
    public consuming func abandon() -> Keyspace { keyspace }

    private mutating func noteRemark() {
        guard reader.key.elementsEqual(StaticString("repl-stream-db").bytes), let number = Int64(canonical: reader.text)
        else { return }
        if number >= 0, number < keyspace.databaseCount { streamDatabase = Int(number) }
    }

    private mutating func store(_ entry: RDBEntry) throws(RDBFileError) {
        if let expiryLimit, let expiry = entry.expiry, expiry < expiryLimit {
            expiredKeys += 1
            if case .value(let value) = entry.content { value.free() }
            return
        }
        guard Self.insert(entry, of: reader, into: &keyspace[entry.database]) else {
            throw reader.error(.repeatedKey, at: entry.offset)
        }
        keys += 1
    }

    private static func insert(
        _ entry: RDBEntry, of reader: borrowing RDBFileReader, into database: inout Database
    ) -> Bool {
        switch entry.content {
        case .text: database.insertString(reader.key, reader.text, expiry: entry.expiry)
        case .value(let value): database.insert(reader.key, value, expiry: entry.expiry)
        }
    }
}
