internal import Memory

/// A copy of the whole data set in the making, as it was at one moment, while commands go on changing it.
///
/// A walk over all slots writes one entry after the other (`Keyspace+Snapshot.swift`); an entry that is about to change
/// before the walk has come to it is written first. Each entry's mark says whether it has been written, and entries
/// that come later are born with it.
///
/// A **long** value, over ``longValue`` bytes, is written in steps. What is written while it is half-way there is kept
/// aside and follows it. Who wants to change a long value before it is written has to wait; how, is the server's
/// business. Without that it is written at once.
public struct LiveSnapshot: ~Copyable {
    public let format: SnapshotFormat
    /// Unix time in milliseconds; a key whose time had passed by then is left out.
    private let moment: Int64

    private var output: SnapshotOutput
    /// What has to wait until the long value in the output is complete.
    private var aside: SnapshotOutput
    private let compresses: Bool
    /// The long value that is half-way in the output.
    private var transcript: EntryTranscript?
    /// Long values that come next.
    private var queue: [LongValue] = []
    private var enqueued: [LongValue] = []

    /// Entries written, and those left out since their time had passed.
    public private(set) var entriesDone = 0

    /// Bytes over which a value is long.
    public static let longValue = 64 * 1024

    /// A long value that waits, or is being written. The entry stays where it is, since nobody may change it.
    public struct LongValue: BitwiseCopyable {
        public let entry: Entry
        public let database: Int

        public init(entry: Entry, database: Int) {
            self.entry = entry
            self.database = database
        }
    }

    /// Begins with what stands before the first entry.
    public init(_ format: SnapshotFormat, compresses: Bool, at moment: Int64) {
        self.format = format
        self.moment = moment
        self.compresses = compresses
        output = SnapshotOutput(format, compresses: compresses)
        aside = SnapshotOutput(format, compresses: compresses)
        output.writeHead()
    }

    // MARK: Entries

    /// Writes an entry that was not written before, and gives it the mark of those that were. O(n).
    mutating func write(_ entry: Entry, marking mark: Bool, in database: Int) {
        if transcript?.entry == entry {
            while advance() == nil {}
            return
        }
        if !queue.isEmpty { queue.removeAll { $0.entry == entry } }
        entry.mark = mark
        entriesDone += 1
        if isLeftOut(entry) { return }
        if transcript == nil { output.write(entry, in: database) } else { aside.write(entry, in: database) }
    }

    private func isLeftOut(_ entry: Entry) -> Bool { entry.expiry.map { $0 < moment } ?? false }

    // MARK: Long values

    /// Whether an entry is too long to be written in one go.
    func isLong(_ entry: Entry) -> Bool { entry.isLonger(than: Self.longValue) }

    /// Whether there are values that ``advance()`` writes.
    public var hasLongValues: Bool { transcript != nil || !queue.isEmpty }

    /// Puts a long value behind those that are to be written, if it is not there. It gets its mark at its end.
    mutating func enqueue(_ entry: Entry, marking mark: Bool, in database: Int) {
        if isLeftOut(entry) {
            entry.mark = mark
            entriesDone += 1
        } else if !isToBeWritten(entry) {
            queue.append(LongValue(entry: entry, database: database))
            enqueued.append(LongValue(entry: entry, database: database))
        }
    }

    /// Those that were put into the queue since the last call.
    public mutating func takeEnqueued() -> [LongValue] {
        defer { enqueued = [] }
        return enqueued
    }

    /// Whether an entry is half-way, or waits for it.
    public func isToBeWritten(_ entry: Entry) -> Bool {
        transcript?.entry == entry || queue.contains { $0.entry == entry }
    }

    /// Those that are half-way or wait.
    private var longValues: [LongValue] {
        (transcript.map { [LongValue(entry: $0.entry, database: $0.database)] } ?? []) + queue
    }

    /// Writes a step of a long value; answers the value if it is complete.
    public mutating func advance() -> LongValue? {
        if transcript == nil {
            guard !queue.isEmpty else { return nil }
            let next = queue.removeFirst()
            transcript = EntryTranscript(of: next.entry, in: next.database)
        }
        guard let entry = transcript?.entry, let database = transcript?.database else { return nil }
        if transcript?.step(&output) == true { return nil }
        transcript = nil
        entry.mark.toggle()
        entriesDone += 1
        var written = SnapshotOutput(format, compresses: compresses)
        swap(&written, &aside)
        output.append(written)
        return LongValue(entry: entry, database: database)
    }

    /// Gives up long values that wait, when the snapshot is given up: they count as written, since the walk does not
    /// come to them again.
    mutating func abandonLongValues() {
        for value in longValues { value.entry.mark.toggle() }
        transcript = nil
        queue = []
    }

    // MARK: Output

    /// The chunks that are full.
    public mutating func takeChunks() -> [SnapshotChunk] { output.takeChunks() }

    /// Bytes that were written and not taken yet.
    public var bytesWaiting: Int { output.bytesWaiting + aside.bytesWaiting }

    /// The last chunk, when every entry is written and every other chunk taken.
    public mutating func finish() -> SnapshotChunk {
        precondition(!hasLongValues, "a snapshot that is not complete")
        output.writeEnd()
        return output.takeLastChunk()
    }
}
