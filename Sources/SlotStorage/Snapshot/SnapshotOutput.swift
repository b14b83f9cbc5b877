internal import Memory

/// The bytes of a snapshot in the making: entries one behind the other, cut into chunks.
struct SnapshotOutput: ~Copyable {
    let format: SnapshotFormat
    private var writer: RDBWriter
    /// The database that a reader of these bytes has selected; `nil` when that is not known.
    private var database: Int?
    /// Whether a string that is to be compressed is only there in part, and must not be cut.
    private var isInBareString = false
    /// Full ones, in order.
    private(set) var chunks: [SnapshotChunk] = []
    private var bytesInChunks = 0

    /// Bytes of a chunk: enough to make handing it over cheap, and few enough to be kept in a processor's cache.
    private static let chunkLength = 128 * 1024

    init(_ format: SnapshotFormat, compresses: Bool) {
        self.format = format
        writer = RDBWriter(compresses: compresses)
        writer.leavesCompressing = true
    }

    /// Whether nothing was written, or all of it was taken.
    var isEmpty: Bool { chunks.isEmpty && writer.output.isEmpty }

    /// Bytes that were written and not taken.
    var bytesWaiting: Int { bytesInChunks + writer.output.count }

    // MARK: The whole

    /// What stands before the first entry.
    mutating func writeHead() {
        guard format == .rdb else { return }
        writer.append(StaticString("REDIS0006").bytes)
    }

    /// What stands behind the last entry, but for the checksum.
    mutating func writeEnd() {
        if format == .rdb { writer.output.append(RDBOpcode.end) }
    }

    // MARK: Entries

    /// Writes an entry. O(n).
    mutating func write(_ entry: Entry, in database: Int) {
        if format == .rdb {
            beginEntry(entry, in: database)
            writer.writeValue(entry)
        } else {
            var transcript = EntryTranscript(of: entry, in: database)
            while transcript.step(&self) {}
        }
        cutWhenFull()
    }

    /// What stands before a value in an RDB file: database, expiry, type and key.
    mutating func beginEntry(_ entry: Entry, in database: Int) {
        if self.database != database {
            writer.output.append(RDBOpcode.selectDatabase)
            writer.writeLength(database)
            self.database = database
        }
        if let expiry = entry.expiry {
            writer.output.append(RDBOpcode.expiryInMilliseconds)
            writer.appendLittleEndian(UInt64(bitPattern: expiry), bytes: 8)
        }
        writer.output.append(entry.rdbType.rawValue)
        writer.writeString(entry.key)
    }

    /// The number of members, in an RDB file.
    mutating func writeCount(_ count: Int) { writer.writeLength(count) }

    mutating func writeScore(_ score: Double) { writer.writeScore(score) }

    // MARK: Strings

    mutating func writeString(_ bytes: RawSpan) {
        if format == .rdb { return writer.writeString(bytes) }
        beginBulk(bytes.byteCount)
        writer.append(bytes)
        writer.append(StaticString("\r\n").bytes)
    }

    /// Begins a string that comes in parts, of `length` bytes in all.
    mutating func beginString(_ length: Int) {
        guard format == .rdb else { return beginBulk(length) }
        if writer.isWorthCompressing(length) {
            writer.bareStrings.append(BareString(offset: writer.output.count, length: length))
            isInBareString = true
        } else {
            writer.writeLength(length)
        }
    }

    mutating func append(_ part: RawSpan) {
        writer.append(part)
        cutWhenFull()
    }

    mutating func endString() {
        isInBareString = false
        if format == .commands { writer.append(StaticString("\r\n").bytes) }
        cutWhenFull()
    }

    // MARK: Commands

    /// Selects the database where that is not done.
    mutating func select(_ database: Int) {
        guard self.database != database else { return }
        beginCommand("SELECT", arguments: 1)
        Int64(database).withDigits { writeString($0) }
        self.database = database
    }

    mutating func beginCommand(_ name: StaticString, arguments: Int) {
        writeHeader(UInt8(ascii: "*"), arguments + 1)
        writeString(name.bytes)
    }

    private mutating func beginBulk(_ length: Int) { writeHeader(UInt8(ascii: "$"), length) }

    private mutating func writeHeader(_ kind: UInt8, _ number: Int) {
        writer.output.append(kind)
        Int64(number).withDigits { writer.append($0) }
        writer.append(StaticString("\r\n").bytes)
    }

    // MARK: Chunks

    private mutating func cutWhenFull() {
        if writer.output.count >= Self.chunkLength, !isInBareString { cut() }
    }

    /// Makes a chunk of what there is.
    mutating func cut() {
        guard !writer.output.isEmpty else { return }
        precondition(!isInBareString, "a string is cut")
        let strings = writer.bareStrings
        writer.bareStrings = []
        writer.bareStrings.reserveCapacity(strings.count)
        bytesInChunks += writer.output.count
        chunks.append(SnapshotChunk(writer.takeOutput(), strings))
        writer.reserve(Self.chunkLength + 4096)
    }

    /// The chunks so far.
    mutating func takeChunks() -> [SnapshotChunk] {
        defer { (chunks, bytesInChunks) = ([], 0) }
        return chunks
    }

    /// What is left when all chunks were taken, even if it is nothing.
    mutating func takeLastChunk() -> SnapshotChunk {
        precondition(chunks.isEmpty && !isInBareString, "chunks that were not taken")
        return SnapshotChunk(writer.takeOutput(), writer.bareStrings)
    }

    /// Puts what was written elsewhere behind this.
    mutating func append(_ other: consuming SnapshotOutput) {
        if other.isEmpty { return }
        cut()
        other.cut()
        chunks += other.chunks
        bytesInChunks += other.bytesInChunks
        database = other.database
    }
}

/// Bytes that stand in the place of a type in an RDB file.
enum RDBOpcode {
    static let expiryInMilliseconds: UInt8 = 0xfc
    static let selectDatabase: UInt8 = 0xfe
    static let end: UInt8 = 0xff
}
