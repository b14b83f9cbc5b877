import Memory
import RESP
import SlotStorage

/// The commands that move keys to another server: specification, section 6, and Redis' MIGRATE. They only read their
/// arguments; the work is in `Migration/`.
extension Server {
    /// `SLOTSMGRTONE host port timeout key`
    mutating func slotsmgrtone(_ request: Request, _ client: Client) throws(CommandError) {
        guard let timeout = try slotTimeout(request, client) else { return }
        migrateSlots(.key(request[4].array), timeout, request, client)
    }

    /// `SLOTSMGRTTAGONE host port timeout key`
    mutating func slotsmgrttagone(_ request: Request, _ client: Client) throws(CommandError) {
        guard let timeout = try slotTimeout(request, client) else { return }
        migrateSlots(.tagGroup(of: request[4].array), timeout, request, client)
    }

    /// `SLOTSMGRTSLOT host port timeout slot`
    mutating func slotsmgrtslot(_ request: Request, _ client: Client) throws(CommandError) {
        guard let timeout = try slotTimeout(request, client), let slot = try nonEmptySlot(request, client) else {
            return
        }
        migrateSlots(.anyKey(ofSlot: slot), timeout, request, client)
    }

    /// `SLOTSMGRTTAGSLOT host port timeout slot`
    mutating func slotsmgrttagslot(_ request: Request, _ client: Client) throws(CommandError) {
        guard let timeout = try slotTimeout(request, client), let slot = try nonEmptySlot(request, client) else {
            return
        }
        migrateSlots(.anyTagGroup(ofSlot: slot), timeout, request, client)
    }

    /// `MIGRATE host port key destination-db timeout [COPY] [REPLACE] [KEYS key [key ...]]`: the one key, or an empty one
    /// and those behind `KEYS`.
    mutating func migrate(_ request: Request, _ client: Client) throws(CommandError) {
        let options = try MigrateOptions(request)
        let timeout = try request[5].integer()
        let database = try request[4].integer()
        var keys: [[UInt8]] = []
        var known: Set<[UInt8]> = []
        for index in options.keys where findForReading(request[index], client) != nil {
            let key = request[index].array
            if known.insert(key).inserted { keys.append(key) }
        }
        if keys.isEmpty { return client.reply.append("+NOKEY\r\n") }
        let job = MigrationJob(
            caller: client.state.id, subject: .keys(keys),
            form: .restore(copies: options.copies, replaces: options.replaces), database: client.state.database,
            targetDatabase: Int(database), timeout: timeout <= 0 ? 1000 : Int(clamping: min(timeout, 1 << 31)),
            now: clock.monotonic)
        start(job, to: target(request, authenticates: false), client)
    }

    private mutating func migrateSlots(
        _ subject: MigrationJob.Subject, _ timeout: Int, _ request: Request, _ client: Client
    ) {
        let job = MigrationJob(
            caller: client.state.id, subject: subject, form: .slotsRestore, database: client.state.database,
            targetDatabase: client.state.database, timeout: timeout, now: clock.monotonic)
        start(job, to: target(request, authenticates: true), client)
    }

    private mutating func start(_ job: MigrationJob, to target: MigrationTarget, _ client: Client) {
        client.state.flags.insert(.waitsForReply)
        migration.activeJobs += 1
        submit(job, to: target)
    }

    /// The port is not checked: what is no number is 0, which no server listens at.
    private func target(_ request: Request, authenticates: Bool) -> MigrationTarget {
        let port = Int64(canonical: request[2]) ?? 0
        return MigrationTarget(
            host: request[1].text, port: port > 0 && port < 65536 ? Int(port) : 0, authenticates: authenticates)
    }

    /// Milliseconds: 0 means 100. `nil`, with the error replied, for a negative one.
    private func slotTimeout(_ request: Request, _ client: Client) throws(CommandError) -> Int? {
        let timeout = try request[3].integer32()
        if timeout >= 0 { return timeout == 0 ? 100 : timeout }
        client.reply.error("ERR invalid timeout = \(timeout)")
        return nil
    }

    /// The slot to move from; an empty one is answered at once.
    private func nonEmptySlot(_ request: Request, _ client: Client) throws(CommandError) -> Int? {
        guard let slot = try slot(request[4], client) else { return nil }
        if keyspace[client.state.database].count(inSlot: slot) > 0 { return slot }
        client.reply.append("*2\r\n:0\r\n:0\r\n")
        return nil
    }
}
