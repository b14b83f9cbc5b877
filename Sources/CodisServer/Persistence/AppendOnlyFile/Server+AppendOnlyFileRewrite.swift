import Glibc
import Logging
import RESP
import SlotStorage

/// The append-only file is written anew, on demand or when it has grown.
extension Server {
    // MARK: Reasons

    /// BGREWRITEAOF.
    mutating func bgrewriteaof(_ client: Client) throws(CommandError) {
        // One that was asked for in this turn begins at its end.
        let isAboutToRun = appendOnlyFile.rewrite.isScheduled && snapshot.canBegin
        if appendOnlyFile.rewrite.isRunning || isAboutToRun { throw .rewriteIsRunning }
        appendOnlyFile.rewrite.isScheduled = true
        client.reply.status(
            snapshot.canBegin
                ? "Background append only file rewriting started" : "Background append only file rewriting scheduled")
    }

    /// Asks for a rewrite where the file has grown by so much, or where only a new file can be relied upon.
    mutating func scheduleRewriteWhenDue() {
        guard configuration.appendonly, loading == nil, !appendOnlyFile.rewrite.isRunning else { return }
        if appendOnlyFile.needsNewFile {
            let isTooEarly =
                appendOnlyFile.rewrite.lastHasFailed
                && clock.monotonic < appendOnlyFile.rewrite.startedAt + AppendOnlyFileRewrite.retryDelay
            if !isTooEarly { appendOnlyFile.rewrite.isScheduled = true }
        } else if !appendOnlyFile.rewrite.isScheduled, configuration.autoAofRewritePercentage > 0,
            appendOnlyFile.size > configuration.autoAofRewriteMinSize
        {
            let growth = appendOnlyFile.size * 100 / max(appendOnlyFile.baseSize, 1) - 100
            guard growth >= configuration.autoAofRewritePercentage else { return }
            logger.notice("Starting automatic rewriting of AOF on \(growth)% growth")
            appendOnlyFile.rewrite.isScheduled = true
        }
    }

    // MARK: Steps

    /// Takes the next step of a rewrite: between the end of all commands of a turn, which are in the old file by now, and
    /// the replies to them.
    mutating func continueRewrite() {
        if appendOnlyFile.rewrite.isScheduled, !appendOnlyFile.rewrite.isRunning { beginRewrite() }
        if case .complete(let writer) = appendOnlyFile.rewrite.stage { exchangeFiles(writer) }
    }

    /// In the folder of the file itself: a file keeps its folder when it changes its name.
    private var temporaryName: String { "temp-rewriteaof-bg-\(getpid()).aof" }

    private mutating func beginRewrite() {
        guard startSnapshot(.rewrite, .commands, .file(temporary: temporaryName, final: nil)) else { return }
        logger.notice("Background append only file rewriting started")
        appendOnlyFile.rewrite.isScheduled = false
        appendOnlyFile.rewrite.stage = .snapshot
        appendOnlyFile.rewrite.startedAt = clock.monotonic
        appendOnlyFile.rewrite.changes.removeAll()
        // Behind the snapshot, whatever database it ends with, the first change has to name its own.
        if configuration.appendonly { propagation.begin(.appendOnlyFile) }
    }

    /// The snapshot is in the new file, or will never be.
    mutating func rewriteEnded(_ result: Result<SnapshotSummary, SnapshotFailure>) {
        guard case .snapshot = appendOnlyFile.rewrite.stage else { return }
        switch result {
        case .failure(let failure): return abandonRewrite(failure.message, isIntended: failure.isIntended)
        case .success: break
        }
        do throws(SystemError) {
            catchUp(try AppendOnlyFileWriter.open(temporaryName), round: 1)
        } catch {
            abandonRewrite("Opening \(temporaryName): \(error.description)")
        }
    }

