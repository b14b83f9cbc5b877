import Logging
import Memory
import RESP

/// Masters and replicas, as clients see and order them. What replicas themselves say is in `ReplicaCommands.swift`.
extension Server {
    /// `SLAVEOF host port`, `SLAVEOF NO ONE`; REPLICAOF is the same.
    mutating func slaveof(_ request: Request, _ client: Client) throws(CommandError) {
        // What it changes it changes here: what a master had still to tell, which has its own way into the streams.
        defer { propagation.keepOut() }
        if request[1].equalsIgnoringCase("no"), request[2].equalsIgnoringCase("one") {
            stopFollowing()
            return client.reply.ok()
        }
        let port = try request[2].integer()
        guard (0...65535).contains(port) else { throw .invalidMasterPort }
        let address = MasterAddress(host: request[1].text, port: Int(port))
        if let link = replication.master, link.address == address {
            logger.notice("SLAVE OF would result into synchronization with the master we are already connected with.")
            return client.reply.append("+OK Already connected to specified master\r\n")
        }
        logger.notice("SLAVE OF \(address.host):\(address.port) enabled (user request)")
        follow(address)
        client.reply.ok()
    }

    /// `ROLE`: of a master its offset and replicas, of a replica its master and how far it has come.
    func role(_ client: Client) {
        if let link = replication.master {
            client.reply.array(5)
            client.reply.bulk("slave")
            client.reply.bulk(link.address.host)
            client.reply.integer(link.address.port)
            client.reply.bulk(link.stateName)
            return client.reply.integer(link.isOnline ? replication.offset : -1)
        }
        let online = replication.attachedReplicas.filter(\.isOnline)
        client.reply.array(3)
        client.reply.bulk("master")
        client.reply.integer(replication.offset)
        client.reply.array(online.count)
        for replica in online {
            let (host, port) = address(of: replica)
            client.reply.array(3)
            client.reply.bulk(host)
            client.reply.bulk(decimal: Int64(port))
            client.reply.bulk(decimal: replica.acknowledgedOffset)
        }
    }

    /// `WAIT replicas timeout`: answers how many replicas have everything that was written so far, as soon as there are
    /// enough of them or the time is up. Milliseconds; 0 waits without end.
    mutating func wait(_ request: Request, _ client: Client) throws(CommandError) {
        let timeout = try request[2].integer(orThrow: .notATimeout)
        if timeout < 0 { throw .negativeTimeout }
        let count = try request[1].integer()
        if replication.isReplica { throw .waitOnReplica }
        let pending = propagation.replicas.commands.count
        let offset = pending == 0 ? replication.changesEnd : replication.offset + Int64(pending)
        let reached = replicas(at: offset)
        if reached >= count || client.state.flags.contains(.mayNotWait) { return client.reply.integer(reached) }
        let (nanoseconds, isTooLong) = timeout.multipliedReportingOverflow(by: 1_000_000)
        let (deadline, isTooLate) = nanoseconds.addingReportingOverflow(clock.monotonic)
        if isTooLong || isTooLate { throw .notATimeout }
        client.state.flags.insert(.waitsForReply)
        replication.waiters.add(
            ReplicaWaiters.Wait(
                client: client.state.id, replicas: Int(clamping: count), offset: offset,
                deadline: timeout == 0 ? nil : deadline))
    }
}
