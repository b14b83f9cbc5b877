import Memory
import RESP
import SlotStorage

/// Commands of sorted sets that came with Redis 5 and 6.
extension Server {
    mutating func zpopmin(_ request: Request, _ client: Client) throws(CommandError) {
        try popScored(request, client, fromEnd: false)
    }

    mutating func zpopmax(_ request: Request, _ client: Client) throws(CommandError) {
        try popScored(request, client, fromEnd: true)
    }

    /// `ZPOPMIN key [count]`: the members with the least or the greatest scores, which go.
    private mutating func popScored(_ request: Request, _ client: Client, fromEnd: Bool) throws(CommandError) {
        if request.count > 3 { throw .syntax }
        let count = request.count == 3 ? try request[2].integer() : 1
        guard count >= 0 else { throw .negativeRange }
        guard let entry = try findForWriting(request[1], holding: .sortedSet, client) else {
            return client.reply.array(0)
        }
        var set = entry.sortedSet
        let taken = Int(min(count, Int64(set.count)))
        let ranks = fromEnd ? set.count - taken..<set.count : 0..<taken
        // With a count, pairs; without one, the pair itself.
        if request.count == 3 { client.reply.pairs(taken) } else { client.reply.array(2 * taken) }
        set.forEach(in: ranks, reversed: fromEnd) { member, score in
            if request.count == 3 { client.reply.pair() }
            client.reply.bulk(member)
            client.reply.score(score)
        }
        if taken == 0 { return }
        propagateInstead(in: client.state.database) { commands in
            commands.array(2 + taken)
            commands.bulk("ZREM")
            commands.bulk(request[1])
            set.forEach(in: ranks) { member, _ in commands.bulk(member) }
        }
        set.remove(ranks)
        keep(set, of: entry, request[1], removed: taken, fromEnd ? "zpopmax" : "zpopmin", client)
    }

    /// `ZMSCORE key member [member ...]`
    mutating func zmscore(_ request: Request, _ client: Client) throws(CommandError) {
        let set = try findForReading(request[1], holding: .sortedSet, client)?.sortedSet
        client.reply.array(request.count - 2)
        for index in 2..<request.count {
            if let score = set?.score(of: request[index]) {
                client.reply.score(score)
            } else {
                client.reply.null()
            }
        }
    }

    /// `ZRANDMEMBER key [count [WITHSCORES]]`: so many different members, or with a negative count as many draws of one.
    mutating func zrandmember(_ request: Request, _ client: Client) throws(CommandError) {
        let draw = try RandomDraw(request, option: "withscores")
        guard let set = try findForReading(request[1], holding: .sortedSet, client)?.sortedSet else {
            return draw.count == nil ? client.reply.null() : client.reply.array(0)
        }
        let ranks = draw.indices(outOf: set.count, &random)
        draw.open(ranks.count, client)
        for rank in ranks {
            set.forEach(in: rank..<rank + 1) { member, score in
                if draw.withValues { client.reply.pair() }
                client.reply.bulk(member)
                if draw.withValues { client.reply.score(score) }
            }
        }
    }

    /// `HRANDFIELD key [count [WITHVALUES]]`, as ZRANDMEMBER. O(n): a hash has no order to draw a place from.
    mutating func hrandfield(_ request: Request, _ client: Client) throws(CommandError) {
        let draw = try RandomDraw(request, option: "withvalues")
        guard let hash = try findForReading(request[1], holding: .hash, client)?.hash else {
            return draw.count == nil ? client.reply.null() : client.reply.array(0)
        }
        let places = draw.indices(outOf: hash.count, &random)
        var timesByPlace: [Int: Int] = [:]
        for place in places { timesByPlace[place, default: 0] += 1 }
        draw.open(places.count, client)
        var place = 0
        hash.forEach { field, value in
            for _ in 0..<timesByPlace[place, default: 0] {
                if draw.withValues { client.reply.pair() }
                client.reply.bulk(field)
                if draw.withValues { client.reply.bulk(value) }
            }
            place += 1
        }
    }
}

/// `[count [WITHSCORES|WITHVALUES]]` behind a key: what is drawn by chance.
private struct RandomDraw {
    /// Opens the reply with so many that were drawn.
    func open(_ drawn: Int, _ client: Client) {
        guard count != nil else { return }
        if withValues { client.reply.pairs(drawn) } else { client.reply.array(drawn) }
    }

    /// `nil` for one, answered without an array.
    let count: Int64?
    let withValues: Bool

    init(_ request: borrowing Request, option: StaticString) throws(CommandError) {
        count = request.count > 2 ? try request[2].integer() : nil
        withValues = request.count > 3
        if request.count > 4 { throw .syntax }
        if withValues, !request[3].equalsIgnoringCase(option) { throw .syntax }
        // No client reads a longer array, and no memory holds it.
        if let count, count < Int64(Int32.min) { throw .outOfRange32 }
    }

    /// Places among `total`: any, where the count is negative, else different ones, in ascending order.
    func indices(outOf total: Int, _ random: inout SplitMix) -> [Int] {
        let count = self.count ?? 1
        if count < 0 || self.count == nil {
            return (0..<Int(count.magnitude)).map { _ in Int.random(in: 0..<total, using: &random) }
        }
        if count >= Int64(total) { return Array(0..<total) }
        // Floyd's: each set of places is as likely as any other.
        var chosen: Set<Int> = []
        for last in (total - Int(count))..<total {
            let place = Int.random(in: 0...last, using: &random)
            if !chosen.insert(place).inserted { chosen.insert(last) }
        }
        return chosen.sorted()
    }
}
