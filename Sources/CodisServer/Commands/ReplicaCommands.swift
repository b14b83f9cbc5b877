import Logging
import Memory
import RESP

/// What replicas say to their master: REPLCONF, PSYNC, SYNC.
extension Server {
    /// `REPLCONF option value ...`: a replica tells of itself. Options are those of Redis 2.8 to 7, and `handover`
    /// (`Server+Handover.swift`).
    mutating func replconf(_ request: Request, _ client: Client) throws(CommandError) {
        guard request.count % 2 == 1 else { throw .syntax }
        let replica = replica(of: client)
        for index in stride(from: 1, to: request.count, by: 2) {
            let (option, value) = (request[index], request[index + 1])
            if option.equalsIgnoringCase("listening-port") {
                replica.port = Int(try value.integer())
            } else if option.equalsIgnoringCase("ip-address") {
                replica.announcedHost = value.text
            } else if option.equalsIgnoringCase("capa") {
                // Abilities that are not known are not used.
                if value.equalsIgnoringCase("eof") { replica.abilities.insert(.markedSnapshots) }
                if value.equalsIgnoringCase("psync2") { replica.abilities.insert(.renamedStreams) }
            } else if option.equalsIgnoringCase("handover") {
                guard !replication.isReplica else { return client.reply.error("ERR only a master hands over") }
                return client.reply.append("+HANDOVER\r\n")
            } else if option.equalsIgnoringCase("ack") || option.equalsIgnoringCase("getack") {
                // Between a master and its replica alone, and without an answer.
                return
            } else {
                return client.reply.error("ERR Unrecognized REPLCONF option: \(option.text)")
            }
        }
        client.reply.ok()
    }

    /// A request on the connection of a replica that gets the stream. There are no replies: they would be taken for a
    /// part of it.
    mutating func hear(_ request: Request, _ client: Client) {
        guard let replica = client.state.replica, request.count >= 3, commands.find(request[0]) == .replconf else {
            return
        }
        if request[1].equalsIgnoringCase("ack"), let offset = Int64(canonical: request[2]) {
            acknowledge(offset, replica, client)
        } else if request[1].equalsIgnoringCase("handover") {
            beginHandover(to: replica)
        }
    }

    /// `PSYNC id offset`: the stream from `offset` on if that is possible, and otherwise a snapshot first.
    mutating func psync(_ request: Request, _ client: Client) throws(CommandError) {
        guard try mayBecomeReplica(client) else { return }
        let replica = replica(of: client)
        attach(replica, client)
        if let place = placeToContinue(request) { return continueStream(to: replica, from: place, client) }
        requestFullSync(replica, client)
    }

    /// `SYNC`: a snapshot and the stream, for replicas older than Redis 2.8 and for tools.
    mutating func sync(_ client: Client) throws(CommandError) {
        guard try mayBecomeReplica(client) else { return }
        let replica = replica(of: client)
        replica.isSilent = true
        attach(replica, client)
        requestFullSync(replica, client)
    }

    private mutating func mayBecomeReplica(_ client: Client) throws(CommandError) -> Bool {
        if client.state.flags.contains(.mayNotWait) { throw .syncInTransaction }
        if let link = replication.master, !link.isOnline {
            client.reply.append("-NOMASTERLINK Can't SYNC while not connected with my master\r\n")
            return false
        }
        guard client.reply.isEmpty else {
            client.reply.append("-ERR SYNC and PSYNC are invalid with pending output\r\n")
            return false
        }
        logger.notice("Slave \(describe(replica(of: client))) asks for synchronization")
        return true
    }

    /// The offset from which the replica can go on.
    private mutating func placeToContinue(_ request: Request) -> Int64? {
        guard let id = ReplicationID(request[1]), let next = Int64(canonical: request[2]) else { return nil }
        // Replicas count the bytes from 1.
        if replication.canContinue(id, from: next - 1) { return next - 1 }
        if id != replication.id, id != replication.previousID {
            logger.notice(
                """
                Partial resynchronization not accepted: Replication ID mismatch (Slave asked for '\(id)', my \
                replication IDs are '\(replication.id)' and '\(replication.previousID)')
                """)
        } else {
            logger.notice("Unable to partial resync with slave for lack of backlog (Slave request was: \(next)).")
        }
        replication.refusedPartialSyncs += 1
        return nil
    }

    private mutating func continueStream(to replica: Replica, from offset: Int64, _ client: Client) {
        replication.partialSyncs += 1
        client.reply.append("+CONTINUE")
        if replica.abilities.contains(.renamedStreams) {
            client.reply.append(" ")
            client.reply.append(Array(replication.id.description.utf8).bytes)
        }
        client.reply.append("\r\n")
        replica.offset = offset
        replica.acknowledgedOffset = offset
        replica.phase = .online
        countGoodReplicas()
        logger.notice(
            """
            Partial resynchronization request from \(describe(replica)) accepted. Sending \
            \(replication.offset - offset) bytes of backlog starting from offset \(offset + 1).
            """)
    }
}
