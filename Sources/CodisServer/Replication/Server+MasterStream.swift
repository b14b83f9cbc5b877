import Logging
import Memory
import RESP
import SlotStorage

/// Executing the master's stream, and handing it on as it came.
///
/// Nothing that holds ordinary clients back concerns the master: its commands have been executed there. They are run
/// for a client of their own, whose replies nobody gets. The offset moves on when a command, or a transaction as a
/// whole, has been executed, and with it the stream of this server: so after a cut the stream goes on behind what has
/// been done, and never in the middle of a transaction.
extension Server {
    /// The data set is the stream's at the offset: from now on commands come.
    mutating func beginStream(_ link: MasterLink) {
        lastClientID += 1
        let client = Client(
            ClientState(
                id: lastClientID, descriptor: link.descriptor, registration: link.registration, isUnixSocket: false,
                now: clock.seconds, replyChunks: replyChunks))
        client.state.database = replication.selectedDatabase
        client.state.flags.insert([.isAuthenticated, .mayNotWait])
        link.client = client
        link.executed = 0
        link.phase = .online
        followReplicationState()
        // A master that sent a snapshot of unknown length waits for this before it says more.
        acknowledgeStream(link)
        if !link.input.isEmpty { executeStream(link) }
    }

    /// Executes what has come, and takes it into this server's own stream.
    mutating func executeStream(_ link: MasterLink) {
        guard let client = link.client else { return }
        link.isHeldBack = false
        if migration.hasPins { abandonMigrations() }
        // Taken out, so that nobody can touch the bytes while a request looks at them.
        var input = ByteBuffer()
        swap(&input, &link.input)
        replication.isApplying = true
        followReplicationState()
        var done = 0
        var failure: String?
        reading: while link.phase == .online, link.executed < input.count {
            let rest = input.bytes.extracting(link.executed..<input.count)
            switch client.state.parser.parse(rest) {
            case .incomplete: break reading
            case .nothing(let length): link.executed += length
            case .request(let length):
                let request = client.state.parser.request(in: rest)
                if commands.find(request[0]) == .replconf, !client.state.flags.contains(.isInTransaction) {
                    // The answer tells the offset up to here.
                    take(input.bytes.extracting(done..<link.executed), client)
                    done = link.executed
                    answer(link, request)
                } else if !execute(request, link, client) {
                    client.state.parser.reset()
                    link.isHeldBack = true
                    break reading
                }
                link.executed += length
                if let reason = link.failure {
                    failure = reason
                    break reading
                }
            case .failure(let error):
                failure = "Protocol error in the stream of the master: \(error)"
                break reading
            }
            if !client.state.flags.contains(.isInTransaction) {
                take(input.bytes.extracting(done..<link.executed), client)
                done = link.executed
            }
        }
        replication.isApplying = false
        followReplicationState()
        guard link.phase == .online else { return }
        input.removePrefix(done)
        link.executed -= done
        if input.isEmpty { input.release() }
        swap(&input, &link.input)
        if let failure { lose(link, failure) }
    }

    /// The bytes have been executed: they are part of this server's stream.
    private mutating func take(_ bytes: RawSpan, _ client: Client) {
        guard bytes.byteCount > 0 else { return }
        replication.stream.append(bytes)
        replication.selectedDatabase = client.state.database
    }

    /// Runs one command of the stream. `false` if a value that it changes is being written to a snapshot at this
    /// moment: it is to be tried again in the next turn.
    private mutating func execute(_ request: Request, _ link: MasterLink, _ client: Client) -> Bool {
        guard let command = commands.find(request[0]), commands[command].accepts(argumentCount: request.count),
            command == .script || !commands[command].flags.contains(.admin),
            command != .restore || NewerCommand.isOldRestore(request)
        else {
            if let older = NewerCommand.translate(request) { return execute(older, link, client) }
            noteUnknown(request, link)
            return true
        }
        if hasPinGate, isHeldBack(command, request, client) { return false }
        if client.state.flags.contains(.isInTransaction), !command.isExecutedWithinMulti {
            enqueue(command, request, client)
        } else {
            client.state.lastCommand = command
            // EXEC has taken it away.
            client.state.flags.insert(.mayNotWait)
            call(command, request, client)
            if blockedClients.hasReadyKeys { serveBlockedClients() }
        }
        if client.reply.firstByte == UInt8(ascii: "-") { noteFailure(of: command, link, client) }
        client.reply.removeAll()
        return true
    }

