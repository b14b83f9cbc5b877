import Logging
import Memory
import RESP

/// The replicas of this server: how they come, get the stream, and go.
extension Server {
    // MARK: Coming

    /// What is known of the client as a replica, from its first word as one.
    func replica(of client: Client) -> Replica {
        if let replica = client.state.replica { return replica }
        let replica = Replica(client: client.state.id, now: clock.seconds)
        client.state.replica = replica
        return replica
    }

    /// The connection is a replica's from now on: it gets the stream and no replies.
    mutating func attach(_ replica: Replica, _ client: Client) {
        client.state.flags.insert(.isReplica)
        replica.lastHeard = clock.seconds
        replication.replicas[replica.client] = replica
        if configuration.replDisableTcpNodelay, !client.state.isUnixSocket {
            Socket.setNoDelay(client.state.descriptor, false)
        }
        startRecording()
    }

    /// From now on the stream is kept.
    mutating func startRecording() {
        guard !replication.isRecording else { return }
        replication.isRecording = true
        if !replication.isReplica { propagation.begin(.replicas) }
    }

    /// A replica's connection has ended.
    mutating func detach(_ replica: Replica) {
        guard replication.replicas.removeValue(forKey: replica.client) != nil else { return }
        leaveSync(replica)
        logger.warning("Connection with slave \(describe(replica)) lost.")
        if replication.replicas.isEmpty { replication.lonelySince = clock.seconds }
    }

    /// Where the replica listens, for INFO and the log.
    func address(of replica: Replica) -> (host: String, port: Int) {
        if !replica.announcedHost.isEmpty { return (replica.announcedHost, replica.port) }
        guard let client = clients[replica.client] else { return ("?", replica.port) }
        return (Socket.peerHost(client.state.descriptor), replica.port)
    }

    func describe(_ replica: Replica) -> String {
        let (host, port) = address(of: replica)
        if port == 0, let client = clients[replica.client] { return address(of: client) }
        return "\(host):\(port)"
    }

    // MARK: The stream

    /// Takes what this turn's commands have told into the stream.
    mutating func recordPropagation() {
        if !propagation.replicas.commands.isEmpty {
            replication.stream.append(propagation.replicas)
            replication.changesEnd = replication.offset
        }
        if replication.waiters.wantsAcknowledgements {
            replication.waiters.wantsAcknowledgements = false
            // While a replica takes over, everybody is asked anyway, and nothing may follow.
            if !isHoldingWrites { appendToStream("*3\r\n$8\r\nREPLCONF\r\n$6\r\nGETACK\r\n$1\r\n*\r\n") }
        }
    }

    /// Puts bytes into the stream that change nothing.
    mutating func appendToStream(_ command: StaticString) {
        if replication.isRecording, !replication.isReplica { replication.stream.append(command.bytes) }
    }

    /// Sees to it that replicas get what there is for them, and that nobody keeps what nobody needs.
    mutating func feedReplicas() {
        guard replication.isRecording else { return }
        replication.hasMoreToSend = false
        var waiting = 0
        for (number, replica) in replication.replicas {
            guard let client = clients[number] else { continue }
            if hasSomething(for: replica) { queueWrite(client) }
            waiting = max(waiting, waitingBytes(of: client))
            checkOutputLimit(client)
        }
        trimStream()
        replication.bytesWaiting = max(0, waiting - configuration.replBacklogSize)
    }

    /// Bytes of the stream that wait for a client that is a replica, and those of a streamed snapshot that there are
    /// since it did not take them in time.
    func waitingBytes(of client: Client) -> Int {
        guard let replica = client.state.replica, !replica.isWaitingForSnapshot else { return 0 }
        let bytes = Int(replication.stream.end - replica.offset)
        guard case .receivesSnapshot(let sync) = replica.phase, !sync.isFile else { return bytes }
        let unsent =
            Int(sync.bytes.end - replica.snapshotPosition)
            + (replication.sync === sync ? snapshot.bytesWaiting : 0)
        return bytes + max(0, unsent - RunningSnapshot.mostBytesUnderWay)
    }

    private func hasSomething(for replica: Replica) -> Bool {
        switch replica.phase {
        case .online: replica.offset < replication.stream.end
        case .receivesSnapshot(let sync): sync.isReadable
        case .introduced, .waitsForSnapshot, .loadsSnapshot: false
        }
    }

    /// Drops what is older than the backlog and not needed by any replica.
    private mutating func trimStream() {
        var needed = replication.stream.end - Int64(configuration.replBacklogSize)
        for replica in replication.replicas.values where !replica.isWaitingForSnapshot {
            needed = min(needed, replica.offset)
        }
        replication.stream.discard(before: needed)
        let start = replication.stream.start
        if !replication.splitOffsets.isEmpty { replication.splitOffsets.removeAll { $0.upperBound <= start } }
    }

