import Glibc
import Logging
import SlotStorage

/// What is known of the RDB files of this server: when the last one was written, and when the next is due.
struct Saves {
    /// Unix time in seconds of the last good one; of the start, when there was none.
    private(set) var lastSave: Int64
    /// `Server.dirty` as the last good one shows it.
    private(set) var savedDirty = 0
    /// Whether the last attempt failed: writes may be refused then.
    private(set) var hasFailed = false
    /// Seconds the last one took in the background; `nil` when there was none.
    private(set) var lastDuration: Int?
    /// Unix time in seconds when the last one was begun.
    var lastTry: Int64 = 0
    /// Whether one is to begin as soon as it can.
    var isScheduled = false
    /// Where in the replication stream the file is that is being written.
    fileprivate var place: ReplicationPlace?

    /// Seconds after a failure before save points try again: `REDIS_BGSAVE_RETRY_DELAY`.
    private static let retryDelay: Int64 = 5

    init(startedAt: Int64) { lastSave = startedAt }

    mutating func noteSuccess(dirty: Int, at now: Int64) {
        savedDirty = dirty
        lastSave = now
        hasFailed = false
    }

    mutating func noteSuccess(_ summary: SnapshotSummary, at now: Int64) {
        noteSuccess(dirty: summary.dirty, at: now)
        lastDuration = summary.seconds
    }

    mutating func noteFailure() { hasFailed = true }

    /// The save point that asks for a file now, with so many changes since the last one.
    func duePoint(_ points: [SavePoint], changes: Int, at now: Int64) -> SavePoint? {
        guard !hasFailed || now > lastTry + Self.retryDelay else { return nil }
        return points.first { changes >= $0.changes && now - lastSave > Int64($0.seconds) }
    }
}

extension Server {
    /// Whether writes are refused as long as RDB files cannot be written: `stop-writes-on-bgsave-error`.
    /// A replica has what its master has.
    var refusesWrites: Bool {
        configuration.stopWritesOnBgsaveError && !configuration.save.isEmpty && !replication.isReplica
    }

    /// Changes of the data set that the last RDB file does not show.
    var changesSinceSave: Int { dirty - saves.savedDirty }

    /// With whole paths: `dir` may become another one while the file is written.
    private var saveTarget: SnapshotTarget {
        .file(
            temporary: "\(configuration.dir)/temp-\(getpid()).rdb",
            final: "\(configuration.dir)/\(configuration.dbfilename)")
    }

    // MARK: In the background

    /// Begins an RDB file where a save point asks for one, or somebody did who had to wait.
    mutating func saveWhenDue() {
        guard snapshot.canBegin, loading == nil else { return }
        if saves.isScheduled {
            _ = saveInBackground()
        } else if let point = saves.duePoint(configuration.save, changes: changesSinceSave, at: clock.seconds) {
            logger.notice("\(point.changes) changes in \(point.seconds) seconds. Saving...")
            _ = saveInBackground()
        }
    }

    /// Begins an RDB file, at once or as soon as what is left of another snapshot has been cleared. `false` when one is
    /// running.
    mutating func saveInBackground() -> Bool {
        guard !snapshot.isRunning else { return false }
        saves.place = replicationPlace()
        saves.isScheduled = !startSnapshot(.save, .rdb, saveTarget)
        if !saves.isScheduled {
            saves.lastTry = clock.seconds
            logger.notice("Background saving started")
        }
        return true
    }

    mutating func saveEnded(_ result: Result<SnapshotSummary, SnapshotFailure>) {
        switch result {
        case .success(let summary):
            saves.noteSuccess(summary, at: clock.seconds)
            keep(saves.place, beside: configuration.dbfilename)
            logger.notice("Background saving terminated with success: \(summary.bytes) bytes")
        case .failure(let failure) where failure.isIntended:
            logger.notice("Background saving given up: \(failure.message)")
        case .failure(let failure):
            saves.noteFailure()
            logger.warning("Background saving error: \(failure.message)")
        }
    }

    // MARK: In the foreground

    /// Writes an RDB file while everybody waits. `false`, with a line in the log, when that fails.
    mutating func saveAtOnce() -> Bool {
        precondition(!snapshot.isRunning, "two snapshots at a time")
        saves.lastTry = clock.seconds
        let place = replicationPlace()
        switch saveInForeground(.rdb, saveTarget) {
        case .success:
            saves.noteSuccess(dirty: dirty, at: clock.seconds)
            keep(place, beside: configuration.dbfilename)
            logger.notice("DB saved on disk")
            return true
        case .failure(let failure):
            saves.noteFailure()
            logger.warning("\(failure.message)")
            return false
        }
    }

    /// What has to be done before the server ends: saves the data set, if `save` or with `nil` the save points say so.
    /// `false` when the server must not end, since that failed.
    mutating func prepareToStop(save: Bool? = nil) -> Bool {
        // What is there is a part of the data set only; the file that it comes from is whole.
        if loading != nil { return true }
        if let sink = snapshot.running?.sink {
            logger.warning("There is a snapshot running. Giving it up!")
            abortSnapshot(.intended("the server is to end"))
            // The process does not wait for the thread that would do it.
            sink.removeTemporaryFile()
        }
        guard completeAppendOnlyFile() || save == false else {
            logger.warning("Error trying to write the append-only file, can't exit.")
            return false
        }
        guard save ?? !configuration.save.isEmpty else { return true }
        logger.notice("Saving the final RDB snapshot before exiting.")
        if saveAtOnce() { return true }
        logger.warning("Error trying to save the DB, can't exit.")
        return false
    }
}