    /// Runs what a command of a later Redis means.
    private mutating func execute(_ translation: borrowing CommandBuffer, _ link: MasterLink, _ client: Client) -> Bool
    {
        var parser = RequestParser()
        var place = 0
        while place < translation.count {
            let rest = translation.bytes.extracting(place..<translation.count)
            guard case .request(let length) = parser.parse(rest) else { break }
            guard execute(parser.request(in: rest), link, client) else { return false }
            place += length
        }
        return true
    }

    /// Whether a command would change a value that is being written to a snapshot. The master's commands keep their
    /// order, so those behind it wait as well.
    private mutating func isHeldBack(_ command: Command, _ request: Request, _ client: Client) -> Bool {
        if command != .exec {
            let isWrite = commands[command].flags.contains(.write) && !client.state.flags.contains(.isInTransaction)
            return isWrite && pinObstacle(to: command, commands[command], request, client) != nil
        }
        guard let transaction = client.state.transaction else { return false }
        let selected = client.state.database
        defer { client.state.database = selected }
        for queued in transaction.commands {
            if queued.command == .select, let database = database(numbered: queued.request[1]) {
                client.state.database = database
            }
            if commands[queued.command].flags.contains(.write),
                pinObstacle(to: queued.command, commands[queued.command], queued.request, client) != nil
            {
                return true
            }
        }
        return false
    }

    /// The data sets may differ from now on; the operator is to know. Every name is told once.
    private func noteUnknown(_ request: Request, _ link: MasterLink) {
        let name = request[0].text
        guard link.unknownCommands.count < 100, link.unknownCommands.insert(name).inserted else { return }
        logger.warning(
            "MASTER sent the command '\(name)' with \(request.count - 1) arguments, which this server does not have")
    }

    /// The master has executed the command, and here it fails: the data sets differ. Without its database a stream cannot
    /// go on at all.
    private func noteFailure(of command: Command, _ link: MasterLink, _ client: Client) {
        let name = commands[command].name.description
        let text =
            "The command '\(name)' of the MASTER failed: \(String(decoding: client.reply.prefix(256), as: UTF8.self))"
        if command == .select { link.failure = text }
        guard link.unknownCommands.count < 100, link.unknownCommands.insert(name).inserted else { return }
        logger.warning("\(text)")
    }

    /// `REPLCONF GETACK *`
    private mutating func answer(_ link: MasterLink, _ request: Request) {
        guard request.count >= 3, request[1].equalsIgnoringCase("getack") else { return }
        acknowledgeStream(link)
        if request[2].equalsIgnoringCase("handover") { link.isDrained = true }
    }

    /// Tells the master how far this server has come.
    mutating func acknowledgeStream(_ link: MasterLink) {
        guard link.canContinue else { return }
        link.output.array(3)
        link.output.bulk("REPLCONF")
        link.output.bulk("ACK")
        link.output.bulk(decimal: replication.offset)
        flush(link)
    }

    /// The connection is gone: what it had begun between MULTI and EXEC is forgotten.
    mutating func endMasterClient(_ client: Client) {
        unwatchAll(client)
        client.state.flags.insert(.isClosed)
        closedClients.append(client)
        followReplicationState()
    }

    /// Replicas of this server have to ask again, since the stream has another name or another data set.
    mutating func disconnectReplicas() {
        for number in replication.replicas.keys { if let client = clients[number] { close(client) } }
    }
}
