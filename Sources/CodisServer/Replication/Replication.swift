import Memory

/// Both sides of replication: this server's replicas, and the master it follows, if any.
///
/// Replicas get one *stream*: the commands that change the data set, as bytes, counted from the beginning. A place in
/// it is called an offset, and together with the stream's name it says exactly which data set a server has. As long as
/// the bytes behind a replica's offset are kept (`repl-backlog-size`), it can go on there after a cut; otherwise it
/// gets the whole data set.
///
/// A server that follows a master hands the master's stream on, byte for byte, so that all servers of a chain count
/// alike. When it is promoted it gives the stream a new name and remembers the old one up to that offset: its siblings
/// and even its old master go on with a partial resync (Redis 4's PSYNC2, understood by every Redis from 2.8 on).
struct Replication: ~Copyable {
    /// The name of the stream.
    var id = ReplicationID.random()
    /// The name that the stream had before, up to ``previousIDEnd``.
    var previousID = ReplicationID.none
    /// The offset at which ``previousID`` ended; -1 while there is none.
    var previousIDEnd: Int64 = -1
    /// The bytes that replicas may still ask for.
    var stream = ByteStream()
    /// Whether the stream is kept. A master begins with its first replica, and ends long after the last has gone.
    var isRecording = false
    /// The offset behind the last command in it that changes something: behind it are pings and the like.
    var changesEnd: Int64 = 0
    /// The database that a reader of a master's stream has selected at its end.
    var selectedDatabase = 0
    /// Offsets that the prologue of a snapshot has taken: the bytes there mean something else to other replicas, so that
    /// none may go on within.
    var splitOffsets: [Range<Int64>] = []

    // MARK: Replicas

    /// Those who asked for the stream, in the order they came, by the number of their connection.
    var replicas: [UInt64: Replica] = [:]
    /// The snapshot that replicas wait for or get, if it is still being made or may be joined.
    var sync: FullSync?
    /// Unix time in seconds when the last replica left, or the start of recording.
    var lonelySince: Int64 = 0
    /// Nanoseconds of `Clock.monotonic`.
    var nextPing: Int64 = 0
    /// Whether replicas could take more at once: they get portions, one in each turn.
    var hasMoreToSend = false
    /// Bytes that are kept for the slowest replica, beyond the backlog, which is there anyway.
    var bytesWaiting = 0
    /// Replicas that were heard of not longer than `min-slaves-max-lag` ago, counted every second.
    var goodReplicas = 0
    var waiters = ReplicaWaiters()

    var fullSyncs = 0
    var partialSyncs = 0
    var refusedPartialSyncs = 0

    // MARK: The master

    /// The master this server follows; `nil` if it is one itself.
    var master: MasterLink?
    /// Whether commands are run that a master sent.
    var isApplying = false

    /// Counts links to masters.
    var linkCount = 0
    /// Whether a command has to be looked at before it is run, see `Server.refusal(of:_:)`.
    var restrictsCommands = false

    // MARK: Handover

    /// Nanoseconds of `Clock.monotonic`, while a replica takes over and nothing may be written.
    var holdsWritersUntil: Int64?
    /// Clients whose next command writes, in the order they came.
    var heldWriters: [UInt64] = []

    /// Whether there is something to do before the next wait.
    var hasWorkAtHand: Bool { hasMoreToSend || master?.hasMoreToLoad == true || master?.isHeldBack == true }

    /// Replicas that have asked for the stream, in the order they came.
    var attachedReplicas: [Replica] { replicas.values.sorted { $0.client < $1.client } }

    var isReplica: Bool { master != nil }
    /// The number of bytes that the stream ever had.
    var offset: Int64 { stream.end }

    /// Begins a new name at this offset; the present one stays known as the previous one.
    mutating func rename() {
        previousID = id
        previousIDEnd = offset
        id = .random()
    }

    /// Takes the previous name again if the stream has not grown under the new one: whoever knew the old one can go on
    /// with it. The new one is good for the same bytes.
    mutating func takeBackName() {
        if offset == previousIDEnd { swap(&id, &previousID) }
    }

    /// Whether a replica that has the stream `id` up to `offset` can go on here.
    func canContinue(_ id: ReplicationID, from offset: Int64) -> Bool {
        guard isRecording, id == self.id || (id == previousID && offset <= previousIDEnd) else { return false }
        guard offset >= stream.start, offset <= stream.end else { return false }
        return !splitOffsets.contains { $0.contains(offset) }
    }

    /// Milliseconds the event loop may sleep on account of replication.
    func longestWait(from now: Int64) -> Int32 {
        var wait = waiters.longestWait(from: now)
        if let end = holdsWritersUntil { wait = min(wait, Int32(clamping: (max(0, end - now) + 999_999) / 1_000_000)) }
        return wait
    }
}

/// The name of a replication stream: 40 hexadecimal digits.
struct ReplicationID: Equatable, CustomStringConvertible {
    let description: String

    /// What stands where there is no name.
    static let none = ReplicationID(description: String(repeating: "0", count: 40))

    static func random() -> ReplicationID { ReplicationID(description: Server.randomIdentifier()) }

    private init(description: String) { self.description = description }

    /// `nil` unless the text can be a name. Redis 2.8 uses its run id, so the digits are not looked at.
    init?(_ text: RawSpan) {
        guard text.byteCount == 40 else { return nil }
        description = text.text
    }
}
