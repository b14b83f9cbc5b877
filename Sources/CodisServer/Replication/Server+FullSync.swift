import Glibc
import Logging
import Memory
import RESP
import SlotStorage

/// Full resynchronisation: the data set as a snapshot, and the stream from that moment on.
///
/// The snapshot is a live one, made in slices between requests. Replicas that ask for it together share it; one that
/// comes while it is being written to a file joins, since everything in the stream since its beginning is kept for
/// the others anyway. A streamed snapshot cannot be joined, and is followed by another one.
extension Server {
    /// Gives the replica a place in the snapshot that is made, or in the next one.
    mutating func requestFullSync(_ replica: Replica, _ client: Client) {
        replication.fullSyncs += 1
        replica.phase = .waitsForSnapshot
        if let sync = replication.sync, sync.isFile, !sync.isComplete {
            logger.notice("Waiting for end of BGSAVE for SYNC")
            return join(sync, replica)
        }
        startFullSync()
    }

    /// Begins a snapshot if replicas wait for one and it can be begun now; to be tried again in each tick.
    mutating func startFullSync() {
        guard replication.sync == nil, snapshot.canBegin else { return }
        let waiting = replication.replicas.values.filter(\.isWaitingForSnapshot)
        guard !waiting.isEmpty else { return }
        let isStreamed =
            configuration.replDisklessSync && waiting.allSatisfy { $0.abilities.contains(.markedSnapshots) }
        if isStreamed {
            // Others may come: the one that has waited longest decides.
            let longest = waiting.map { clock.seconds - $0.lastHeard }.max() ?? 0
            guard longest >= configuration.replDisklessSyncDelay else { return }
        }
        let form: FullSync.Form =
            isStreamed
            ? .stream(mark: Self.randomIdentifier()) : .file(path: "temp-sync-\(getpid())-\(clock.microseconds).rdb")
        // What was executed in this turn is in the snapshot, and before it in the stream.
        flushPropagation()
        let sync = FullSync(form, offset: replication.offset, closer: helper)
        let target: SnapshotTarget =
            switch form {
            case .file(let path): .file(temporary: path, final: nil)
            case .stream: .eventLoop
            }
        guard startSnapshot(.sync, .rdb, target) else { return }
        if replication.isReplica {
            sync.prologue = Self.selecting(replication.selectedDatabase, before: sync.offset)
            if !sync.prologue.isEmpty { replication.splitOffsets.append(sync.announcedOffset..<sync.offset) }
        }
        logger.notice("Starting BGSAVE for SYNC with target: \(isStreamed ? "slaves sockets" : "disk")")
        if !replication.isReplica { propagation.forgetDatabase(.replicas) }
        replication.sync = sync
        for replica in waiting { join(sync, replica) }
    }

    private mutating func join(_ sync: FullSync, _ replica: Replica) {
        guard let client = clients[replica.client] else { return }
        replica.offset = sync.offset
        replica.snapshotPosition = 0
        replica.lastHeard = clock.seconds
        replica.phase = .receivesSnapshot(sync)
        sync.members.insert(replica.client)
        if !replica.isSilent {
            client.reply.append("+FULLRESYNC ")
            client.reply.append(Array(replication.id.description.utf8).bytes)
            client.reply.append(" ")
            client.reply.append(Array(String(sync.announcedOffset).utf8).bytes)
            client.reply.append("\r\n")
        }
        if case .stream(let mark) = sync.form {
            client.reply.append("$EOF:")
            client.reply.append(Array(mark.utf8).bytes)
            client.reply.append("\r\n")
        }
        queueWrite(client)
    }

    // MARK: The snapshot's end

    /// The snapshot for replicas is complete, or cannot be had.
    mutating func syncEnded(_ result: Result<SnapshotSummary, SnapshotFailure>) {
        guard let sync = replication.sync else { return }
        replication.sync = nil
        do {
            _ = try result.get()
            if case .stream(let mark) = sync.form {
                sync.bytes.append(Array(mark.utf8).bytes)
                sync.isComplete = true
            } else {
                try sync.openFile()
                announceLength(of: sync)
            }
        } catch let failure as SnapshotFailure {
            giveUp(sync, failure.message)
        } catch {
            giveUp(sync, "\(error)")
        }
    }

