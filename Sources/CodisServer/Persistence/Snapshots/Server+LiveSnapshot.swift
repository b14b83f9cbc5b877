import Logging
import Memory
import SlotStorage

/// The live snapshot: its beginning, its slices, its end.
extension Server {
    // MARK: Beginning

    /// Begins a snapshot of the data set as it is at this moment. `false` when none can begin now, since another runs,
    /// or what is left of one that was given up is being cleared.
    mutating func startSnapshot(
        _ purpose: SnapshotPurpose, _ format: SnapshotFormat, _ target: SnapshotTarget
    ) -> Bool {
        guard snapshot.canBegin else { return false }
        let live = Handle(LiveSnapshot(format, compresses: configuration.rdbcompression, at: snapshotMoment))
        let sink = SnapshotSink(
            number: snapshot.nextNumber(), format: format, target: target, hasChecksum: configuration.rdbchecksum,
            isSynchronizedEarly: purpose != .rewrite || configuration.aofRewriteIncrementalFsync)
        let running = RunningSnapshot(
            purpose: purpose, format: format, sink: sink, keys: keyspace.count, dirty: dirty,
            startedAt: Clock.monotonicNow(), isStreamed: target.isStreamed,
            mostBytesWaiting: max(usedMemory / 16, 16 << 20))
        keyspace.begin(live)
        snapshot.begin(running, live)
        return true
    }

    /// Keys that have ended by then are left out. Where there are replicas they are not: who goes on with the data set
    /// has to tell these that such keys are gone. A replica keeps them until its master says so.
    private var snapshotMoment: Int64 {
        expiryRule == .removes && !replication.isRecording ? clock.milliseconds : .min
    }

    // MARK: Slices

    /// Goes on with the snapshot for a moment, if it is time for that. While clients are silent it always is.
    mutating func continueSnapshot() {
        let start = Clock.monotonicNow()
        guard snapshot.budget.begin(at: start, isIdle: snapshot.isIdle(at: start)) else { return }
        let entries = snapshot.live?.value.entriesDone ?? 0
        while snapshot.hasWork, advanceSnapshot(), !snapshot.budget.isSpent(at: Clock.monotonicNow()) {}
        passOnChunks()
        let written = (snapshot.live?.value.entriesDone ?? entries) - entries
        snapshot.endSlice(from: start, to: Clock.monotonicNow(), entries: written)
    }

    /// One short step. `false` when the last one was done.
    private mutating func advanceSnapshot() -> Bool {
        guard var walk = snapshot.walk else { return false }
        if let live = snapshot.live, live.value.hasLongValues {
            advanceLongValue(live)
        } else if !snapshot.detached.isEmpty {
            advanceDetachedKeys()
        } else if keyspace.advance(&walk) {
            snapshot.walk = walk
        } else if snapshot.live?.value.hasLongValues ?? false {
            return true
        } else {
            endWalk()
            return false
        }
        if let live = snapshot.live, live.value.hasLongValues { pinLongValues(of: live) }
        return true
    }

    private mutating func advanceDetachedKeys() {
        let database = snapshot.detached[0].database
        if snapshot.detached[0].box.advance(&snapshot.detached[0].walk, of: database, keyspace) { return }
        free(snapshot.detached.removeFirst().box)
    }

    /// Hands the chunks that are full to the writer thread.
    private mutating func passOnChunks() {
        guard let live = snapshot.live else { return }
        for chunk in live.value.takeChunks() { passOn(chunk) }
        snapshot.running?.keysDone = live.value.entriesDone
    }

    private mutating func passOn(_ chunk: SnapshotChunk, isLast: Bool = false) {
        guard let sink = snapshot.running?.sink else { return }
        snapshot.running?.bytes += chunk.count
        snapshot.running?.bytesUnderWay += chunk.count
        snapshotWriter.submit(.write(sink, chunk, isLast: isLast))
    }

    /// The walk has been everywhere.
    private mutating func endWalk() {
        snapshot.walk = nil
        guard let live = snapshot.live else { return }
        passOnChunks()
        passOn(live.value.finish(), isLast: true)
        keyspace.end(live)
        snapshot.endWriting()
        snapshot.running?.isWalkComplete = true
    }

    // MARK: Ending

    /// What the writer thread has to tell.
    mutating func handle(_ report: SnapshotSink.Report, ofSnapshot number: Int) {
        // What still comes of a snapshot that was given up is for nobody.
        guard let running = snapshot.running, running.sink.number == number else { return }
        switch report {
        case .taken(let count):
            snapshotConsumed(count)
        case .produced(let chunk, let count):
            snapshot.running?.bytesUnderWay += chunk.count - count
            snapshotProduced(chunk)
        case .complete(let bytes):
            snapshot.running = nil
            let seconds = Int((Clock.monotonicNow() - running.startedAt) / 1_000_000_000)
            snapshotEnded(
                running.purpose, .success(SnapshotSummary(bytes: bytes, dirty: running.dirty, seconds: seconds)))
        case .failed(let failure):
            abortSnapshot(failure)
        }
    }

    /// So many bytes that were under way have arrived.
    mutating func snapshotConsumed(_ count: Int) { snapshot.running?.bytesUnderWay -= count }

    /// Gives up the snapshot that runs. What the walk has not come to is marked in the background.
    mutating func abortSnapshot(_ failure: SnapshotFailure) {
        guard let running = snapshot.running else { return }
        snapshotWriter.submit(.discard(running.sink))
        snapshot.running = nil
        let waiters = releaseLongValues { _ in true }
        if let live = snapshot.live { keyspace.end(live) }
        snapshot.endWriting()
        for keys in snapshot.detached { free(keys.box) }
        snapshot.detached = []
        wake(waiters)
        snapshotEnded(running.purpose, .failure(failure))
    }

    /// Keys were taken out of a database all at once: the snapshot writes them before they are freed.
    mutating func dispose(of keys: consuming DetachedSlots, of database: Int) {
        let box = DetachedBox(keys)
        if snapshot.isOn {
            snapshot.detached.append(SnapshotWork.DetachedKeys(box: box, database: database))
        } else {
            free(box)
        }
    }

    // MARK: In one go

    /// Writes the data set into a file and waits until it is on the disk. None may run.
    mutating func saveInForeground(_ format: SnapshotFormat, _ target: SnapshotTarget) -> Result<Int, SnapshotFailure> {
        // A snapshot that was given up may have left entries to be marked.
        while snapshot.walk != nil, advanceSnapshot() {}
        let live = Handle(LiveSnapshot(format, compresses: configuration.rdbcompression, at: snapshotMoment))
        let sink = SnapshotSink(
            number: snapshot.nextNumber(), format: format, target: target, hasChecksum: configuration.rdbchecksum)
        keyspace.begin(live)
        defer {
            keyspace.end(live)
            live.destroy()
        }
        var walk = SnapshotWalk()
        var reports: [SnapshotSink.Report] = []
        while live.value.hasLongValues || keyspace.advance(&walk) {
            if live.value.hasLongValues { _ = live.value.advance() }
            for chunk in live.value.takeChunks() { reports += sink.take(chunk, isLast: false) }
        }
        reports += sink.take(live.value.finish(), isLast: true)
        for report in reports {
            if case .failed(let failure) = report { return .failure(failure) }
            if case .complete(let bytes) = report { return .success(bytes) }
        }
        preconditionFailure("a snapshot without an end")
    }
}
