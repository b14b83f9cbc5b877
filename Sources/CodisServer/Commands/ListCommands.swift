import Memory
import RESP
import SlotStorage

/// Lists. Those commands that may wait for an element are in `BlockingListCommands.swift`.
extension Server {
    // MARK: Adding

    /// `LPUSH key element [element ...]`: the last one is the first of the list then.
    mutating func lpush(_ request: Request, _ client: Client) throws(CommandError) {
        try push(request, client, to: .head, "lpush")
    }

    mutating func rpush(_ request: Request, _ client: Client) throws(CommandError) {
        try push(request, client, to: .tail, "rpush")
    }

    @inline(__always)
    private mutating func push(
        _ request: Request, _ client: Client, to end: ListEnd, _ event: StaticString
    ) throws(CommandError) {
        let (key, database) = (request[1], client.state.database)
        let limits = configuration.encodingLimits
        let entry = try findForWriting(key, holding: .list, client)
        var list = entry?.list ?? .empty()
        for index in 2..<request.count { list.push(request[index], to: end, limits) }
        let count = list.count
        if let entry { entry.list = list } else { keyspace[database].set(key, list.value) }
        changed(key, in: database, times: request.count - 2)
        notify(.list, event, key, in: database)
        client.reply.integer(count)
    }

    /// `LPUSHX key element`: only to a list that is there.
    mutating func lpushx(_ request: Request, _ client: Client) throws(CommandError) {
        try pushToExisting(request, client, .head, "lpush")
    }

    mutating func rpushx(_ request: Request, _ client: Client) throws(CommandError) {
        try pushToExisting(request, client, .tail, "rpush")
    }

    private mutating func pushToExisting(
        _ request: Request, _ client: Client, _ end: ListEnd, _ event: StaticString
    ) throws(CommandError) {
        guard let entry = try findForReading(request[1], holding: .list, client) else { return client.reply.integer(0) }
        if snapshot.isOn { preserve(entry, in: client.state.database) }
        entry.list.push(request[2], to: end, configuration.encodingLimits)
        let count = entry.list.count
        changed(request[1], in: client.state.database)
        notify(.list, event, request[1], in: client.state.database)
        client.reply.integer(count)
    }

    /// `LINSERT key BEFORE|AFTER pivot element`: beside the first element that equals the pivot. Answers -1 when there
    /// is none.
    mutating func linsert(_ request: Request, _ client: Client) throws(CommandError) {
        let isAfter = request[2].equalsIgnoringCase("after")
        guard isAfter || request[2].equalsIgnoringCase("before") else { throw .syntax }
        guard let entry = try findForReading(request[1], holding: .list, client) else { return client.reply.integer(0) }
        if snapshot.isOn { preserve(entry, in: client.state.database) }
        let limits = configuration.encodingLimits
        guard entry.list.insert(request[4], isAfter ? .after : .before, pivot: request[3], limits) else {
            return client.reply.integer(-1)
        }
        let count = entry.list.count
        changed(request[1], in: client.state.database)
        notify(.list, "linsert", request[1], in: client.state.database)
        client.reply.integer(count)
    }

    /// `LSET key index element`
    mutating func lset(_ request: Request, _ client: Client) throws(CommandError) {
        guard let entry = try findForWriting(request[1], holding: .list, client) else { throw .noSuchKey }
        let index = try request[2].integer()
        guard entry.list.set(at: Int(index), to: request[3], configuration.encodingLimits) else {
            throw .indexOutOfRange
        }
        changed(request[1], in: client.state.database)
        notify(.list, "lset", request[1], in: client.state.database)
        client.reply.ok()
    }

    // MARK: Taking away

    mutating func lpop(_ request: Request, _ client: Client) throws(CommandError) {
        try pop(request, client, from: .head)
    }

    mutating func rpop(_ request: Request, _ client: Client) throws(CommandError) {
        try pop(request, client, from: .tail)
    }

    @inline(__always)
    private mutating func pop(_ request: Request, _ client: Client, from end: ListEnd) throws(CommandError) {
        let (key, database) = (request[1], client.state.database)
        if request.count > 2 { return try popMany(request, client, from: end) }
        guard let entry = try findForWriting(key, holding: .list, client) else { return client.reply.null() }
        let isEmpty = popElement(of: entry, at: end, key, in: database) { client.reply.bulk($0) }
        changed(key, in: database)
        notifyPop(key, from: end, isEmpty: isEmpty, in: database)
    }

    /// `LPOP key count`, of Redis 6.2: an array, which is empty only where nothing was asked for.
    private mutating func popMany(_ request: Request, _ client: Client, from end: ListEnd) throws(CommandError) {
        let (key, database) = (request[1], client.state.database)
        if request.count > 3 {
            client.reply.append("-ERR wrong number of arguments for '")
            client.reply.append(end == .head ? "lpop" : "rpop")
            return client.reply.append("' command\r\n")
        }
        let count = try request[2].integer(orThrow: .negativeRange)
        guard count >= 0 else { throw .negativeRange }
        guard let entry = try findForWriting(key, holding: .list, client) else { return client.reply.nullArray() }
        let taken = Int(min(count, Int64(entry.list.count)))
        client.reply.array(taken)
        if taken == 0 { return }
        for _ in 0..<taken { entry.list.pop(from: end) { client.reply.bulk($0) } }
        notify(.list, end == .head ? "lpop" : "rpop", key, in: database)
        if entry.list.count == 0 {
            keyspace[database].remove(key)
            notify(.generic, "del", key, in: database)
        }
        changed(key, in: database, times: taken)
        propagatePops(of: taken, from: key, end, in: database)
    }