    /// Sends the new file what has changed. While that is written and reaches the disk more comes, but less.
    private mutating func catchUp(_ writer: AppendOnlyFileWriter, round: Int) {
        appendOnlyFile.rewrite.stage = .catchUp(writer, round: round)
        _ = writer.enqueue(&appendOnlyFile.rewrite.changes)
        appendOnlyFile.synchronizer.submit(.synchronize(writer))
    }

    /// A helper thread has brought what it was given into the new file, and onto the disk.
    mutating func caughtUp(_ writer: AppendOnlyFileWriter, _ error: SystemError?) {
        guard case .catchUp(let current, let round) = appendOnlyFile.rewrite.stage, writer === current else { return }
        if let error { return abandonRewrite("Writing \(temporaryName): \(error.description)") }
        if appendOnlyFile.rewrite.changes.count > AppendOnlyFileRewrite.leastCatchUp,
            round < AppendOnlyFileRewrite.mostRounds
        {
            catchUp(writer, round: round + 1)
        } else {
            appendOnlyFile.rewrite.stage = .complete(writer)
        }
    }

    /// Gives the new file the last changes, and the name of the old one.
    private mutating func exchangeFiles(_ writer: AppendOnlyFileWriter) {
        let name = configuration.appendfilename
        // As long as it is open, a file that loses its name stays, and its end does not hold the event loop.
        let old = appendOnlyFile.writer ?? (try? AppendOnlyFileWriter.open(name))
        let isWaitedFor = configuration.appendfsync == .always && appendOnlyFile.isOn
        do throws(SystemError) {
            _ = writer.enqueue(&appendOnlyFile.rewrite.changes)
            try writer.writeOut()
            if isWaitedFor { try writer.synchronize() }
            try DataFile.rename(temporaryName, to: name)
        } catch {
            return abandonRewrite("Putting \(temporaryName) in the place of \(name): \(error.description)")
        }
        // The name alone may be lost with the machine; that it is on the disk is waited for as the bytes in it are.
        if isWaitedFor { _ = try? DataFile.synchronizeFolder(of: name) }
        appendOnlyFile.synchronizer.submit(.synchronizeFolder(writer))
        if let old { appendOnlyFile.synchronizer.submit(.close(old)) }
        finishRewrite(writer)
    }

    private mutating func finishRewrite(_ writer: AppendOnlyFileWriter) {
        appendOnlyFile.rewrite.stage = .none
        appendOnlyFile.rewrite.lastHasFailed = false
        appendOnlyFile.rewrite.lastDuration = Int((clock.monotonic - appendOnlyFile.rewrite.startedAt) / 1_000_000_000)
        logger.notice("Background AOF rewrite finished successfully")
        guard configuration.appendonly else { return appendOnlyFile.appender.submit(.close(writer)) }
        appendOnlyFile.adopt(writer)
        if appendOnlyFile.failure != nil { appendRecovered() }
    }

    /// Gives up a rewrite: the old file goes on, if there is one.
    mutating func abandonRewrite(_ reason: String, isIntended: Bool = false) {
        guard appendOnlyFile.rewrite.isRunning else { return }
        if isIntended {
            logger.notice("Background AOF rewrite given up: \(reason)")
        } else {
            logger.warning("Background AOF rewrite error: \(reason)")
            appendOnlyFile.rewrite.lastHasFailed = true
        }
        if let writer = appendOnlyFile.rewrite.writer { appendOnlyFile.synchronizer.submit(.close(writer)) }
        appendOnlyFile.rewrite.stage = .none
        appendOnlyFile.rewrite.changes.removeAll(keepingUpTo: 0)
        DataFile.remove(temporaryName)
        if !appendOnlyFile.isOn { propagation.end(.appendOnlyFile) }
    }

    /// Ends a rewrite that nobody wants any more.
    mutating func cancelRewrite(_ reason: String) {
        appendOnlyFile.rewrite.isScheduled = false
        if case .snapshot = appendOnlyFile.rewrite.stage {
            abortSnapshot(.intended(reason))
        } else {
            abandonRewrite(reason, isIntended: true)
        }
    }
}
