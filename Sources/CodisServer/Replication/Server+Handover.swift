import Logging
import Memory
import RESP

/// Promotion without loss. A replica that is told to be a master asks the present one, if it is alive and of this kind,
/// to stop writing; it executes what the stream still holds, and only then turns. So nothing that the old master has
/// acknowledged is missing, and the old master has nothing that the new one has not: it can follow with a partial
/// resync.
///
/// The conversation: `REPLCONF handover ?` in the greeting tells whether the master can do it. `REPLCONF handover now`
/// makes it hold its writers, and put `REPLCONF GETACK handover` into the stream behind the last command. Other
/// replicas take that for a plain GETACK.
extension Server {
    // MARK: The replica

    /// Executes what the master still has to tell, at most for `repl-handover-timeout`. Nobody else is served
    /// meanwhile: SLAVEOF is most often part of a transaction, which nobody may see half done.
    mutating func handOver(_ link: MasterLink) {
        guard link.isOnline, link.handsOver, configuration.replHandoverTimeout > 0 else { return }
        let deadline = Clock.monotonicNow() + Int64(configuration.replHandoverTimeout) * 1_000_000
        link.isDrained = false
        link.output.array(3)
        link.output.bulk("REPLCONF")
        link.output.bulk("handover")
        link.output.bulk("now")
        flush(link)
        while !link.isDrained {
            let left = deadline - Clock.monotonicNow()
            guard link.isOnline, left > 0 else {
                return logger.warning(
                    """
                    The master did not hand over within \(configuration.replHandoverTimeout) ms: this server turns \
                    anyway, and commands that did not arrive are lost.
                    """)
            }
            // A value that a snapshot is writing keeps everything behind it waiting.
            if link.isHeldBack {
                finishLongValues()
                executeStream(link)
                continue
            }
            var wait = DescriptorWait()
            wait.add(link.descriptor, forReading: true, forWriting: link.waitsForWritable)
            for ready in wait.wait(milliseconds: Int32(clamping: left / 1_000_000 + 1)) {
                handleMasterLink(
                    link.number,
                    Poller.Event(
                        descriptor: ready.descriptor, registration: link.registration, isReadable: ready.isReadable,
                        isWritable: ready.isWritable, isEnding: false))
            }
            updateClock()
        }
        logger.notice("The master has handed over at offset \(replication.offset).")
    }

    // MARK: The master

    var isHoldingWrites: Bool { replication.holdsWritersUntil != nil }

    /// A replica is about to take over: nothing is written from now on, until this server is told to follow, or the
    /// time is up.
    mutating func beginHandover(to replica: Replica) {
        guard !replication.isReplica, replica.isOnline else { return }
        logger.notice(
            "Slave \(describe(replica)) takes over: holding writes for \(configuration.replHandoverTimeout) ms.")
        abandonMigrations()
        flushPropagation()
        appendToStream("*3\r\n$8\r\nREPLCONF\r\n$6\r\nGETACK\r\n$8\r\nhandover\r\n")
        replication.holdsWritersUntil = clock.monotonic + Int64(configuration.replHandoverTimeout) * 1_000_000
        followReplicationState()
    }

    /// Whether the client has to wait until it is known who is the master. It is suspended then, and its request to be
    /// executed again.
    mutating func mustWaitForHandover(_ command: Command, _ spec: CommandSpec, _ client: Client) -> Bool {
        guard isHoldingWrites else { return false }
        // What a script will do nobody knows.
        var writes = spec.mayWaitForPins
        if command == .exec, let transaction = client.state.transaction {
            writes = transaction.commands.contains { commands[$0.command].mayWaitForPins }
        }
        guard writes else { return false }
        client.state.flags.insert(.waitsForPin)
        replication.heldWriters.append(client.state.id)
        return true
    }

    /// Every turn: nobody is held longer than the time that was set.
    mutating func endHandover() {
        guard let end = replication.holdsWritersUntil, clock.monotonic >= end else { return }
        logger.warning("The handover is over and this server was not told to follow: it goes on as a master.")
        releaseHeldWriters()
    }

    /// Those who were held go on, in the order in which they came.
    mutating func releaseHeldWriters() {
        guard isHoldingWrites else { return }
        replication.holdsWritersUntil = nil
        let held = replication.heldWriters
        replication.heldWriters = []
        followReplicationState()
        for number in held { if let client = clients[number] { resume(client) } }
    }
}
