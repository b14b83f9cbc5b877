internal import Memory

/// Reads an RDB file of any version from 1 to 12, as its bytes come.
///
///     var reader = RDBFileReader(databaseCount: 16, limits: limits)
///     reader.append(bytes)                    // any part of the file, as often as there is one
///     switch try reader.next() {              // until it needs more
///     case .entry(let entry): ...             // the key is reader.key
///     ...
///
/// Each call of ``next()`` does a bounded amount of work, however large the value is that comes. It takes memory for
/// bytes that have come, and never because a length says so. The file may be followed by something else, as in a
/// replication stream or an append-only file: that stays ``unread``.
public struct RDBFileReader: ~Copyable {
    /// What there is at the place of reading.
    public enum Event {
        /// More bytes have to come.
        case needsInput
        /// Something that concerns the reader alone.
        case working
        /// A remark of the writer, such as its version: the name is ``RDBFileReader/key``, the value
        /// ``RDBFileReader/text``.
        case remark
        /// A key with its value.
        case entry(RDBEntry)
        /// The end; the checksum is right.
        case end
    }

    /// Bytes that came, from the last place where everything before was done with.
    private var window = ByteBuffer()
    /// Where the window begins in the file.
    private var windowOffset = 0
    /// Where reading goes on in the window.
    private var position = 0
    /// Bytes from ``position`` on without which nothing can be read.
    private var needed = 1
    private var inputHasEnded = false
    private var parser: RDBFileParser
    /// Of the file before the window.
    private var checksum: UInt64 = 0
    private let verifiesChecksum: Bool
    private var state = State.content

    private enum State {
        case content
        case checksum
        case ended
    }

    /// A reader for a server with so many databases. Without `verifiesChecksum` a wrong checksum is no error.
    public init(databaseCount: Int, limits: EncodingLimits, verifiesChecksum: Bool = true) {
        self.verifiesChecksum = verifiesChecksum
        parser = RDBFileParser(databaseCount: databaseCount, limits: limits)
    }

    // MARK: Input

    /// Gives the reader the next bytes of the file. O(n).
    public mutating func append(_ bytes: RawSpan) {
        discardRead()
        window.append(bytes)
    }

    /// Lets `fill` write the next bytes of the file, up to `room`; it answers how many these are. O(n).
    public mutating func append<E: Error>(
        upTo room: Int, _ fill: (UnsafeMutableRawBufferPointer) throws(E) -> Int
    ) throws(E) -> Int {
        discardRead()
        return unsafe try window.append(upTo: room, fill)
    }

    /// Tells the reader that no more bytes come: a file that is not complete is an error then.
    public mutating func endInput() { inputHasEnded = true }

    /// Makes room at the front of the window.
    private mutating func discardRead() {
        guard position > 0, state != .ended else { return }
        if verifiesChecksum { updateChecksum() }
        windowOffset += position
        window.removePrefix(position)
        position = 0
        // What a large value needed is not kept for small ones.
        if window.isEmpty, window.capacity > Self.keptCapacity { window.release() }
    }

    private static var keptCapacity: Int { 4 << 20 }

    // MARK: Output

    /// The name of the key that was read last.
    public var key: RawSpan {
        @_lifetime(borrow self)
        get { parser.key.bytes }
    }

    /// The string of the key that was read last, if the entry says so.
    public var text: RawSpan {
        @_lifetime(borrow self)
        get { parser.text.bytes }
    }

    /// The version of the format, 0 as long as it is not known.
    public var version: Int { parser.version }

    /// How much of the file makes sense by itself, whatever comes behind: up to the end of the last whole key or
    /// operation.
    public private(set) var soundLength = 0

    /// How much of the file has been read.
    public var bytesRead: Int { windowOffset + position }

    /// Bytes behind the part of the file that has been read: behind the file, once the end was reached.
    public var unread: RawSpan {
        @_lifetime(borrow self)
        get { window.bytes.extracting(position..<window.count) }
    }

