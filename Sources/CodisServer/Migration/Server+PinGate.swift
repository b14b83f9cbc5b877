import Memory
import RESP
import SlotStorage

/// What keeps a command from being executed now: a key on its way to or from another server, or a long value that a
/// snapshot has to write first.
enum PinObstacle {
    case key([UInt8], database: Int)
    /// Any pinned key of a database, or with `nil` of any.
    case anyKey(database: Int?)
}

/// Where writers wait for keys that are under way.
extension Server {
    /// Whether keys may have to be left as they are: a migration or a snapshot is at work.
    var hasPinGate: Bool { snapshot.isOn || migration.hasPins }

    /// Whether the command would change a pinned key. Then the client is suspended until that pin goes, and the command
    /// is to be executed again. Asked only while ``hasPinGate``.
    mutating func mustWaitForPins(
        _ command: Command, _ spec: CommandSpec, _ request: Request, _ client: Client
    ) -> Bool {
        guard let obstacle = pinObstacle(to: command, spec, request, client) else { return false }
        client.state.flags.insert(.waitsForPin)
        let waiter = Pins.Waiter.client(client.state.id, since: clock.monotonic)
        switch obstacle {
        case .key(let key, let database): migration.pins.wait(waiter, for: key, in: database)
        case .anyKey(let database): migration.pins.wait(waiter, untilNoPinsIn: database)
        }
        return true
    }

    /// The pin that is in the way of a command. Those that empty a database end the asynchronous migrations from it, and
    /// the arrivals in it, and wait for the synchronous ones.
    mutating func pinObstacle(
        to command: Command, _ spec: CommandSpec, _ request: Request, _ client: Client
    ) -> PinObstacle? {
        let database = client.state.database
        switch command {
        case .flushall:
            return obstacle(toEmptying: nil)
        case .flushdb:
            return obstacle(toEmptying: database)
        case .slotsdel:
            return isSlotList(request) ? obstacle(toEmptying: database) : nil
        case .slotsrestore:
            return obstacle(at: .range(1, -1, step: 3), of: request, client)
        case .slotsrestoreAsync:
            return obstacleToRestoring(request, client)
        case .slotsmgrtoneAsync, .slotsmgrttagoneAsync, .slotsmgrtslotAsync, .slotsmgrttagslotAsync:
            return obstacleToBatch(command, request, client)
        case .move:
            return obstacle(at: spec.keys, of: request, client) ?? obstacle(atTargetOf: request, client)
        case .copy:
            return obstacle(atCopyOf: request, client)
        case .zunionstore, .zinterstore, .zdiffstore:
            return obstacle(at: .first, of: request, client)
        case .migrate:
            let keys = MigrateOptions.keys(of: request)
            return obstacle(at: .range(keys.lowerBound, keys.upperBound - 1), of: request, client)
        case .sort:
            let target = SortOptions.targetPosition(of: request, optionsFrom: 2)
            return obstacle(at: target.map { .range($0, $0) } ?? .none, of: request, client)
        case .eval, .evalsha:
            // A script waits as a whole, whether it will change its keys or not.
            return obstacle(at: .ofScript(request), of: request, client)
        case .georadius:
            return obstacle(at: GeoOptions.target(of: request, optionsFrom: 6), of: request, client)
        case .georadiusbymember:
            return obstacle(at: GeoOptions.target(of: request, optionsFrom: 5), of: request, client)
        case .slotsmgrtExecWrapper:
            // It tells the obstacle instead of waiting.
            return nil
        default:
            return obstacle(at: spec.keys, of: request, client)
        }
    }

    private mutating func obstacle(
        at positions: KeyPositions, of request: Request, _ client: Client
    ) -> PinObstacle? {
        let database = client.state.database
        for position in positions.positions(in: request.count) where position < request.count {
            guard let entry = keyspace[database].find(request[position]), isHeld(entry, in: database),
                isKept(entry, in: database, from: client)
            else { continue }
            return .key(request[position].array, database: database)
        }
        return nil
    }

    private mutating func obstacle(toEmptying database: Int?) -> PinObstacle? {
        cancelBatches(in: database)
        endArrivals(in: database)
        // Those of a snapshot go, and it writes what is left of them elsewhere.
        let others = migration.pins.count(in: database) - snapshot.pinCount(in: database)
        return others > 0 ? .anyKey(database: database) : nil
    }

    private func isSlotList(_ request: Request) -> Bool {
        for index in 1..<request.count {
            guard let slot = Int64(canonical: request[index]), slot >= 0, slot < SlotTag.slotCount else { return false }
        }
        return true
    }

