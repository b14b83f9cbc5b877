import Memory
import RESP
import SlotStorage

/// Sets, one at a time. `SetAlgebraCommands.swift` has those that work on many.
extension Server {
    // MARK: Reading

    mutating func sismember(_ request: Request, _ client: Client) throws(CommandError) {
        let entry = try findForReading(request[1], holding: .set, client)
        client.reply.integer(entry?.set.contains(request[2]) ?? false ? 1 : 0)
    }

    /// `SMISMEMBER key member [member ...]`
    mutating func smismember(_ request: Request, _ client: Client) throws(CommandError) {
        let set = try findForReading(request[1], holding: .set, client)?.set
        client.reply.array(request.count - 2)
        for index in 2..<request.count { client.reply.integer(set?.contains(request[index]) ?? false ? 1 : 0) }
    }

    mutating func scard(_ request: Request, _ client: Client) throws(CommandError) {
        client.reply.integer(try findForReading(request[1], holding: .set, client)?.set.count ?? 0)
    }

    mutating func smembers(_ request: Request, _ client: Client) throws(CommandError) {
        guard let set = try findForReading(request[1], holding: .set, client)?.set else { return client.reply.set(0) }
        reply(set, client)
    }

    func reply(_ set: SetValue, _ client: Client) {
        client.reply.set(set.count)
        set.forEach { client.reply.bulk($0) }
    }

    /// `SSCAN key cursor [MATCH pattern] [COUNT count]`
    mutating func sscan(_ request: Request, _ client: Client) throws(CommandError) {
        var cursor = try request[2].cursor()
        guard let set = try findForReading(request[1], holding: .set, client)?.set else {
            return client.reply.append(Self.emptyScan)
        }
        let options = try ScanOptions(request, from: 3)
        var found: [SetMember] = []
        var bucketsLeft = options.longestWalk
        repeat {
            cursor = set.scan(cursor) { found.append($0) }
            bucketsLeft -= 1
        } while cursor != 0 && found.count < options.count && bucketsLeft > 0
        if let position = options.patternPosition {
            let pattern = GlobPattern(request[position])
            found.removeAll { member in !member.withBytes { pattern.matches($0) } }
        }
        client.reply.array(2)
        client.reply.bulk(decimal: Int64(bitPattern: cursor))
        client.reply.array(found.count)
        for member in found { client.reply.bulk(member) }
    }

    // MARK: Writing

    mutating func sadd(_ request: Request, _ client: Client) throws(CommandError) {
        let added = try changeSet(request[1], client) { set, limits in
            var added = 0
            for index in 2..<request.count where set.insert(request[index], limits) { added += 1 }
            return added
        }
        changed(request[1], in: client.state.database, times: added)
        if added > 0 { notify(.set, "sadd", request[1], in: client.state.database) }
        client.reply.integer(added)
    }

    mutating func srem(_ request: Request, _ client: Client) throws(CommandError) {
        guard let entry = try findForWriting(request[1], holding: .set, client) else { return client.reply.integer(0) }
        var set = entry.set
        var removed = 0
        for index in 2..<request.count where set.remove(request[index]) { removed += 1 }
        keep(set, of: entry, request[1], removed: removed, "srem", client)
        client.reply.integer(removed)
    }

    mutating func smove(_ request: Request, _ client: Client) throws(CommandError) {
        let (source, target, member) = (request[1], request[2], request[3])
        guard let sourceEntry = findForWriting(source, client) else {
            // Only to remove it where its time has passed, as in Redis.
            _ = findForWriting(target, client)
            return client.reply.integer(0)
        }
        let targetEntry = findForWriting(target, client)
        guard sourceEntry.type == .set, targetEntry.map({ $0.type == .set }) ?? true else { throw .wrongType }
        var set = sourceEntry.set
        if sourceEntry == targetEntry { return client.reply.integer(set.contains(member) ? 1 : 0) }
        guard set.remove(member) else { return client.reply.integer(0) }
        keep(set, of: sourceEntry, source, removed: 1, "srem", client)
        let isNew = try changeSet(target, client) { $0.insert(member, $1) }
        changed(target, in: client.state.database, times: isNew ? 1 : 0)
        if isNew { notify(.set, "sadd", target, in: client.state.database) }
        client.reply.integer(1)
    }