    /// Its replicas ask again.
    private mutating func giveUp(_ sync: FullSync, _ reason: String) {
        logger.warning("SYNC failed. BGSAVE for the slaves failed: \(reason)")
        for number in sync.members { if let client = clients[number] { close(client) } }
    }

    private mutating func announceLength(of sync: FullSync) {
        for number in sync.members {
            guard let client = clients[number] else { continue }
            client.reply.append("$")
            client.reply.append(Array(String(sync.length).utf8).bytes)
            client.reply.append("\r\n")
            queueWrite(client)
        }
    }

    /// The next bytes of a streamed snapshot.
    mutating func passToReplicas(_ chunk: SnapshotChunk) {
        guard let sync = replication.sync else { return snapshotConsumed(chunk.count) }
        chunk.withBytes { sync.bytes.append($0) }
    }

    // MARK: Sending

    /// Sends a portion of the snapshot, and answers how many bytes the socket took; 0 if there are none at the moment.
    mutating func sendSnapshot(
        _ sync: FullSync, to replica: Replica, _ client: Client, atMost limit: Int
    ) throws(SystemError) -> Int {
        guard sync.isReadable else { return 0 }
        let descriptor = client.state.descriptor
        let sent: Int
        if sync.isFile {
            sent = try sync.sendFile(to: descriptor, from: replica.snapshotPosition, atMost: limit)
        } else {
            sent = unsafe try sync.bytes.read(from: replica.snapshotPosition, atMost: limit) {
                runs throws(SystemError) in
                unsafe runs.isEmpty ? 0 : try Socket.write(descriptor, runs)
            }
        }
        replica.snapshotPosition += Int64(sent)
        if sent > 0 { replica.lastHeard = clock.seconds }
        if !sync.isFile { dropSent(of: sync) }
        if sync.isComplete, replica.snapshotPosition == (sync.isFile ? sync.length : sync.bytes.end) {
            endSnapshot(sync, of: replica, client)
        }
        return sent
    }

    /// Forgets what every member has got, so that more is made.
    private mutating func dropSent(of sync: FullSync) {
        let positions = sync.members.compactMap { replication.replicas[$0]?.snapshotPosition }
        let before = sync.bytes.start
        sync.bytes.discard(before: positions.min() ?? sync.bytes.end)
        let count = Int(sync.bytes.start - before)
        if count > 0, !sync.isComplete { snapshotConsumed(count) }
    }

    /// The replica has the whole snapshot. It may only be told more at once if it knew how long the snapshot is: the
    /// mark has to be the last thing it reads.
    private mutating func endSnapshot(_ sync: FullSync, of replica: Replica, _ client: Client) {
        sync.members.remove(replica.client)
        replica.lastHeard = clock.seconds
        replica.prologue = sync.prologue
        if sync.isFile || replica.isSilent { beginStream(to: replica, client) } else { replica.phase = .loadsSnapshot }
    }

    /// The replica goes without the rest of the snapshot; one that nobody wants any more is not made.
    mutating func leaveSync(_ replica: Replica) {
        guard case .receivesSnapshot(let sync) = replica.phase else { return }
        sync.members.remove(replica.client)
        if !sync.isFile { dropSent(of: sync) }
        guard sync.members.isEmpty, replication.sync === sync else { return }
        abortSnapshot(.intended("no replica waits for it any more"))
    }
}

extension Server {
    /// The command that selects the database that the stream is in at `offset`. Replicas begin in the first one, and a
    /// stream that is in another has selected it, so it is as long at least.
    fileprivate static func selecting(_ database: Int, before offset: Int64) -> [UInt8] {
        if database == 0 { return [] }
        var command = CommandBuffer()
        command.array(2)
        command.bulk("SELECT")
        command.bulk(decimal: Int64(database))
        return command.count <= offset ? command.bytes.array : []
    }
}
