import Logging
import Memory
import RESP
import SlotStorage

/// Reading the master's snapshot: into a keyspace of its own, a slice in each turn, while the old data set is there for
/// clients until the new one is complete.
extension Server {
    /// Takes the line before the snapshot: `$length`, or `$EOF:mark`.
    mutating func beginSnapshot(_ link: MasterLink, _ line: String) {
        if line.hasPrefix("-") { return lose(link, "MASTER aborted replication with an error: \(line.dropFirst())") }
        if line.hasPrefix("$EOF:"), line.utf8.count == 5 + 40 {
            link.snapshotEnd = .mark(Array(line.utf8.dropFirst(5)))
            logger.notice("MASTER <-> SLAVE sync: receiving streamed RDB from master")
        } else if line.hasPrefix("$"), let length = Int(line.dropFirst()), length >= 0 {
            link.snapshotEnd = .length(length)
            logger.notice("MASTER <-> SLAVE sync: receiving \(length) bytes from master")
        } else {
            return lose(
                link,
                "Bad protocol from MASTER, the first byte is not '$' (we received '\(line)'), are you sure the host "
                    + "and port are right?")
        }
        link.phase = .receivingSnapshot
        link.snapshotBegan = clock.monotonic
        // Keys whose time has passed stay until the master says that they are gone.
        link.loader = KeyspaceLoader(
            databaseCount: configuration.databases, limits: configuration.encodingLimits, dropsKeysExpiredBefore: nil,
            accessClock: newAccessClock)
        // What came with the line.
        let count = min(link.input.count, link.bytesForLoader)
        link.loader?.append(link.input.bytes.extracting(0..<count))
        link.noteReceived(count)
        link.input.removePrefix(count)
    }

    /// Reads more of the snapshot, unless there is enough to do with what is there.
    mutating func receiveSnapshot(_ link: MasterLink) {
        if !link.hasMoreToLoad {
            let room = min(link.bytesForLoader, 256 * 1024)
            if room > 0, !readSnapshot(link, room) { return }
        }
        loadSnapshot(link)
    }

    /// `false` when the connection has ended.
    private mutating func readSnapshot(_ link: MasterLink, _ room: Int) -> Bool {
        let descriptor = link.descriptor
        var failure: SystemError?
        let count =
            unsafe link.loader?.append(upTo: room) { target in
                do throws(SystemError) {
                    return try unsafe Socket.read(descriptor, into: target)
                } catch {
                    failure = error
                    return 0
                }
            } ?? 0
        if let failure, failure.wouldBlock { return true }
        if count == 0 {
            lose(
                link,
                "I/O error trying to sync with MASTER: \(failure?.description ?? "connection lost")")
            return false
        }
        link.noteReceived(count)
        link.lastHeard = clock.seconds
        statistics.networkInput += count
        return true
    }

    /// Stores what has come, for a millisecond.
    mutating func loadSnapshot(_ link: MasterLink) {
        let start = Clock.monotonicNow()
        do throws(RDBFileError) {
            while true {
                switch try link.loader?.load(atMost: 64) {
                case .unfinished:
                    link.hasMoreToLoad = true
                    if Clock.monotonicNow() - start > BackgroundBudget.slice { return }
                case .needsInput:
                    link.hasMoreToLoad = false
                    guard case .length(0) = link.snapshotEnd else { return }
                    link.loader?.endInput()
                case .complete:
                    link.hasMoreToLoad = false
                    return endSnapshot(link)
                case nil: return
                }
            }
        } catch {
            lose(link, "Failed trying to load the MASTER synchronization DB: \(error.description)")
        }
    }

    /// The snapshot is complete; what is left is what stands behind it.
    private mutating func endSnapshot(_ link: MasterLink) {
        switch link.snapshotEnd {
        case .length(let left):
            // A file may have bytes behind its end.
            if left > 0 { return }
        case .mark(let mark):
            guard let rest = link.loader?.unread.array, rest.count >= mark.count else { return }
            guard rest.starts(with: mark) else {
                return lose(link, "MASTER sent something else than the mark behind its RDB")
            }
            link.input.append(Array(rest.dropFirst(mark.count)).bytes)
        }
        guard let loader = link.loader.take() else { return }
        let database = loader.streamDatabase
        replaceDataSet(byMasters: loader.finish())
        adoptStream(link, in: database)
        let duration = (clock.monotonic - link.snapshotBegan) / 1_000_000
        logger.notice("MASTER <-> SLAVE sync: Finished with success in \(duration) ms")
        beginStream(link)
    }

    /// The data set is the master's from now on.
    private mutating func replaceDataSet(byMasters new: consuming Keyspace) {
        restartAppendOnlyFile()
        let changes = dirty
        replaceDataSet(with: new)
        dirty = changes + 1
    }

    /// The stream is the master's from now on. Replicas of this server have another data set and begin anew.
    private mutating func adoptStream(_ link: MasterLink, in database: Int) {
        disconnectReplicas()
        replication.id = link.announcedID ?? .random()
        replication.previousID = .none
        replication.previousIDEnd = -1
        replication.splitOffsets = []
        replication.stream.restart(at: link.announcedID == nil ? 0 : link.announcedOffset)
        replication.selectedDatabase = database
        // Who answers to SYNC alone does not count.
        link.canContinue = link.announcedID != nil
    }
}

extension MasterLink {
    /// Bytes that belong to the snapshot, or may.
    fileprivate var bytesForLoader: Int {
        switch snapshotEnd {
        case .length(let left): left
        case .mark: .max
        }
    }

    fileprivate func noteReceived(_ count: Int) {
        if case .length(let left) = snapshotEnd { snapshotEnd = .length(left - count) }
    }
}
