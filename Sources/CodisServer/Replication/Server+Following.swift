import Logging
import Memory
import RESP
import SlotStorage

/// Following a master, and being one: SLAVEOF and what it changes.
extension Server {
    /// From now on this server follows a master. Its data set stays until the master's is here.
    mutating func follow(_ address: MasterAddress) {
        if propagation.isInTransaction {
            // What EXEC has done so far is a whole: the rest never gets into this stream.
            propagation.endTransaction()
            propagation.beginTransaction()
        }
        flushPropagation()
        let wasReplica = replication.isReplica
        // What this server has can be the beginning of what the other one has, if their streams have met before.
        let canContinue = wasReplica ? replication.master?.canContinue ?? false : replication.isRecording
        if let old = replication.master {
            disconnect(old)
        } else {
            if propagation.listeners.contains(.replicas) {
                replication.selectedDatabase = propagation.replicas.database ?? 0
            }
            propagation.end(.replicas)
            abandonMigrations()
            disconnectBlockedClients()
            releaseHeldWriters()
            replication.takeBackName()
        }
        replication.isRecording = true
        replication.linkCount += 1
        let link = MasterLink(
            to: address, number: replication.linkCount, canContinue: canContinue, now: clock.seconds)
        replication.master = link
        configuration.slaveof = address
        followReplicationState()
        open(link)
    }

    /// From now on this server is a master. The stream goes on under a new name, and replicas learn it when they ask
    /// again.
    mutating func stopFollowing() {
        guard let link = replication.master else { return }
        handOver(link)
        disconnect(link)
        replication.master = nil
        configuration.slaveof = nil
        disconnectReplicas()
        replication.rename()
        propagation.begin(.replicas)
        replication.lonelySince = clock.seconds
        followReplicationState()
        logger.notice("MASTER MODE enabled (user request)")
    }

    /// The part of each turn that nobody has to ask for.
    mutating func replicate() {
        if let link = replication.master {
            if link.hasMoreToLoad { loadSnapshot(link) }
            if link.isHeldBack { executeStream(link) }
        }
        if isHoldingWrites { endHandover() }
        if !replication.waiters.isEmpty { serveReplicaWaiters() }
    }

    /// Works out again what clients may do.
    mutating func followReplicationState() {
        replication.restrictsCommands =
            replication.isReplica || configuration.minSlavesToWrite > 0 || isHoldingWrites
        expiryRule =
            !replication.isReplica && !isHoldingWrites ? .removes : replication.isApplying ? .ignores : .hides
    }

    /// Ends every migration from here: its keys stay as they are.
    mutating func abandonMigrations() {
        for link in Array(migration.links.values) { fail(link, .read) }
        cancelBatches(in: nil)
        abandonRemovals()
        endArrivals(in: nil)
    }

    /// Clients that wait for elements cannot get any from a replica.
    private mutating func disconnectBlockedClients() {
        for number in blockedClients.all {
            guard let client = clients[number] else { continue }
            blockedClients.remove(number)
            client.state.flags.remove(.waitsForReply)
            client.reply.append(
                "-UNBLOCKED force unblock from blocking operation, instance state changed (master -> slave?)\r\n")
            client.state.flags.insert(.closesAfterReply)
            queueWrite(client)
        }
    }
}

/// What happens to keys whose time has passed.
enum ExpiryRule {
    /// They are removed when somebody comes across them, or the sweep does.
    case removes
    /// They are there, for the master to remove, but clients do not see them.
    case hides
    /// They are there: what is executed has been executed before, at its own time.
    case ignores
}

extension Server {
    /// Why a client may not run a command now, as replicas and their masters have it. `nil` if it may.
    func refusal(of spec: CommandSpec) -> StaticString? {
        if replication.isReplica {
            if spec.flags.contains(.write), configuration.slaveReadOnly {
                return "-READONLY You can't write against a read only slave.\r\n"
            }
            if !configuration.slaveServeStaleData, !spec.flags.contains(.stale), replication.master?.isOnline != true {
                return "-MASTERDOWN Link with MASTER is down and slave-serve-stale-data is set to 'no'.\r\n"
            }
        } else if spec.flags.contains(.write), configuration.minSlavesToWrite > 0, configuration.minSlavesMaxLag > 0,
            replication.goodReplicas < configuration.minSlavesToWrite
        {
            return "-NOREPLICAS Not enough good slaves to write.\r\n"
        }
        return nil
    }

    /// A client is about to write to a replica that allows it: keys that are hidden from it since their time has passed
    /// go first, so that it does not build upon what it cannot see.
    mutating func removeHiddenKeys(_ spec: CommandSpec, _ request: Request, _ client: Client) {
        guard replication.isReplica, spec.flags.contains(.write) else { return }
        expiryRule = .removes
        defer { followReplicationState() }
        for position in spec.keys.positions(in: request.count) where position < request.count {
            if let entry = keyspace[client.state.database].find(request[position]) {
                _ = isExpired(entry, in: client.state.database)
            }
        }
    }
}
