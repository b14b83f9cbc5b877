import Memory
import SlotStorage

/// A snapshot from its beginning until its bytes are where they belong.
struct RunningSnapshot {
    let purpose: SnapshotPurpose
    let format: SnapshotFormat
    let sink: SnapshotSink
    /// Keys when it began.
    let keys: Int
    /// `Server.dirty` when it began.
    let dirty: Int
    /// Nanoseconds of `Clock.monotonic`.
    let startedAt: Int64

    /// Bytes that came from the entries so far.
    var bytes = 0
    /// Those that the sink has not taken yet.
    var bytesUnderWay = 0
    /// Entries written.
    var keysDone = 0
    /// Whether every entry is written, and only the sink has still to do.
    var isWalkComplete = false

    /// Bytes that may be under way to the sink before the walk waits for it.
    static let mostBytesUnderWay = 8 << 20

    var hasRoom: Bool { bytesUnderWay < Self.mostBytesUnderWay }

    /// Seconds it has been running.
    func seconds(at now: Int64) -> Int { Int((now - startedAt) / 1_000_000_000) }

    /// Seconds until its end at the speed so far; `nil` while nothing can be told.
    func estimatedSeconds(at now: Int64) -> Int? {
        guard keysDone > 0 else { return nil }
        let elapsed = Double(now - startedAt) / 1e9
        return Int(elapsed / Double(keysDone) * Double(max(keys - keysDone, 0)) + 0.5)
    }
}

/// The live snapshot of the server: at most one at a time, for whatever purpose.
struct SnapshotWork: ~Copyable {
    /// Whether entries have to be written before they change. The one thing that commands look at.
    private(set) var isOn = false
    /// The one that runs, its last bytes included.
    var running: RunningSnapshot?
    /// What is written of the data set; there while ``isOn``.
    private(set) var live: Handle<LiveSnapshot>?
    /// Where the walk stands. After a snapshot was given up, the walk goes on without one, so that all entries get the
    /// same mark.
    var walk: SnapshotWalk?
    /// Keys that left their database before the walk came to them; they are freed when it has been there.
    var detached: [DetachedKeys] = []
    /// Long values that it has pinned. Those that somebody else had pinned before are not among them.
    private(set) var pinned: [LiveSnapshot.LongValue] = []
    var budget = BackgroundBudget(slice: 500_000)
    private var lastNumber = 0

    /// Keys that were taken out of a database all at once.
    struct DetachedKeys {
        let box: DetachedBox
        let database: Int
        var walk = SnapshotWalk()
    }

    /// Long values pinned in a database, or in all of them with `nil`.
    func pinCount(in database: Int?) -> Int { pinned.count { database == nil || $0.database == database } }

    func hasPinned(_ entry: Entry) -> Bool { pinned.contains { $0.entry == entry } }

    mutating func notePin(_ value: LiveSnapshot.LongValue) { pinned.append(value) }

    /// The pin of an entry is not the snapshot's any more. `false` when it never was.
    mutating func letGo(of entry: Entry) -> Bool {
        guard let index = pinned.firstIndex(where: { $0.entry == entry }) else { return false }
        pinned.remove(at: index)
        return true
    }

    var isRunning: Bool { running != nil }

    /// Whether one can begin: the last one, and marking after it, have come to their end.
    var canBegin: Bool { running == nil && walk == nil }

    /// Whether a slice has something to do now.
    var hasWork: Bool { walk != nil && running?.hasRoom ?? true }

    /// Milliseconds the event loop may sleep: while there is work, it only looks whether somebody else has some.
    var longestWait: Int32 { hasWork ? 0 : .max }

    mutating func nextNumber() -> Int {
        lastNumber += 1
        return lastNumber
    }

    mutating func begin(_ running: RunningSnapshot, _ live: Handle<LiveSnapshot>) {
        self.running = running
        self.live = live
        walk = SnapshotWalk()
        isOn = true
    }

    /// Entries may change again without being written.
    mutating func endWriting() {
        isOn = false
        live?.destroy()
        live = nil
    }
}
