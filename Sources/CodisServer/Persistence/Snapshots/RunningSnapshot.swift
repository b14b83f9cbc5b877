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
    /// Whether its bytes go straight to replicas: no command waits for these, however slow they are.
    let isStreamed: Bool

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

    /// Bytes that may wait to be written before those wait who make more of them by changing entries: a sixteenth of
    /// the memory in use when the snapshot began.
    let mostBytesWaiting: Int

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
    /// When a client was read last, in nanoseconds of `Clock.monotonic`.
    var lastTraffic: Int64 = 0
    /// Nanoseconds of the longest slice of the snapshot that runs, or ran last: so long everybody had to wait for it.
    private(set) var longestSlice: Int64 = 0
    private var keysDoneAtSliceEnd = 0
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

    /// Bytes that were written of entries and not been taken from there.
    var bytesWaiting: Int { live?.value.bytesWaiting ?? 0 }

    /// Whether so much waits for the disk that nothing should be added to it: then every entry that is still to be
    /// written is treated as long values are, and who wants to change it waits.
    var isCongested: Bool {
        guard let running, let live, !running.isStreamed else { return false }
        return running.bytesUnderWay + live.value.bytesWaiting > running.mostBytesWaiting
    }

    /// Whether a slice has something to do now.
    var hasWork: Bool {
        guard walk != nil, let running else { return walk != nil }
        return running.hasRoom || running.isStreamed && live?.value.hasLongValues ?? false
    }

    /// Whether no client has said anything for a while. One that waits for the reply to one request before it sends the
    /// next leaves short pauses only, and is not to pay a slice for each.
    func isIdle(at now: Int64) -> Bool { now - lastTraffic >= Self.idleTime }

    private static let idleTime: Int64 = 2_000_000

    /// Milliseconds the event loop may sleep: until a slice may begin.
    func longestWait(from now: Int64) -> Int32 {
        guard hasWork else { return .max }
        let wait = min(budget.pause(from: now), max(0, lastTraffic + Self.idleTime - now))
        return Int32(clamping: (wait + 999_999) / 1_000_000)
    }

    /// Notes a slice that has written so many entries, and ends it.
    mutating func endSlice(from start: Int64, to end: Int64, entries: Int) {
        longestSlice = max(longestSlice, end - start)
        // What commands had written before they changed it counts as work, too; how long it took is not measured, but
        // entries are much the same.
        let preserved = max(0, (running?.keysDone ?? 0) - entries - keysDoneAtSliceEnd)
        let extra = entries > 0 ? Int64(preserved) * (end - start) / Int64(entries) : 0
        keysDoneAtSliceEnd = running?.keysDone ?? 0
        budget.end(at: end, extra: extra)
    }

    mutating func nextNumber() -> Int {
        lastNumber += 1
        return lastNumber
    }

    mutating func begin(_ running: RunningSnapshot, _ live: Handle<LiveSnapshot>) {
        self.running = running
        self.live = live
        walk = SnapshotWalk()
        longestSlice = 0
        keysDoneAtSliceEnd = 0
        isOn = true
    }

    /// Entries may change again without being written.
    mutating func endWriting() {
        isOn = false
        live?.destroy()
        live = nil
    }
}
