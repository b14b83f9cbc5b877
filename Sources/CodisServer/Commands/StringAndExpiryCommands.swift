import Memory
import RESP
import SlotStorage

/// Commands of Redis 6.2 that read a string and change its key at once.
extension Server {
    /// `GETDEL key`
    mutating func getdel(_ request: Request, _ client: Client) throws(CommandError) {
        let (key, database) = (request[1], client.state.database)
        guard let entry = try stringForWriting(key, client) else { return client.reply.null() }
        client.reply.bulk(entry)
        keyspace[database].remove(key)
        propagation.keepOut()
        propagateRemoval(of: key, in: database)
        changed(key, in: database)
        notify(.generic, "del", key, in: database)
    }

    /// `GETEX key [EX s | PX ms | EXAT s | PXAT ms | PERSIST]`
    mutating func getex(_ request: Request, _ client: Client) throws(CommandError) {
        let (key, database) = (request[1], client.state.database)
        let change = try expiryChange(request)
        guard let entry = try stringForWriting(key, client) else { return client.reply.null() }
        client.reply.bulk(entry)
        switch change {
        case .keep: break
        case .none:
            guard entry.expiry != nil else { return }
            keyspace[database].setExpiry(key, nil)
            propagateInstead(in: database) { commands in
                commands.array(2)
                commands.bulk("PERSIST")
                commands.bulk(key)
            }
            changed(key, in: database)
            notify(.generic, "persist", key, in: database)
        case .at(let time):
            endKey(key, at: time, in: database)
        }
    }

    private func expiryChange(_ request: Request) throws(CommandError) -> Database.Expiry {
        if request.count == 2 { return .keep }
        if request.count == 3, request[2].equalsIgnoringCase("persist") { return .none }
        guard request.count == 4, let unit = LifetimeUnit(request[2]) else { throw .syntax }
        return try expiry(request[3], unit, orThrow: .invalidGetexExpiry)
    }

    /// Sets the end of a key that is there; a time that has passed removes it at once.
    mutating func endKey(_ key: RawSpan, at time: Int64, in database: Int) {
        // While a file is read keys stay, as they did when it was written, and for a replica until its master tells.
        let hasPassed = time <= clock.milliseconds && loading == nil && expiryRule == .removes
        propagation.keepOut()
        if hasPassed {
            keyspace[database].remove(key)
            propagateRemoval(of: key, in: database)
        } else {
            keyspace[database].setExpiry(key, time)
            propagateExpiry(of: key, at: time, in: database)
        }
        changed(key, in: database)
        notify(.generic, hasPassed ? "del" : "expire", key, in: database)
    }
}
