import Memory
import RESP
import SlotStorage

/// Where writers wait for keys that are on their way to another server.
extension Server {
    /// Whether the command would change a pinned key. Then the client is suspended until that pin goes, and the command
    /// is to be executed again. Asked only while there are pins.
    mutating func mustWaitForPins(
        _ command: Command, _ spec: CommandSpec, _ request: Request, _ client: Client
    ) -> Bool {
        let database = client.state.database
        switch command {
        case .flushall:
            return wait(client, untilNoPinsIn: nil)
        case .flushdb, .slotsdel:
            return wait(client, untilNoPinsIn: database)
        case .slotsrestore:
            return wait(client, for: .range(1, -1, step: 3), of: request)
        case .move:
            return wait(client, for: spec.keys, of: request) || waitForTarget(of: request, client)
        case .zunionstore, .zinterstore:
            return wait(client, for: .first, of: request)
        case .sort:
            let target = SortOptions.targetPosition(of: request, optionsFrom: 2)
            return wait(client, for: target.map { .range($0, $0) } ?? .none, of: request)
        case .georadius:
            return wait(client, for: GeoOptions.target(of: request, optionsFrom: 6), of: request)
        case .georadiusbymember:
            return wait(client, for: GeoOptions.target(of: request, optionsFrom: 5), of: request)
        default:
            return wait(client, for: spec.keys, of: request)
        }
    }

    private mutating func wait(_ client: Client, untilNoPinsIn database: Int?) -> Bool {
        guard migration.pins.count(in: database) > 0 else { return false }
        client.state.flags.insert(.waitsForPin)
        migration.pins.wait(.client(client.state.id), untilNoPinsIn: database)
        return true
    }

    private mutating func wait(_ client: Client, for positions: KeyPositions, of request: Request) -> Bool {
        let database = client.state.database
        for position in positions.positions(in: request.count) where position < request.count {
            guard let entry = keyspace[database].find(request[position]), entry.isPinned else { continue }
            client.state.flags.insert(.waitsForPin)
            migration.pins.wait(.client(client.state.id), for: request[position].array, in: database)
            return true
        }
        return false
    }

    /// MOVE finds out in the other database whether the key is there.
    private mutating func waitForTarget(of request: Request, _ client: Client) -> Bool {
        guard let target = Int64(canonical: request[2]), target >= 0, target < keyspace.databaseCount,
            let entry = keyspace[Int(target)].find(request[1]), entry.isPinned
        else { return false }
        client.state.flags.insert(.waitsForPin)
        migration.pins.wait(.client(client.state.id), for: request[1].array, in: Int(target))
        return true
    }
}

extension Server {
    /// As ``mustWaitForPins(_:_:_:_:)`` for all the commands that EXEC would execute: they wait together, so that
    /// nothing
    /// of the transaction has happened yet.
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
            if spec.flags.contains(.write), mustWaitForPins(queued.command, spec, queued.request, client) {
                return true
            }
        }
        return false
    }
}
