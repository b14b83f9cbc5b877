import Glibc
import Logging
import Memory
import RESP
import SlotStorage

/// Reading the data set from the append-only file: its commands are executed one after the other.
extension Server {
    /// Reads the data set from the append-only file; without one it stays empty. Throws what to tell the operator.
    mutating func loadAppendOnlyFile(servesClients: Bool = true) throws(StartError) {
        let name = configuration.appendfilename
        let file: DataFile
        do throws(SystemError) {
            file = try DataFile.open(name, .read)
        } catch {
            if error.code == ENOENT { return }
            throw StartError("Cannot open the append only file \(name): \(error.description)")
        }
        beginLoading(file: name, bytes: (try? file.size()) ?? 0, servesClients: servesClients)
        defer { endLoading() }
        let start = Clock.monotonicNow()
        do throws(AppendOnlyFileError) {
            var offset: Int? = 0
            if try AppendOnlyFilePreamble.isThere(in: file) { offset = try loadPreamble(of: file) }
            if let offset, let ending = try replay(AppendOnlyFileReader(file, from: offset)) {
                try cutOff(ending, from: name)
            }
        } catch {
            throw StartError(
                """
                Bad file format reading the append only file \(name) at offset \(error.offset): \(error.description). \
                Make a backup of the file, then use 'codis-server check-aof --fix \(name)', which cuts off everything \
                from there on
                """)
        }
        dirty = 0
        let seconds = Double(Clock.monotonicNow() - start) / 1e9
        logger.notice("DB loaded from append only file: \(InfoText.twoDecimals(seconds)) seconds")
    }

    /// Reads the RDB file at the front, whose keys stay even if their time has passed, since the commands rely on them.
    /// Answers where the commands begin; `nil` when the server is to end.
    private mutating func loadPreamble(of file: borrowing DataFile) throws(AppendOnlyFileError) -> Int? {
        var loader = KeyspaceLoader(
            databaseCount: configuration.databases, limits: configuration.encodingLimits, dropsKeysExpiredBefore: nil)
        let end = try AppendOnlyFilePreamble.load(file, into: &loader) { noteLoaded($0) }
        guard let end else { return nil }
        keyspace = loader.finish()
        updateAccessClock()
        return end
    }

    /// Executes the commands of a file. Answers where the last whole command, or transaction, ends if the file ends in
    /// the middle of one; then nothing of that has been executed.
    private mutating func replay(
        _ reader: consuming AppendOnlyFileReader
    ) throws(AppendOnlyFileError) -> Truncation? {
        var replay = Replay(replyChunks: replyChunks)
        var reported = 0
        while true {
            let item = try reader.next()
            if reader.bytesRead != reported {
                reported = reader.bytesRead
                // Told to end, the server does so without having loaded everything.
                guard noteLoaded(reported) else { return nil }
            }
            switch item {
            case .command: try execute(reader.request, at: reader.offset, in: &replay)
            case .end where replay.transaction == nil: return nil
            case .end, .truncated: return Truncation(end: replay.transactionStart ?? reader.offset)
            }
        }
    }

    /// Executes a recorded command, or keeps it until the EXEC of its transaction comes.
    private mutating func execute(
        _ request: Request, at offset: Int, in replay: inout Replay
    ) throws(AppendOnlyFileError) {
        guard let command = commands.find(request[0]) ?? replay.commands.find(request[0]) else {
            throw AppendOnlyFileError(offset: offset, cause: .unknownCommand(request[0].array))
        }
        let spec = commands[command]
        guard spec.accepts(argumentCount: request.count) else {
            throw AppendOnlyFileError(offset: offset, cause: .argumentCount(spec.name))
        }
        switch command {
        case .multi:
            guard replay.transaction == nil else { throw AppendOnlyFileError(offset: offset, cause: .nestedMulti) }
            replay.begin(at: offset)
        case .exec:
            guard let transaction = replay.transaction else {
                throw AppendOnlyFileError(offset: offset, cause: .execWithoutMulti)
            }
            for (index, queued) in transaction.commands.enumerated() {
                try execute(queued.command, queued.request, at: replay.offsets[index], for: replay.client)
            }
            replay.end()
        default:
            guard spec.mayBeRecorded else {
                throw AppendOnlyFileError(offset: offset, cause: .misplacedCommand(spec.name))
            }
            if let transaction = replay.transaction {
                transaction.enqueue(command, request)
                replay.offsets.append(offset)
            } else {
                try execute(command, request, at: offset, for: replay.client)
            }
        }
    }