    // MARK: Sending

    /// Bytes that a replica gets in one turn at most, so that a fast one does not keep everybody else waiting.
    private static let portion = 1 << 20

    /// Sends what the socket takes of the snapshot and the stream, once the replies are gone.
    mutating func writeStream(to client: Client) throws(SystemError) {
        guard let replica = client.state.replica else { return }
        var left = Self.portion
        while left > 0, client.reply.isEmpty {
            let sent: Int
            switch replica.phase {
            case .introduced, .waitsForSnapshot, .loadsSnapshot: return
            case .receivesSnapshot(let sync):
                sent = try sendSnapshot(sync, to: replica, client, atMost: left)
            case .online:
                let descriptor = client.state.descriptor
                sent = unsafe try replication.stream.read(from: replica.offset, atMost: left) {
                    runs throws(SystemError) in
                    unsafe runs.isEmpty ? 0 : try Socket.write(descriptor, runs)
                }
                replica.offset += Int64(sent)
            }
            if sent == 0 { return }
            statistics.networkOutput += sent
            left -= sent
        }
        replication.hasMoreToSend = true
    }

    // MARK: Hearing

    /// `REPLCONF ACK offset`: so much of the stream has reached the replica.
    mutating func acknowledge(_ offset: Int64, _ replica: Replica, _ client: Client) {
        replica.acknowledgedOffset = max(replica.acknowledgedOffset, offset)
        replica.lastHeard = clock.seconds
        if case .loadsSnapshot = replica.phase { beginStream(to: replica, client) }
        if !replication.waiters.isEmpty { serveReplicaWaiters() }
    }

    /// The replica has the data set; commands follow.
    mutating func beginStream(to replica: Replica, _ client: Client) {
        replica.phase = .online
        client.reply.append(replica.prologue.bytes)
        replica.prologue = []
        queueWrite(client)
        replica.lastHeard = clock.seconds
        logger.notice("Synchronization with slave \(describe(replica)) succeeded")
        countGoodReplicas()
    }

    // MARK: Time

    /// Every second: pings, silence, lag, and the end of a backlog that nobody wants.
    mutating func tendReplicas() {
        guard replication.isRecording else { return }
        pingReplicas()
        for (number, replica) in replication.replicas {
            guard let client = clients[number] else { continue }
            if case .receivesSnapshot(let sync) = replica.phase, !sync.isReadable { replica.lastHeard = clock.seconds }
            if replica.isSilent && replica.isOnline || replica.isWaitingForSnapshot { continue }
            if clock.seconds - replica.lastHeard > configuration.replTimeout {
                logger.warning("Disconnecting timedout slave: \(describe(replica))")
                close(client)
            }
        }
        countGoodReplicas()
        forgetBacklog()
    }

    /// Lets replicas know that their master lives: in the stream, or by an empty line while they wait for a snapshot.
    private mutating func pingReplicas() {
        guard !replication.replicas.isEmpty, clock.monotonic >= replication.nextPing else { return }
        replication.nextPing = clock.monotonic + Int64(configuration.replPingSlavePeriod) * 1_000_000_000
        if !isHoldingWrites { appendToStream("*1\r\n$4\r\nPING\r\n") }
        for (number, replica) in replication.replicas {
            switch replica.phase {
            case .waitsForSnapshot: break
            case .receivesSnapshot(let sync) where !sync.isReadable: break
            default: continue
            }
            guard let client = clients[number] else { continue }
            client.reply.append(UInt8(ascii: "\n"))
            queueWrite(client)
        }
    }

    mutating func countGoodReplicas() {
        let limit = Int64(configuration.minSlavesMaxLag)
        replication.goodReplicas = replication.replicas.values.count {
            $0.isOnline && clock.seconds - $0.lastHeard <= limit
        }
    }

    /// The backlog of a master without replicas is kept for `repl-backlog-ttl`. What is written later is not counted,
    /// so the stream must not be known by its name any more.
    private mutating func forgetBacklog() {
        guard replication.replicas.isEmpty, !replication.isReplica, configuration.replBacklogTtl > 0,
            clock.seconds - replication.lonelySince > Int64(configuration.replBacklogTtl)
        else { return }
        propagation.end(.replicas)
        replication.isRecording = false
        replication.bytesWaiting = 0
        replication.stream.discard(before: replication.stream.end)
        replication.id = .random()
        replication.previousID = .none
        replication.previousIDEnd = -1
        logger.notice(
            "Replication backlog freed after \(configuration.replBacklogTtl) seconds without connected slaves.")
    }
}

extension ByteStream {
    /// Appends what a turn has told.
    fileprivate mutating func append(_ told: borrowing CommandStream) {
        append(told.commands.bytes)
    }
}
