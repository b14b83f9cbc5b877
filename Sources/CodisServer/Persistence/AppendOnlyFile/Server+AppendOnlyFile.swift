import Logging
import Memory
import RESP

/// How changes get into the append-only file, and onto the disk.
extension Server {
    // MARK: On and off

    /// Opens the append-only file, whose contents have been loaded, for what is to come.
    mutating func openAppendOnlyFile() throws(StartError) {
        let name = configuration.appendfilename
        do throws(SystemError) {
            let writer = try AppendOnlyFileWriter.open(name)
            try DataFile.synchronizeFolder(of: name)
            appendOnlyFile.adopt(writer)
        } catch {
            throw StartError("Can't open the append-only file \(name): \(error.description)")
        }
        appendOnlyFile.lastSynchronization = clock.monotonic
        propagation.begin(.appendOnlyFile)
    }

    /// Brings everything that was executed onto the disk. `false`, with a line in the log, when that fails.
    mutating func completeAppendOnlyFile() -> Bool {
        guard let writer = appendOnlyFile.writer else { return true }
        appendOnlyFile.size += propagation.appendOnlyFile.commands.count
        _ = propagation.move(to: writer)
        do throws(SystemError) {
            try writer.writeOut()
            try writer.synchronize()
            return true
        } catch {
            logger.warning("Error writing the append-only file: \(error.description)")
            return false
        }
    }

    /// Brings everything onto the disk, and closes the file. `false` when that fails; then it stays open.
    mutating func closeAppendOnlyFile() -> Bool {
        cancelRewrite("the append-only file is closed")
        guard completeAppendOnlyFile() else { return false }
        propagation.end(.appendOnlyFile)
        appendOnlyFile.writer = nil
        appendOnlyFile.failure = nil
        return true
    }

    /// CONFIG SET appendonly. A file that is turned on begins with a rewrite.
    mutating func followAppendOnly() throws(ConfigurationError) {
        if configuration.appendonly {
            // One that runs has not heard of the changes since it began.
            cancelRewrite("the append-only file is turned on")
            appendOnlyFile.rewrite.isScheduled = true
        } else {
            guard closeAppendOnlyFile() else { throw .refused("Unable to turn off AOF. Check server logs.") }
        }
    }

    /// The data set is about to become another one, to which the commands in the file do not lead: the file is left as
    /// it is until a new one takes its place.
    mutating func restartAppendOnlyFile() {
        cancelRewrite("the data set is replaced")
        guard configuration.appendonly else { return }
        if let writer = appendOnlyFile.writer {
            _ = propagation.move(to: writer)
            appendOnlyFile.appender.submit(.append(writer, isRetry: false))
            appendOnlyFile.appender.submit(.close(writer))
        }
        propagation.end(.appendOnlyFile)
        appendOnlyFile.writer = nil
        appendOnlyFile.failure = nil
        appendOnlyFile.rewrite.isScheduled = true
    }

    // MARK: Writing

    /// Hands what was executed in this turn to the file. With `appendfsync always` it is on the disk afterwards, for all
    /// clients of the turn at once; otherwise nobody waits for it.
    mutating func flushAppendOnlyFile() {
        let count = propagation.appendOnlyFile.commands.count
        if count > 0, appendOnlyFile.rewrite.isRunning {
            propagation.appendOnlyFile.commands.copy(to: &appendOnlyFile.rewrite.changes)
        }
        guard let writer = appendOnlyFile.writer else { return }
        if count > 0 {
            appendOnlyFile.size += count
            appendOnlyFile.hasUnsynchronized = true
            let isIdle = propagation.move(to: writer)
            if configuration.appendfsync == .always {
                writeAtOnce(writer)
            } else if isIdle {
                appendOnlyFile.appender.submit(.append(writer, isRetry: appendOnlyFile.failure != nil))
            }
        }
        if configuration.appendfsync == .everysec { synchronizeWhenDue(writer) }
    }

    /// Writes and synchronizes while everybody waits. If that fails nobody gets a reply to what was executed in this
    /// turn: a client must not believe that its change is safe.
    private mutating func writeAtOnce(_ writer: AppendOnlyFileWriter) {
        do throws(SystemError) {
            try writer.writeOut()
        } catch {
            return appendFailed(.write(error))
        }
        do throws(SystemError) {
            if !sparesDisk { try writer.synchronize() }
            appendOnlyFile.hasUnsynchronized = false
        } catch {
            return appendFailed(.synchronize(error))
        }
        if case .write = appendOnlyFile.failure { appendRecovered() }
    }