    /// Lets `change` add to the set at `key`, or to a new one where there is none.
    @inline(__always)
    private mutating func changeSet<Result>(
        _ key: RawSpan, _ client: Client, _ change: (inout SetValue, EncodingLimits) -> Result
    ) throws(CommandError) -> Result {
        let limits = configuration.encodingLimits
        if let entry = try findForWriting(key, holding: .set, client) { return change(&entry.set, limits) }
        var set = SetValue.empty()
        let result = change(&set, limits)
        keyspace[client.state.database].set(key, set.value)
        return result
    }

    /// Notes what is left of a set after members were removed, and tells it; an empty one goes with its key.
    private mutating func keep(
        _ set: SetValue, of entry: Entry, _ key: RawSpan, removed: Int, _ event: StaticString, _ client: Client
    ) {
        if removed == 0 { return }
        let database = client.state.database
        entry.set = set
        // Asked before it goes with its key.
        let isEmpty = set.count == 0
        if isEmpty { keyspace[database].remove(key) }
        changed(key, in: database, times: removed)
        notify(.set, event, key, in: database)
        if isEmpty { notify(.generic, "del", key, in: database) }
    }

    // MARK: Drawing

    /// `SPOP key [count]`
    mutating func spop(_ request: Request, _ client: Client) throws(CommandError) {
        if request.count > 3 { throw .syntax }
        let count = request.count == 3 ? try request[2].integer() : nil
        if let count, count < 0 { throw .indexOutOfRange }
        guard let entry = try findForWriting(request[1], holding: .set, client) else {
            return count == nil ? client.reply.null() : client.reply.set(0)
        }
        var set = entry.set
        let taken = min(Int(count ?? 1), set.count)
        if count != nil { client.reply.set(taken) }
        if taken == set.count {
            set.forEach { client.reply.bulk($0) }
            keyspace[client.state.database].remove(request[1])
            propagation.keepOut()
            propagateRemoval(of: request[1], in: client.state.database)
            changed(request[1], in: client.state.database, times: taken)
            notify(.set, "spop", request[1], in: client.state.database)
            return notify(.generic, "del", request[1], in: client.state.database)
        }
        for _ in 0..<taken {
            let member = set.randomMember(&random)
            client.reply.bulk(member)
            propagateInstead(in: client.state.database) { commands in
                commands.array(3)
                commands.bulk("SREM")
                commands.bulk(request[1])
                member.withBytes { commands.bulk($0) }
            }
            set.remove(member)
        }
        keep(set, of: entry, request[1], removed: taken, "spop", client)
    }

    /// `SRANDMEMBER key [count]`: so many different members, or with a negative count as many draws of one.
    mutating func srandmember(_ request: Request, _ client: Client) throws(CommandError) {
        if request.count > 3 { throw .syntax }
        let count = request.count == 3 ? try request[2].integer() : nil
        guard let set = try findForReading(request[1], holding: .set, client)?.set else {
            return count == nil ? client.reply.null() : client.reply.array(0)
        }
        guard let count else { return client.reply.bulk(set.randomMember(&random)) }
        if count < 0 {
            // No client reads a longer array, and no memory holds it.
            guard count > Int64(Int32.min) else { throw .outOfRange32 }
            client.reply.array(Int(-count))
            for _ in 0..<Int(-count) { client.reply.bulk(set.randomMember(&random)) }
        } else if count >= Int64(set.count) {
            client.reply.array(set.count)
            set.forEach { client.reply.bulk($0) }
        } else {
            let members = distinctMembers(of: set, Int(count))
            client.reply.array(members.count)
            for member in members { client.reply.bulk(member) }
        }
    }

    /// So many different members of a set that has more: drawn one by one, or chosen from a list of all of them where
    /// so many are wanted that drawing would often repeat itself.
    private mutating func distinctMembers(of set: SetValue, _ count: Int) -> [SetMember] {
        if count > set.count / 3 {
            var members = set.members
            for index in 0..<count {
                members.swapAt(index, Int.random(in: index..<members.count, using: &random))
            }
            members.removeLast(members.count - count)
            return members
        }
        var members = Set<SetMember>()
        while members.count < count { members.insert(set.randomMember(&random)) }
        return Array(members)
    }
}
