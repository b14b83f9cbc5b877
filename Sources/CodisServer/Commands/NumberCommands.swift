import Memory
import RESP
import SlotStorage

/// Strings that spell numbers. All of these keep the key's expiry.
extension Server {
    mutating func incr(_ request: Request, _ client: Client) throws(CommandError) {
        try increment(request[1], by: 1, client)
    }

    mutating func decr(_ request: Request, _ client: Client) throws(CommandError) {
        try increment(request[1], by: -1, client)
    }

    mutating func incrby(_ request: Request, _ client: Client) throws(CommandError) {
        try increment(request[1], by: request[2].integer(), client)
    }

    /// The smallest integer has no negation, and is refused; Redis 2.8 would subtract it from 0 with a wrong result.
    mutating func decrby(_ request: Request, _ client: Client) throws(CommandError) {
        let (increment, overflow) = try Int64(0).subtractingReportingOverflow(request[2].integer())
        guard !overflow else { throw .overflow }
        try self.increment(request[1], by: increment, client)
    }

    private mutating func increment(_ key: RawSpan, by increment: Int64, _ client: Client) throws(CommandError) {
        let database = client.state.database
        let entry = try stringForWriting(key, client)
        let isKeptAsInteger = entry?.encoding == .integer
        var old: Int64 = 0
        if let entry { old = isKeptAsInteger ? entry.integer : try entry.bytes.integer() }
        let (new, overflow) = old.addingReportingOverflow(increment)
        guard !overflow else { throw .overflow }
        if let entry, isKeptAsInteger {
            keyspace[database].setInteger(of: entry, new)
        } else {
            keyspace[database].setInteger(key, new)
        }
        changed(key, in: database)
        notify(.string, "incrby", key, in: database)
        client.reply.integer(new)
    }

    /// The result stays text, even where it is a whole number, as in Redis.
    mutating func incrbyfloat(_ request: Request, _ client: Client) throws(CommandError) {
        let key = request[1]
        var value: LongDouble = 0
        if let entry = try stringForWriting(key, client) {
            guard let old = entry.withString({ LongDouble(cNumber: $0) }) else { throw .notAFloat }
            value = old
        }
        guard let increment = LongDouble(cNumber: request[2]) else { throw .notAFloat }
        value += increment
        guard value.isFinite else { throw .notANumberResult }
        let text = value.decimalText
        keyspace[client.state.database].setString(key, StringDraft(text.bytes), expiry: .keep)
        changed(key, in: client.state.database)
        notify(.string, "incrbyfloat", key, in: client.state.database)
        propagateString(text.bytes, under: key, in: client.state.database)
        client.reply.bulk(text.bytes)
    }
}
