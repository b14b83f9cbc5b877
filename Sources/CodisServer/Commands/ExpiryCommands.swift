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
        let condition = try ExpiryCondition(request)
        guard let entry = findForReading(key, client), condition.allows(time, insteadOf: entry.expiry) else {
            return client.reply.integer(0)
        }
        endKey(key, at: time, in: database)
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

    /// `EXPIRETIME key`: the end in Unix seconds; -2 without the key, -1 without an end.
    mutating func expiretime(_ request: Request, _ client: Client) { replyEnd(request[1], client, unit: 1000) }

    mutating func pexpiretime(_ request: Request, _ client: Client) { replyEnd(request[1], client, unit: 1) }

    private mutating func replyEnd(_ key: RawSpan, _ client: Client, unit: Int64) {
        guard let entry = findForReading(key, client) else { return client.reply.integer(-2) }
        client.reply.integer(entry.expiry.map { ($0 + unit / 2) / unit } ?? -1)
    }

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

/// `[NX | XX | GT | LT]` behind the time of EXPIRE and its kin: when the time is set. A key without an end ends later
/// than any.
private struct ExpiryCondition {
    private var onlyWithout = false
    private var onlyWith = false
    private var onlyLater = false
    private var onlyEarlier = false

    init(_ request: borrowing Request) throws(CommandError) {
        for index in 3..<max(3, request.count) {
            let word = request[index]
            if word.equalsIgnoringCase("nx") {
                onlyWithout = true
            } else if word.equalsIgnoringCase("xx") {
                onlyWith = true
            } else if word.equalsIgnoringCase("gt") {
                onlyLater = true
            } else if word.equalsIgnoringCase("lt") {
                onlyEarlier = true
            } else {
                throw .unsupportedOption
            }
        }
        if onlyWithout, onlyWith || onlyLater || onlyEarlier { throw .contradictingExpiryOptions }
        if onlyLater, onlyEarlier { throw .contradictingExpiryOrder }
    }

    func allows(_ time: Int64, insteadOf old: Int64?) -> Bool {
        if onlyWithout, old != nil { return false }
        if onlyWith, old == nil { return false }
        if onlyLater, time <= old ?? .max { return false }
        if onlyEarlier, time >= old ?? .max { return false }
        return true
    }
}
