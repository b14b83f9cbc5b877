import Memory
import RESP
import SlotStorage

/// MULTI, EXEC, DISCARD, WATCH and UNWATCH.
extension Server {
    func multi(_ client: Client) throws(CommandError) {
        if client.state.flags.contains(.isInTransaction) { throw .nestedMulti }
        let transaction = client.state.transaction ?? Transaction()
        transaction.isOpen = true
        client.state.transaction = transaction
        client.state.flags.insert(.isInTransaction)
        client.reply.ok()
    }

    mutating func discard(_ client: Client) throws(CommandError) {
        guard client.state.flags.contains(.isInTransaction) else { throw .discardWithoutMulti }
        endTransaction(client)
        client.reply.ok()
    }

    /// `WATCH key [key ...]`
    mutating func watch(_ request: Request, _ client: Client) throws(CommandError) {
        if client.state.flags.contains(.isInTransaction) { throw .watchInsideMulti }
        let transaction = client.state.transaction ?? Transaction()
        client.state.transaction = transaction
        for index in 1..<request.count {
            let key = WatchedKey(database: client.state.database, bytes: request[index].array)
            if transaction.watch(key) { watchers.add(client.state.id, to: key) }
        }
        client.reply.ok()
    }

    mutating func unwatch(_ client: Client) {
        unwatchAll(client)
        client.reply.ok()
    }

    /// Executes what was queued, one after the other with nothing in between, and replies with an array of the replies.
    /// Commands that fail do not stop the others.
    mutating func exec(_ request: Request, _ client: Client) throws(CommandError) {
        guard let transaction = client.state.transaction, transaction.isOpen else { throw .execWithoutMulti }
        defer { if !monitors.isEmpty { feedMonitors(request, client) } }
        endTransaction(client)
        // The client has let go of it, and it owns the requests.
        defer { withExtendedLifetime(transaction) {} }
        if transaction.isSpoiled { throw .transactionDiscarded }
        if transaction.isOutdated { return client.reply.nullArray() }
        client.reply.array(transaction.commands.count)
        client.state.flags.insert(.mayNotWait)
        defer { client.state.flags.remove(.mayNotWait) }
        propagation.beginTransaction()
        for queued in transaction.commands { execute(queued, client) }
        propagation.endTransaction()
        propagation.keepOut()
    }

    private mutating func execute(_ queued: QueuedCommand, _ client: Client) {
        // A migration that began with another command of this EXEC may have pinned keys of this one.
        while hasPinGate, commands[queued.command].mayWaitForPins,
            mustWaitForPins(queued.command, commands[queued.command], queued.request, client)
        {
            if snapshot.isOn { finishLongValues() }
            driveMigrations(of: client)
        }
        call(queued.command, queued.request, client)
        driveMigrations(of: client)
    }

    /// Puts a command behind those that wait for EXEC.
    mutating func enqueue(_ command: Command, _ request: Request, _ client: Client) {
        client.state.transaction?.enqueue(command, request)
        client.state.lastCommand = command
        client.reply.append("+QUEUED\r\n")
    }

    /// A command was refused before it could be queued: EXEC is to refuse the others as well.
    func spoilTransaction(_ client: Client) {
        if client.state.flags.contains(.isInTransaction) { client.state.transaction?.isSpoiled = true }
    }

    /// The client is in no transaction any more and watches nothing. What it knows of the transaction stays as it is.
    private mutating func endTransaction(_ client: Client) {
        guard let transaction = client.state.transaction else { return }
        for key in transaction.watchedKeys { watchers.remove(client.state.id, from: key) }
        client.state.transaction = nil
        client.state.flags.remove(.isInTransaction)
    }
}