    /// Shows the element at one end of a list to `body` and removes it; with the last one goes the key, and the answer
    /// is `true`.
    @inline(__always)
    mutating func popElement(
        of entry: Entry, at end: ListEnd, _ key: RawSpan, in database: Int, _ body: (RawSpan) -> Void
    ) -> Bool {
        var list = entry.list
        list.pop(from: end, body)
        entry.list = list
        if list.count > 0 { return false }
        keyspace[database].remove(key)
        return true
    }

    /// Tells that an element was taken, and whether it was the last one.
    @inline(__always)
    mutating func notifyPop(_ key: RawSpan, from end: ListEnd, isEmpty: Bool, in database: Int) {
        notify(.list, end == .head ? "lpop" : "rpop", key, in: database)
        if isEmpty { notify(.generic, "del", key, in: database) }
    }

    /// `LREM key count element`: the first `count` elements that equal it, the last for a negative count, all for 0.
    /// Nobody is notified, as in Redis 2.8.
    mutating func lrem(_ request: Request, _ client: Client) throws(CommandError) {
        let count = try request[2].integer()
        guard let entry = try findForWriting(request[1], holding: .list, client) else { return client.reply.integer(0) }
        let limit = count == 0 ? Int.max : Int(clamping: count.magnitude)
        let removed = entry.list.remove(request[3], limit: limit, from: count < 0 ? .tail : .head)
        if entry.list.count == 0 { keyspace[client.state.database].remove(request[1]) }
        if removed > 0 { changed(request[1], in: client.state.database, times: removed) }
        client.reply.integer(removed)
    }

    /// `LTRIM key start stop`: what is not within goes.
    mutating func ltrim(_ request: Request, _ client: Client) throws(CommandError) {
        let (start, end) = (try request[2].integer(), try request[3].integer())
        guard let entry = try findForWriting(request[1], holding: .list, client) else { return client.reply.ok() }
        let (key, database) = (request[1], client.state.database)
        let range = Range(ofElementsFrom: start, through: end, count: entry.list.count)
        if let range { entry.list.trim(to: range) } else { keyspace[database].remove(key) }
        changed(key, in: database)
        notify(.list, "ltrim", key, in: database)
        if range == nil { notify(.generic, "del", key, in: database) }
        client.reply.ok()
    }

    /// `RPOPLPUSH source destination`: both may be the same list.
    mutating func rpoplpush(_ request: Request, _ client: Client) throws(CommandError) {
        let database = client.state.database
        guard try findForWriting(request[1], holding: .list, client) != nil else { return client.reply.null() }
        _ = try findForWriting(request[2], holding: .list, client)
        let isEmpty = moveElement(from: request[1], to: request[2], in: database) { client.reply.bulk($0) }
        changed(request[2], in: database)
        changed(request[1], in: database, times: 0)
        notify(.list, "lpush", request[2], in: database)
        notifyPop(request[1], from: .tail, isEmpty: isEmpty, in: database)
    }

    /// Shows the last element of the list at `source` to `body` and makes it the first of the list at `target`, which
    /// is made if there is none. Both are known to be lists or not to be. `true` if it was the last one of its list.
    @discardableResult
    mutating func moveElement(
        from source: RawSpan, to target: RawSpan, in database: Int, _ body: (RawSpan) -> Void
    ) -> Bool {
        guard let entry = keyspace[database].find(source) else {
            preconditionFailure("nothing to move an element from")
        }
        let limits = configuration.encodingLimits
        if source.elementsEqual(target) {
            var element = ByteBuffer()
            entry.list.pop(from: .tail) { element.append($0) }
            entry.list.push(element.bytes, to: .head, limits)
            body(element.bytes)
            return false
        }
        let targetEntry = keyspace[database].find(target)
        var (from, to) = (entry.list, targetEntry?.list ?? .empty())
        from.pop(from: .tail) { element in
            to.push(element, to: .head, limits)
            body(element)
        }
        entry.list = from
        if let targetEntry { targetEntry.list = to } else { keyspace[database].set(target, to.value) }
        if from.count > 0 { return false }
        keyspace[database].remove(source)
        return true
    }

    // MARK: Looking

    mutating func llen(_ request: Request, _ client: Client) throws(CommandError) {
        client.reply.integer(try findForReading(request[1], holding: .list, client)?.list.count ?? 0)
    }

    /// `LINDEX key index`
    mutating func lindex(_ request: Request, _ client: Client) throws(CommandError) {
        guard let entry = try findForReading(request[1], holding: .list, client) else { return client.reply.null() }
        let index = try request[2].integer()
        if !entry.list.withElement(at: Int(index), { client.reply.bulk($0) }) { client.reply.null() }
    }

    /// `LRANGE key start stop`
    mutating func lrange(_ request: Request, _ client: Client) throws(CommandError) {
        let (start, end) = (try request[2].integer(), try request[3].integer())
        guard let list = try findForReading(request[1], holding: .list, client)?.list,
            let range = Range(ofElementsFrom: start, through: end, count: list.count)
        else { return client.reply.array(0) }
        client.reply.array(range.count)
        list.forEach(in: range) { client.reply.bulk($0) }
    }
}