    /// MOVE finds out in the other database whether the key is there.
    private mutating func obstacle(atTargetOf request: Request, _ client: Client) -> PinObstacle? {
        guard let target = Int64(canonical: request[2]), target >= 0, target < keyspace.databaseCount,
            let entry = keyspace[Int(target)].find(request[1]), isHeld(entry, in: Int(target)),
            isKept(entry, in: Int(target), from: client)
        else { return nil }
        return .key(request[1].array, database: Int(target))
    }

    /// COPY reads one key, and writes another, maybe in another database.
    private mutating func obstacle(atCopyOf request: Request, _ client: Client) -> PinObstacle? {
        var target = client.state.database
        for index in 3..<max(3, request.count - 1) where request[index].equalsIgnoringCase("db") {
            target = database(numbered: request[index + 1]) ?? target
        }
        guard let entry = keyspace[target].find(request[2]), isHeld(entry, in: target),
            isKept(entry, in: target, from: client)
        else { return nil }
        return .key(request[2].array, database: target)
    }

    /// A key that arrives may be sent anew by anybody; one that is being given away, by a synchronous migration, waits.
    private mutating func obstacleToRestoring(_ request: Request, _ client: Client) -> PinObstacle? {
        let database = client.state.database
        guard request.count > 2, let entry = keyspace[database].find(request[2]), isHeld(entry, in: database),
            !migration.isBatchUnderWay(in: database), migration.arrivals.find(request[2], in: database) == nil
        else { return nil }
        return .key(request[2].array, database: database)
    }

    /// A batch does not begin with keys that are under way otherwise, nor overtake who waits to empty the database.
    private func obstacleToBatch(_ command: Command, _ request: Request, _ client: Client) -> PinObstacle? {
        let database = client.state.database
        if migration.isBatchUnderWay(in: database) { return nil }
        if migration.pins.hasClientWaitingForNone(in: database) { return .anyKey(database: database) }
        guard command == .slotsmgrtoneAsync || command == .slotsmgrttagoneAsync else { return nil }
        for index in 6..<request.count {
            let tag = SlotTag(of: request[index])
            if command == .slotsmgrttagoneAsync, tag.isTagged {
                for entry in keyspace[database].tagGroup(tag.crc) where isUnderWay(entry) {
                    return .key(entry.key.array, database: database)
                }
            } else if let entry = keyspace[database].find(request[index]), isUnderWay(entry) {
                return .key(request[index].array, database: database)
            }
        }
        return nil
    }
}

extension Server {
    /// As ``mustWaitForPins(_:_:_:_:)`` for all the commands that EXEC would execute: they wait together, so that
    /// nothing of the transaction has happened yet.
    mutating func mustWaitForPins(beforeExecOf client: Client) -> Bool {
        guard let transaction = client.state.transaction, !transaction.isSpoiled, !transaction.isOutdated else {
            return false
        }
        let selected = client.state.database
        // Each command looks for its keys in the database that will be selected by then.
        defer { client.state.database = selected }
        for queued in transaction.commands {
            let spec = commands[queued.command]
            if queued.command == .select, let database = database(numbered: queued.request[1]) {
                client.state.database = database
            }
            if spec.mayWaitForPins, mustWaitForPins(queued.command, spec, queued.request, client) {
                return true
            }
            if let key = arrival(inTheWayOf: queued.command, queued.request, client.state.database) {
                client.state.flags.insert(.waitsForPin)
                let waiter = Pins.Waiter.client(client.state.id, since: clock.monotonic)
                migration.pins.wait(waiter, for: key, in: client.state.database)
                return true
            }
        }
        return false
    }

    /// A key that arrives and that the command would give away. Within EXEC it could not wait for that: nobody else is
    /// served meanwhile, whoever sends the key neither.
    private func arrival(inTheWayOf command: Command, _ request: Request, _ database: Int) -> [UInt8]? {
        guard !migration.arrivals.isEmpty, request.count > 4 else { return nil }
        let subject = request[4]
        return migration.arrivals.first(in: database) { key in
            switch command {
            case .slotsmgrtone: return key.elementsEqual(subject)
            case .slotsmgrttagone: return SlotTag(of: key).crc == SlotTag(of: subject).crc
            case .slotsmgrtslot, .slotsmgrttagslot: return Int64(SlotTag(of: key).slot) == Int64(canonical: subject)
            default: return false
            }
        }
    }
}
