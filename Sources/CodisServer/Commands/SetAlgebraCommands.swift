import Memory
import RESP
import SlotStorage

/// Intersection, union and difference of sets. The `STORE` forms put the result into the place of whatever is at their
/// first key; an empty result removes that key.
extension Server {
    mutating func sinter(_ request: Request, _ client: Client) throws(CommandError) {
        guard let sets = try intersected(request, from: 1, client) else { return client.reply.set(0) }
        var common: [SetMember] = []
        SetValue.forEachCommonMember(of: sets) { common.append($0) }
        client.reply.set(common.count)
        for member in common { client.reply.bulk(member) }
    }

    /// `SINTERCARD numkeys key [key ...] [LIMIT limit]`: how many members are in all of them, counted up to the limit.
    mutating func sintercard(_ request: Request, _ client: Client) throws(CommandError) {
        let list = try KeyList(request, countAt: 1)
        let limit = try list.limit(request)
        var sets: [SetValue] = []
        var isEmpty = false
        for index in list.positions {
            if let set = try findForReading(request[index], holding: .set, client)?.set {
                sets.append(set)
            } else {
                isEmpty = true
            }
        }
        var count = 0
        if !isEmpty { SetValue.forEachCommonMember(of: sets) { _ in count += 1 } }
        client.reply.integer(min(count, limit))
    }

    mutating func sinterstore(_ request: Request, _ client: Client) throws(CommandError) {
        guard let sets = try intersected(request, from: 2, client) else {
            let database = client.state.database
            if keyspace[database].remove(request[1]) { changed(request[1], in: database) }
            return client.reply.integer(0)
        }
        let limits = configuration.encodingLimits
        var result = SetValue.empty()
        SetValue.forEachCommonMember(of: sets) { result.insert($0, limits) }
        store(result, under: request[1], "sinterstore", client)
    }

    mutating func sunion(_ request: Request, _ client: Client) throws(CommandError) {
        let union = try self.union(request, from: 1, client)
        reply(union, client)
        keyspace.discard(union.value)
    }

    mutating func sunionstore(_ request: Request, _ client: Client) throws(CommandError) {
        store(try union(request, from: 2, client), under: request[1], "sunionstore", client)
    }

    mutating func sdiff(_ request: Request, _ client: Client) throws(CommandError) {
        let difference = try self.difference(request, from: 1, client)
        reply(difference, client)
        keyspace.discard(difference.value)
    }

    mutating func sdiffstore(_ request: Request, _ client: Client) throws(CommandError) {
        store(try difference(request, from: 2, client), under: request[1], "sdiffstore", client)
    }

    /// The sets of an intersection; `nil` where one is missing. Keys behind a missing one are not looked at, whatever
    /// they hold, as in Redis.
    private mutating func intersected(
        _ request: Request, from first: Int, _ client: Client
    ) throws(CommandError) -> [SetValue]? {
        var sets: [SetValue] = []
        for index in first..<request.count {
            guard let set = try operand(request[index], isStored: first == 2, client) else { return nil }
            sets.append(set)
        }
        return sets
    }

    private mutating func union(_ request: Request, from first: Int, _ client: Client) throws(CommandError) -> SetValue
    {
        var sets: [SetValue] = []
        for index in first..<request.count {
            if let set = try operand(request[index], isStored: first == 2, client) { sets.append(set) }
        }
        return SetValue.union(sets, configuration.encodingLimits)
    }

    private mutating func difference(
        _ request: Request, from first: Int, _ client: Client
    ) throws(CommandError) -> SetValue {
        let minuend = try operand(request[first], isStored: first == 2, client)
        var subtrahends: [SetValue] = []
        for index in (first + 1)..<request.count {
            if let set = try operand(request[index], isStored: first == 2, client) { subtrahends.append(set) }
        }
        return minuend?.subtracting(subtrahends, configuration.encodingLimits) ?? .empty()
    }

    /// The set at a key, which stays valid while other expired keys are removed. Only what is answered counts as a hit
    /// or a miss, not what is stored.
    private mutating func operand(_ key: RawSpan, isStored: Bool, _ client: Client) throws(CommandError) -> SetValue? {
        isStored
            ? try findForWriting(key, holding: .set, client)?.set
            : try findForReading(key, holding: .set, client)?.set
    }

    /// Gives the result to the database, without a copy.
    private mutating func store(_ result: SetValue, under key: RawSpan, _ event: StaticString, _ client: Client) {
        let (count, database) = (result.count, client.state.database)
        if count > 0 {
            keyspace[database].set(key, result.value)
            notify(.set, event, key, in: database)
        } else {
            result.free()
            if keyspace[database].remove(key) { notify(.generic, "del", key, in: database) }
        }
        changed(key, in: database)
        client.reply.integer(count)
    }
}