    /// Asks the disk to take what was written in the last second.
    private mutating func synchronizeWhenDue(_ writer: AppendOnlyFileWriter) {
        let now = clock.monotonic
        if appendOnlyFile.isSynchronizing {
            let delayStart = max(appendOnlyFile.lastSynchronization, appendOnlyFile.lastDelay)
            guard now - delayStart >= AppendOnlyFile.delayLimit else { return }
            appendOnlyFile.lastDelay = now
            appendOnlyFile.delayedSynchronizations += 1
            logger.notice("Asynchronous AOF fsync is taking too long (disk is busy?). More than a second may be lost.")
        } else if appendOnlyFile.hasUnsynchronized, !sparesDisk,
            now - appendOnlyFile.lastSynchronization >= AppendOnlyFile.synchronizationInterval
        {
            appendOnlyFile.lastSynchronization = now
            appendOnlyFile.isSynchronizing = true
            appendOnlyFile.hasUnsynchronized = false
            appendOnlyFile.synchronizer.submit(.synchronize(writer))
        }
    }

    /// Whether the disk has to write something else now: `no-appendfsync-on-rewrite`.
    private var sparesDisk: Bool {
        configuration.noAppendfsyncOnRewrite && (snapshot.isRunning || appendOnlyFile.rewrite.isRunning)
    }

    // MARK: Failures

    /// A helper thread has tried to write what it was given.
    mutating func appended(_ writer: AppendOnlyFileWriter, _ error: SystemError?) {
        if let error, writer === appendOnlyFile.rewrite.writer { return caughtUp(writer, error) }
        guard writer === appendOnlyFile.writer else { return }
        if let error {
            appendFailed(.write(error))
        } else if case .write = appendOnlyFile.failure {
            appendRecovered()
        }
    }

    /// A helper thread has asked the disk to take what was written.
    mutating func synchronized(_ writer: AppendOnlyFileWriter, _ error: SystemError?) {
        if writer === appendOnlyFile.rewrite.writer { return caughtUp(writer, error) }
        guard writer === appendOnlyFile.writer else { return }
        appendOnlyFile.isSynchronizing = false
        if let error { appendFailed(.synchronize(error)) }
    }

    private mutating func appendFailed(_ failure: AppendOnlyFile.Failure) {
        let isNew = appendOnlyFile.failure == nil
        appendOnlyFile.failure = failure
        // What could not be written is tried again. What did not reach the disk may be gone though a second try succeeds:
        // the system forgets. Only a new file helps.
        appendOnlyFile.hasUnsynchronized = true
        guard isNew else { return }
        logger.warning("Error writing to the AOF file: \(failure.error.description). Write commands are refused.")
        if configuration.appendfsync == .always { closeUnanswered() }
    }

    mutating func appendRecovered() {
        appendOnlyFile.failure = nil
        logger.warning("AOF write error looks solved, Redis can write again.")
    }

    /// Ends the connections that wait for replies of this turn, without them.
    private mutating func closeUnanswered() {
        for (_, client) in clients where !client.reply.isEmpty { close(client) }
    }

    /// Tries again, each second, what has failed.
    mutating func retryAppendOnlyFile() {
        guard let writer = appendOnlyFile.writer, case .write = appendOnlyFile.failure else { return }
        if configuration.appendfsync == .always {
            writeAtOnce(writer)
        } else {
            appendOnlyFile.appender.submit(.append(writer, isRetry: true))
        }
    }

    /// Whether a command is one of those that are refused while changes cannot be kept: EXEC is if there is one among the
    /// commands that wait for it, and PING tells watchers how the server fares.
    func changesData(_ command: Command, _ spec: CommandSpec, _ client: Client) -> Bool {
        if command == .exec {
            return client.state.transaction?.commands.contains { commands[$0.command].flags.contains(.write) } ?? false
        }
        return spec.flags.contains(.write) || command == .ping
    }

    /// Refuses a command that changes something, or PING, as long as changes cannot be kept. `true` when it has.
    mutating func refusesWrite(_ client: Client) -> Bool {
        guard let failure = appendOnlyFile.failure, !replication.isReplica else { return false }
        spoilTransaction(client)
        client.reply.error("MISCONF Errors writing to the AOF file: \(failure.error.description)")
        return true
    }
}
