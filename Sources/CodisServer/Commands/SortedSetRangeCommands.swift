import Memory
import RESP
import SlotStorage

/// Ranges of sorted sets by rank, score and bytes: answered, counted and removed.
///
/// Each is found as a range of ranks first, so that LIMIT passes over members without looking at them.
extension Server {
    // MARK: By rank

    mutating func zrange(_ request: Request, _ client: Client) throws(CommandError) {
        let query = try SortedSetRangeQuery(request, from: 2, allowsScores: true)
        guard let set = try findForReading(request[1], holding: .sortedSet, client)?.sortedSet else {
            return client.reply.array(0)
        }
        reply(set, query.ranks(of: set, request), reversed: query.isReversed, withScores: query.withScores, client)
    }

    mutating func zrevrange(_ request: Request, _ client: Client) throws(CommandError) {
        let (start, end) = (try request[2].integer(), try request[3].integer())
        if request.count > 4, request.count > 5 || !request[4].equalsIgnoringCase("withscores") { throw .syntax }
        guard let set = try findForReading(request[1], holding: .sortedSet, client)?.sortedSet,
            let range = Range(ofElementsFrom: start, through: end, count: set.count)
        else { return client.reply.array(0) }
        let ranks = set.count - range.upperBound..<set.count - range.lowerBound
        reply(set, ranks, reversed: true, withScores: request.count > 4, client)
    }

    /// `ZRANGESTORE target source start stop ...`: stores what ZRANGE would answer; an empty range removes the target.
    mutating func zrangestore(_ request: Request, _ client: Client) throws(CommandError) {
        let query = try SortedSetRangeQuery(request, from: 3, allowsScores: false)
        var result = SortedSetBuilder()
        if let set = try findForReading(request[2], holding: .sortedSet, client)?.sortedSet {
            set.forEach(in: query.ranks(of: set, request)) { result.insert($0, score: $1) }
        }
        storeAnew(result, under: request[1], event: "zrangestore", client)
    }

    mutating func zremrangebyrank(_ request: Request, _ client: Client) throws(CommandError) {
        let (start, end) = (try request[2].integer(), try request[3].integer())
        try removeRange(request[1], "zremrangebyrank", client) {
            Range(ofElementsFrom: start, through: end, count: $0.count)
        }
    }

    // MARK: By score

    mutating func zrangebyscore(_ request: Request, _ client: Client) throws(CommandError) {
        try replyScores(request, reversed: false, client)
    }

    mutating func zrevrangebyscore(_ request: Request, _ client: Client) throws(CommandError) {
        try replyScores(request, reversed: true, client)
    }

    private mutating func replyScores(_ request: Request, reversed: Bool, _ client: Client) throws(CommandError) {
        let range = try scoreRange(request[reversed ? 3 : 2], request[reversed ? 2 : 3])
        let options = try RangeOptions(request, from: 4, allowsScores: true)
        guard let set = try findForReading(request[1], holding: .sortedSet, client)?.sortedSet else {
            return client.reply.array(0)
        }
        let ranks = options.limited(set.ranks(in: range), reversed: reversed)
        reply(set, ranks, reversed: reversed, withScores: options.withScores, client)
    }

    mutating func zcount(_ request: Request, _ client: Client) throws(CommandError) {
        let range = try scoreRange(request[2], request[3])
        let set = try findForReading(request[1], holding: .sortedSet, client)?.sortedSet
        client.reply.integer(set?.ranks(in: range).count ?? 0)
    }

    mutating func zremrangebyscore(_ request: Request, _ client: Client) throws(CommandError) {
        let range = try scoreRange(request[2], request[3])
        try removeRange(request[1], "zremrangebyscore", client) { $0.ranks(in: range) }
    }

    private func scoreRange(_ minimum: RawSpan, _ maximum: RawSpan) throws(CommandError) -> ScoreRange {
        guard let range = ScoreRange(minimum: minimum, maximum: maximum) else { throw .notAScoreRange }
        return range
    }

    // MARK: By bytes

    mutating func zrangebylex(_ request: Request, _ client: Client) throws(CommandError) {
        try replyLex(request, reversed: false, client)
    }

    mutating func zrevrangebylex(_ request: Request, _ client: Client) throws(CommandError) {
        try replyLex(request, reversed: true, client)
    }

    private mutating func replyLex(_ request: Request, reversed: Bool, _ client: Client) throws(CommandError) {
        guard let range = LexRange(minimum: request[reversed ? 3 : 2], maximum: request[reversed ? 2 : 3]) else {
            throw .notALexRange
        }
        let options = try RangeOptions(request, from: 4, allowsScores: false)
        guard let set = try findForReading(request[1], holding: .sortedSet, client)?.sortedSet else {
            return client.reply.array(0)
        }
        let ranks = options.limited(set.ranks(in: range, fromEnd: reversed), reversed: reversed)
        reply(set, ranks, reversed: reversed, withScores: false, client)
    }

    mutating func zlexcount(_ request: Request, _ client: Client) throws(CommandError) {
        guard let range = LexRange(minimum: request[2], maximum: request[3]) else { throw .notALexRange }
        let set = try findForReading(request[1], holding: .sortedSet, client)?.sortedSet
        client.reply.integer(set?.ranks(in: range).count ?? 0)
    }

    mutating func zremrangebylex(_ request: Request, _ client: Client) throws(CommandError) {
        guard let range = LexRange(minimum: request[2], maximum: request[3]) else { throw .notALexRange }
        try removeRange(request[1], "zremrangebylex", client) { $0.ranks(in: range) }
    }

    // MARK: All of them

    func reply(
        _ set: SortedSetValue, _ ranks: Range<Int>, reversed: Bool, withScores: Bool, _ client: Client
    ) {
        if withScores { client.reply.pairs(ranks.count) } else { client.reply.array(ranks.count) }
        set.forEach(in: ranks, reversed: reversed) { member, score in
            if withScores { client.reply.pair() }
            client.reply.bulk(member)
            if withScores { client.reply.score(score) }
        }
    }

    /// Removes the members whose ranks `find` answers.
    private mutating func removeRange(
        _ key: RawSpan, _ event: StaticString, _ client: Client, _ find: (SortedSetValue) -> Range<Int>?
    ) throws(CommandError) {
        guard let entry = try findForWriting(key, holding: .sortedSet, client), let ranks = find(entry.sortedSet) else {
            return client.reply.integer(0)
        }
        var set = entry.sortedSet
        if ranks.count < set.count {
            set.remove(ranks)
            keep(set, of: entry, key, removed: ranks.count, event, client)
        } else {
            removeWhole(key, removed: ranks.count, event, client)
        }
        client.reply.integer(ranks.count)
    }
}

/// What may follow a range of scores or bytes: `[WITHSCORES] [LIMIT offset count]`, in any order.
private struct RangeOptions {
    private(set) var withScores = false
    private var offset: Int64 = 0
    /// Negative for all.
    private var count: Int64 = -1

    init(_ request: Request, from start: Int, allowsScores: Bool) throws(CommandError) {
        var index = start
        while index < request.count {
            if allowsScores, request[index].equalsIgnoringCase("withscores") {
                withScores = true
                index += 1
            } else if index + 2 < request.count, request[index].equalsIgnoringCase("limit") {
                offset = try request[index + 1].integer()
                count = try request[index + 2].integer()
                index += 3
            } else {
                throw .syntax
            }
        }
    }

    /// The part of a range that is asked for.
    func limited(_ ranks: Range<Int>, reversed: Bool) -> Range<Int> {
        ranks.limited(offset: offset, count: count, reversed: reversed)
    }
}
