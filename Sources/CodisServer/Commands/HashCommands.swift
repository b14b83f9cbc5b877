import Memory
import RESP
import SlotStorage

/// Hashes. HSCAN is at the end.
extension Server {
    // MARK: Reading

    mutating func hget(_ request: Request, _ client: Client) throws(CommandError) {
        guard let entry = try findForReading(request[1], holding: .hash, client),
            entry.hash.withValue(of: request[2], { client.reply.bulk($0) })
        else { return client.reply.null() }
    }

    mutating func hmget(_ request: Request, _ client: Client) throws(CommandError) {
        let entry = try findForReading(request[1], holding: .hash, client)
        client.reply.array(request.count - 2)
        for index in 2..<request.count {
            guard let entry, entry.hash.withValue(of: request[index], { client.reply.bulk($0) }) else {
                client.reply.null()
                continue
            }
        }
    }

    mutating func hexists(_ request: Request, _ client: Client) throws(CommandError) {
        let entry = try findForReading(request[1], holding: .hash, client)
        client.reply.integer(entry?.hash.contains(request[2]) ?? false ? 1 : 0)
    }

    mutating func hstrlen(_ request: Request, _ client: Client) throws(CommandError) {
        let entry = try findForReading(request[1], holding: .hash, client)
        client.reply.integer(entry?.hash.valueLength(of: request[2]) ?? 0)
    }

    mutating func hlen(_ request: Request, _ client: Client) throws(CommandError) {
        client.reply.integer(try findForReading(request[1], holding: .hash, client)?.hash.count ?? 0)
    }

    mutating func hgetall(_ request: Request, _ client: Client) throws(CommandError) {
        guard let hash = try findForReading(request[1], holding: .hash, client)?.hash else {
            return client.reply.map(0)
        }
        client.reply.map(hash.count)
        hash.forEach { field, value in
            client.reply.bulk(field)
            client.reply.bulk(value)
        }
    }

    mutating func hkeys(_ request: Request, _ client: Client) throws(CommandError) {
        guard let hash = try findForReading(request[1], holding: .hash, client)?.hash else {
            return client.reply.array(0)
        }
        client.reply.array(hash.count)
        hash.forEach { field, _ in client.reply.bulk(field) }
    }

    mutating func hvals(_ request: Request, _ client: Client) throws(CommandError) {
        guard let hash = try findForReading(request[1], holding: .hash, client)?.hash else {
            return client.reply.array(0)
        }
        client.reply.array(hash.count)
        hash.forEach { _, value in client.reply.bulk(value) }
    }

    // MARK: Writing

    /// `HSET key field value [field value ...]`: how many fields are new. Redis 2.8 takes one.
    mutating func hset(_ request: Request, _ client: Client) throws(CommandError) {
        if request.count > 4 { return try hsetMany(request, client) }
        let isNew = try changeHash(request[1], client) { $0.set(request[2], request[3], $1) }
        changed(request[1], in: client.state.database)
        notify(.hash, "hset", request[1], in: client.state.database)
        client.reply.integer(isNew ? 1 : 0)
    }

    private mutating func hsetMany(_ request: Request, _ client: Client) throws(CommandError) {
        guard request.count % 2 == 0 else {
            return client.reply.append("-ERR wrong number of arguments for 'hset' command\r\n")
        }
        let added = try changeHash(request[1], client) { hash, limits in
            var added = 0
            for index in stride(from: 2, to: request.count, by: 2)
            where hash.set(request[index], request[index + 1], limits) {
                added += 1
            }
            return added
        }
        changed(request[1], in: client.state.database, times: (request.count - 2) / 2)
        notify(.hash, "hset", request[1], in: client.state.database)
        propagate(request, as: "HMSET", in: client.state.database)
        client.reply.integer(added)
    }

    /// A value that is too long for a compact hash makes it a table even when the field is there already, as in Redis.
    mutating func hsetnx(_ request: Request, _ client: Client) throws(CommandError) {
        let isNew = try changeHash(request[1], client) { hash, limits in
            hash.fit(request[2], limits)
            hash.fit(request[3], limits)
            return !hash.contains(request[2]) && hash.set(request[2], request[3], limits)
        }
        if isNew {
            changed(request[1], in: client.state.database)
            notify(.hash, "hset", request[1], in: client.state.database)
        }
        client.reply.integer(isNew ? 1 : 0)
    }

    mutating func hmset(_ request: Request, _ client: Client) throws(CommandError) {
        guard request.count % 2 == 0 else { throw .unpairedFields }
        try changeHash(request[1], client) { hash, limits in
            for index in stride(from: 2, to: request.count, by: 2) {
                hash.set(request[index], request[index + 1], limits)
            }
        }
        changed(request[1], in: client.state.database)
        notify(.hash, "hset", request[1], in: client.state.database)
        client.reply.ok()
    }