    /// Executes a recorded command, which must succeed, since it did when it was recorded.
    private mutating func execute(
        _ command: Command, _ request: Request, at offset: Int, for client: Client
    ) throws(AppendOnlyFileError) {
        replay(command, request, client)
        defer { client.reply.removeAll() }
        // The messages of asynchronous migrations that are refused end the connection instead.
        let hasFailed = client.state.flags.contains(.closesAfterReply)
        // A script that has changed something is recorded even if it failed in the end, as it does here again.
        if hasFailed || client.reply.firstByte == UInt8(ascii: "-") && !command.isScript {
            let reply = client.reply.prefix(256).drop { $0 == UInt8(ascii: "-") }
            throw AppendOnlyFileError(
                offset: offset, cause: .failedCommand(commands[command].name, reply: Array(reply)))
        }
    }

    /// Cuts off a last command that is there in part only, if the configuration allows it.
    private func cutOff(_ truncation: Truncation, from name: String) throws(AppendOnlyFileError) {
        guard configuration.aofLoadTruncated else {
            throw AppendOnlyFileError(offset: truncation.end, cause: .truncated)
        }
        logger.warning("!!! Warning: short read while loading the AOF file !!!")
        logger.warning("!!! Truncating the AOF at offset \(truncation.end) !!!")
        do throws(SystemError) {
            try DataFile.open(name, .repair).truncate(to: truncation.end)
        } catch {
            throw AppendOnlyFileError(offset: truncation.end, cause: .system(error))
        }
        logger.warning("AOF loaded anyway because aof-load-truncated is enabled")
    }
}

/// A file that ends in the middle of a command or transaction.
private struct Truncation {
    /// Bytes before that.
    let end: Int
}

/// What a replay knows between two commands.
private struct Replay: ~Copyable {
    /// Executes the commands; it has no connection, and nobody reads its replies.
    let client: Client
    /// Every command under its own name: files of our own have these, whatever `rename-command` says.
    let commands = CommandRegistry()
    /// Between MULTI and EXEC.
    private(set) var transaction: Transaction?
    private(set) var transactionStart: Int?
    /// Where each command of the transaction stands.
    var offsets: [Int] = []

    init(replyChunks: ReplyChunkPool) {
        client = Client(
            ClientState(
                id: 0, descriptor: -1, registration: 0, isUnixSocket: false, now: 0, replyChunks: replyChunks))
        client.state.flags.insert(.mayNotWait)
    }

    deinit { client.destroy() }

    mutating func begin(at offset: Int) {
        transaction = Transaction()
        transactionStart = offset
    }

    mutating func end() {
        transaction = nil
        transactionStart = nil
        offsets.removeAll(keepingCapacity: true)
    }
}

extension CommandSpec {
    /// Whether a server may have written the command into an append-only file: changes, but those that would reach out
    /// for other servers, and what does no harm.
    fileprivate var mayBeRecorded: Bool {
        switch command {
        case .migrate, .slotsmgrtone, .slotsmgrtslot, .slotsmgrttagone, .slotsmgrttagslot: false
        case .slotsmgrtoneAsync, .slotsmgrttagoneAsync, .slotsmgrtslotAsync, .slotsmgrttagslotAsync: false
        case .eval, .evalsha, .script: true
        default:
            flags.contains(.write) || flags.contains(.readonly) && flags.isDisjoint(with: [.admin, .pubSub, .noScript])
        }
    }
}