    /// Goes on reading.
    public mutating func next() throws(RDBFileError) -> Event {
        guard window.count - position >= needed || inputHasEnded else { return .needsInput }
        switch state {
        case .content: return try readContent()
        case .checksum: return try readChecksum()
        case .ended: return .end
        }
    }

    /// An error about the key that was read last, which began at `offset`.
    func error(_ cause: RDBError, at offset: Int) -> RDBFileError {
        RDBFileError(offset: offset, cause: cause, key: key.array, database: parser.database)
    }

    private mutating func readContent() throws(RDBFileError) -> Event {
        let start = bytesRead
        let item: RDBFileParser.Item
        do throws(Interruption) {
            item = try Self.read(window, from: &position, &parser)
        } catch {
            guard error.cause == .truncated, !inputHasEnded else { throw failure(error.cause) }
            needed = window.count - position + error.missing
            return .needsInput
        }
        needed = 1
        switch item {
        case .nothing:
            if !parser.isWithin { soundLength = bytesRead }
            return .working
        case .remark:
            soundLength = bytesRead
            return .remark
        case .string: return .entry(entry(.text, from: start))
        case .value(let value): return .entry(entry(.value(value), from: start))
        case .end:
            state = parser.version >= Self.firstVersionWithChecksum ? .checksum : .ended
            return try next()
        }
    }

    /// Why there is nothing, and how many bytes more it needs if they end too early.
    private struct Interruption: Error {
        let cause: RDBError
        let missing: Int
    }

    private static func read(
        _ window: borrowing ByteBuffer, from position: inout Int, _ parser: inout RDBFileParser
    ) throws(Interruption) -> RDBFileParser.Item {
        var reader = RDBReader(window.bytes, from: position, version: parser.version)
        do throws(RDBError) {
            let item = try parser.next(&reader)
            position = reader.offset
            return item
        } catch {
            position = reader.taken
            throw Interruption(cause: error, missing: reader.missing)
        }
    }

    private mutating func entry(_ content: RDBEntry.Content, from offset: Int) -> RDBEntry {
        defer {
            parser.endKey()
            soundLength = bytesRead
        }
        return RDBEntry(content: content, database: parser.database, expiry: parser.expiry, offset: offset)
    }

    private func failure(_ cause: RDBError) -> RDBFileError {
        RDBFileError(
            offset: bytesRead, cause: cause, key: parser.isInKey ? key.array : nil, database: parser.database)
    }

    // MARK: Checksum

    /// Works what was read of the window into the checksum.
    private mutating func updateChecksum() {
        checksum = CRC64.checksum(window.bytes.extracting(0..<position), continuing: checksum)
    }

    /// Older files end with ``endOperation``.
    public static var firstVersionWithChecksum: Int { 5 }
    /// The byte behind the last key.
    public static var endOperation: UInt8 { RDBFileParser.Operation.end.rawValue }

    /// Eight bytes, little-endian: the CRC-64 of everything before, or 0 where the writer made none.
    private mutating func readChecksum() throws(RDBFileError) -> Event {
        guard let stored = window.bytes.word(at: position) else {
            if inputHasEnded { throw failure(.truncated) }
            needed = 8
            return .needsInput
        }
        if verifiesChecksum, stored != 0 {
            updateChecksum()
            guard stored == checksum else { throw failure(.badChecksum(stored: stored, computed: checksum)) }
        }
        position += 8
        state = .ended
        return .end
    }
}

/// A key of an RDB file; its name is the reader's ``RDBFileReader/key``.
public struct RDBEntry: BitwiseCopyable {
    public enum Content: BitwiseCopyable {
        /// The reader's ``RDBFileReader/text``, of which whoever wants it makes a copy.
        case text
        /// A value that is the receiver's: it goes into a database, or is freed.
        case value(Value)
    }

    public let content: Content
    public let database: Int
    /// When the key ends, in Unix milliseconds.
    public let expiry: Int64?
    /// Where it was in the file; for a large collection, where its last part was.
    public let offset: Int

    public var type: ValueType {
        switch content {
        case .text: .string
        case .value(let value): value.type
        }
    }
}