    mutating func hincrby(_ request: Request, _ client: Client) throws(CommandError) {
        let increment = try request[3].integer()
        var old: Int64? = 0
        if let entry = try findForWriting(request[1], holding: .hash, client) {
            _ = entry.hash.withValue(of: request[2]) { old = Int64(canonical: $0) }
        }
        guard let old else { throw .hashValueNotAnInteger }
        let (new, overflow) = old.addingReportingOverflow(increment)
        guard !overflow else { throw .overflow }
        try changeHash(request[1], client) { $0.store(request[2], new, $1) }
        changed(request[1], in: client.state.database)
        notify(.hash, "hincrby", request[1], in: client.state.database)
        client.reply.integer(new)
    }

    /// Infinity is a number here, and so is what comes of it, as in Redis 2.8.
    mutating func hincrbyfloat(_ request: Request, _ client: Client) throws(CommandError) {
        guard let increment = LongDouble(cNumber: request[3]) else { throw .notAFloat }
        var old: LongDouble? = 0
        if let entry = try findForWriting(request[1], holding: .hash, client) {
            _ = entry.hash.withValue(of: request[2]) { old = LongDouble(cNumber: $0) }
        }
        guard let old else { throw .hashValueNotAFloat }
        let text = (old + increment).decimalText
        try changeHash(request[1], client) { _ = $0.store(request[2], text.bytes, $1) }
        changed(request[1], in: client.state.database)
        notify(.hash, "hincrbyfloat", request[1], in: client.state.database)
        propagateInstead(in: client.state.database) { commands in
            commands.array(4)
            commands.bulk("HSET")
            commands.bulk(request[1])
            commands.bulk(request[2])
            commands.bulk(text.bytes)
        }
        client.reply.bulk(text.bytes)
    }

    mutating func hdel(_ request: Request, _ client: Client) throws(CommandError) {
        guard let entry = try findForWriting(request[1], holding: .hash, client) else { return client.reply.integer(0) }
        var hash = entry.hash
        var removed = 0
        for index in 2..<request.count where hash.remove(request[index]) { removed += 1 }
        if removed > 0 {
            let (key, database) = (request[1], client.state.database)
            entry.hash = hash
            // Asked before it goes with its key.
            let isEmpty = hash.count == 0
            if isEmpty { keyspace[database].remove(key) }
            changed(key, in: database, times: removed)
            notify(.hash, "hdel", key, in: database)
            if isEmpty { notify(.generic, "del", key, in: database) }
        }
        client.reply.integer(removed)
    }

    /// Lets `change` add to the hash at `key`, or to a new one where there is none.
    @inline(__always)
    private mutating func changeHash<Result>(
        _ key: RawSpan, _ client: Client, _ change: (inout HashValue, EncodingLimits) -> Result
    ) throws(CommandError) -> Result {
        let limits = configuration.encodingLimits
        if let entry = try findForWriting(key, holding: .hash, client) { return change(&entry.hash, limits) }
        var hash = HashValue.empty()
        let result = change(&hash, limits)
        keyspace[client.state.database].set(key, hash.value)
        return result
    }

    // MARK: Scanning

    /// `HSCAN key cursor [MATCH pattern] [COUNT count]`: COUNT counts fields and values, as in Redis.
    mutating func hscan(_ request: Request, _ client: Client) throws(CommandError) {
        var cursor = try request[2].cursor()
        guard let hash = try findForReading(request[1], holding: .hash, client)?.hash else {
            return client.reply.append(Self.emptyScan)
        }
        let options = try ScanOptions(request, from: 3)
        var found: [HashField] = []
        var bucketsLeft = options.longestWalk
        repeat {
            cursor = hash.scan(cursor) { found.append($0) }
            bucketsLeft -= 1
        } while cursor != 0 && 2 * found.count < options.count && bucketsLeft > 0
        if let position = options.patternPosition {
            let pattern = GlobPattern(request[position])
            found.removeAll { field in !field.withName { pattern.matches($0) } }
        }
        client.reply.array(2)
        client.reply.bulk(decimal: Int64(bitPattern: cursor))
        client.reply.array(2 * found.count)
        for field in found {
            field.withName { client.reply.bulk($0) }
            field.withValue { client.reply.bulk($0) }
        }
    }

    /// The reply to a scan of a key that is not there: nothing, and the end.
    static let emptyScan: StaticString = "*2\r\n$1\r\n0\r\n*0\r\n"
}
