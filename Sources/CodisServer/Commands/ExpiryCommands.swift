import Memory
import RESP
import SlotStorage

/// When keys end: set, asked, taken away. Times are kept in Unix milliseconds.
extension Server {
    // MARK: Setting

    mutating func expire(_ request: Request, _ client: Client) throws(CommandError) {
        try expire(request, client, unit: 1000, from: clock.milliseconds, "expire")
    }

    mutating func expireat(_ request: Request, _ client: Client) throws(CommandError) {
        try expire(request, client, unit: 1000, from: 0, "expireat")
    }

    mutating func pexpire(_ request: Request, _ client: Client) throws(CommandError) {
        try expire(request, client, unit: 1, from: clock.milliseconds, "pexpire")
    }

    mutating func pexpireat(_ request: Request, _ client: Client) throws(CommandError) {
        try expire(request, client, unit: 1, from: 0, "pexpireat")
    }

    /// Sets the end of a key to `start` plus the argument times `unit` milliseconds; a time that has passed removes it
    /// at once. A time that 64 bits cannot hold is refused, where Redis 2.8 goes on with what is left of it.
    private mutating func expire(
        _ request: Request, _ client: Client, unit: Int64, from start: Int64, _ name: StaticString
    ) throws(CommandError) {
        let (distance, isTooFar) = try request[2].integer().multipliedReportingOverflow(by: unit)
        let (time, isTooLate) = distance.addingReportingOverflow(start)
        if isTooFar || isTooLate {
            client.reply.append("-ERR invalid expire time in ")
            client.reply.append(name)
            return client.reply.append("\r\n")
        }
        let (key, database) = (request[1], client.state.database)
        guard findForReading(key, client) != nil else { return client.reply.integer(0) }
        let hasPassed = time <= clock.milliseconds
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
        client.reply.integer(1)
    }

    /// `PERSIST key`: 1 if the key had an end and has none now.
    mutating func persist(_ request: Request, _ client: Client) {
        let (key, database) = (request[1], client.state.database)
        guard let entry = keyspace[database].find(key), !isExpired(entry, in: database), entry.expiry != nil else {
            return client.reply.integer(0)
        }
        keyspace[database].setExpiry(key, nil)
        changed(key, in: database)
        client.reply.integer(1)
    }

    // MARK: Asking

    /// `TTL key`: seconds, rounded to the nearest.
    mutating func ttl(_ request: Request, _ client: Client) {
        replyTimeLeft(request[1], client) { ($0 / 1000) + ($0 % 1000 >= 500 ? 1 : 0) }
    }

    mutating func pttl(_ request: Request, _ client: Client) {
        replyTimeLeft(request[1], client) { $0 }
    }

    /// -2 without the key, -1 without an end.
    private mutating func replyTimeLeft(
        _ key: RawSpan, _ client: Client, converted convert: (_ milliseconds: Int64) -> Int64
    ) {
        guard let entry = findForReading(key, client) else { return client.reply.integer(-2) }
        guard let expiry = entry.expiry else { return client.reply.integer(-1) }
        client.reply.integer(convert(max(0, expiry - clock.milliseconds)))
    }
}
