import Memory
import RESP
import SlotStorage

/// `ZUNIONSTORE` and `ZINTERSTORE target numkeys key [key ...] [WEIGHTS weight ...] [AGGREGATE SUM|MIN|MAX]`.
///
/// Scores are combined from the smallest source to the largest, as in Redis, since sums depend on the order.
extension Server {
    mutating func zunionstore(_ request: Request, _ client: Client) throws(CommandError) {
        let operands = try operands(request, countAt: 2, client)
        store(operands.union(), under: request[1], event: "zunionstore", client)
    }

    mutating func zinterstore(_ request: Request, _ client: Client) throws(CommandError) {
        let operands = try operands(request, countAt: 2, client)
        store(operands.intersection(), under: request[1], event: "zinterstore", client)
    }

    mutating func zdiffstore(_ request: Request, _ client: Client) throws(CommandError) {
        let operands = try operands(request, countAt: 2, combines: false, client)
        storeAnew(operands.difference(), under: request[1], event: "zdiffstore", client)
    }

    // MARK: Without storing, since Redis 6.2

    mutating func zunion(_ request: Request, _ client: Client) throws(CommandError) {
        let operands = try operands(request, countAt: 1, answers: true, client)
        reply(operands.union(), operands, client)
    }

    mutating func zinter(_ request: Request, _ client: Client) throws(CommandError) {
        let operands = try operands(request, countAt: 1, answers: true, client)
        reply(operands.intersection(), operands, client)
    }

    mutating func zdiff(_ request: Request, _ client: Client) throws(CommandError) {
        let operands = try operands(request, countAt: 1, combines: false, answers: true, client)
        reply(operands.difference(), operands, client)
    }

    /// `ZINTERCARD numkeys key [key ...] [LIMIT limit]`
    mutating func zintercard(_ request: Request, _ client: Client) throws(CommandError) {
        let list = try KeyList(request, countAt: 1)
        let limit = try list.limit(request)
        var sources: [ScoreSource] = []
        for index in list.positions {
            guard let source = ScoreSource(findForWriting(request[index], client)) else { throw .wrongType }
            sources.append(source)
        }
        sources.sort { $0.count < $1.count }
        client.reply.integer(min(limit, ScoreOperands(sources: sources).intersection().count))
    }

    private mutating func reply(_ result: consuming SortedSetBuilder, _ operands: ScoreOperands, _ client: Client) {
        let set = result.finish(configuration.encodingLimits)
        reply(set, 0..<set.count, reversed: false, withScores: operands.withScores, client)
        keyspace.discard(set.value)
    }

    /// What is at the keys, the smallest first, and what to do with it. There is one source at least.
    /// - Parameters:
    ///   - countAt: the index of the number of keys.
    ///   - combines: whether weights and an aggregate may follow; without, the order of the sources is kept.
    ///   - answers: whether `WITHSCORES` may follow.
    private mutating func operands(
        _ request: Request, countAt: Int, combines: Bool = true, answers: Bool = false, _ client: Client
    ) throws(CommandError) -> ScoreOperands {
        let count = try request[countAt].integer()
        if count < 1 { throw .noSourceKeys }
        guard count <= request.count - countAt - 1 else { throw .syntax }
        let end = countAt + 1 + Int(count)
        var sources: [ScoreSource] = []
        for index in countAt + 1..<end {
            // What is found stays valid while other keys go because their time has passed.
            guard let source = ScoreSource(findForWriting(request[index], client)) else { throw .wrongType }
            sources.append(source)
        }
        var operands = ScoreOperands(sources: [])
        var index = end
        while index < request.count {
            if combines, request.count - index > sources.count, request[index].equalsIgnoringCase("weights") {
                for position in sources.indices {
                    sources[position].weight = try request[index + 1 + position].score(orThrow: .notAWeight)
                }
                index += 1 + sources.count
            } else if combines, request.count - index > 1, request[index].equalsIgnoringCase("aggregate") {
                operands.aggregate = try ScoreAggregate(request[index + 1])
                index += 2
            } else if answers, request[index].equalsIgnoringCase("withscores") {
                operands.withScores = true
                index += 1
            } else {
                throw .syntax
            }
        }
        if combines { sources.sort { $0.count < $1.count } }
        operands.sources = sources
        return operands
    }

    /// Puts the result in the place of what is under `key`; an empty one removes it.
    mutating func store(
        _ result: consuming SortedSetBuilder, under key: RawSpan, event: StaticString, _ client: Client
    ) {
        let (count, database) = (result.count, client.state.database)
        let limits = configuration.encodingLimits
        var changes = keyspace[database].remove(key) ? 1 : 0
        if count > 0 {
            keyspace[database].set(key, result.finish(limits).value)
            changes += 1
        }
        if changes > 0 {
            changed(key, in: database, times: changes)
            notify(count > 0 ? .sortedSet : .generic, count > 0 ? event : "del", key, in: database)
        }
        client.reply.integer(count)
    }

    /// The same for commands that Redis 2.8 does not have.
    mutating func storeAnew(
        _ result: consuming SortedSetBuilder, under key: RawSpan, event: StaticString, _ client: Client
    ) {
        let before = dirty
        store(result, under: key, event: event, client)
        if dirty != before { propagateSortedSet(under: key, in: client.state.database) }
    }
}

/// What ZUNION and its kin work on.
private struct ScoreOperands {
    var sources: [ScoreSource]
    var aggregate = ScoreAggregate.sum
    var withScores = false

    init(sources: [ScoreSource]) { self.sources = sources }

    func union() -> SortedSetBuilder {
        var result = SortedSetBuilder()
        for source in sources {
            source.forEach { member, score in
                let weighted = source.weighted(score)
                result.update(member) { old in old.map { aggregate.combine($0, weighted) } ?? weighted }
            }
        }
        return result
    }

    func intersection() -> SortedSetBuilder {
        var result = SortedSetBuilder()
        sources[0].forEach { member, score in
            var total = sources[0].weighted(score)
            for source in sources.dropFirst() {
                guard let other = source.score(of: member) else { return }
                // Not a number where an infinite score meets the weight 0: the aggregate deals with it, as in Redis.
                total = aggregate.combine(total, other * source.weight)
            }
            result.insert(member, score: total)
        }
        return result
    }

    /// The members of the first source that are in no other, with their scores.
    func difference() -> SortedSetBuilder {
        var result = SortedSetBuilder()
        sources[0].forEach { member, score in
            for source in sources.dropFirst() where source.score(of: member) != nil { return }
            result.insert(member, score: score)
        }
        return result
    }
}

/// A sorted set, or a set whose members all have the score 1, or nothing.
private struct ScoreSource {
    private enum Content {
        case sortedSet(SortedSetValue)
        case set(SetValue)
        case nothing
    }

    private let content: Content
    var weight: Double = 1

    /// `nil` for a key that holds something else.
    init?(_ entry: Entry?) {
        switch entry?.type {
        case .none: content = .nothing
        case .sortedSet: content = entry.map { .sortedSet($0.sortedSet) } ?? .nothing
        case .set: content = entry.map { .set($0.set) } ?? .nothing
        default: return nil
        }
    }

    var count: Int {
        switch content {
        case .sortedSet(let set): set.count
        case .set(let set): set.count
        case .nothing: 0
        }
    }

    func forEach(_ visit: (_ member: RawSpan, _ score: Double) -> Void) {
        switch content {
        case .sortedSet(let set): set.forEach(visit)
        case .set(let set): set.forEach { member in member.withBytes { visit($0, 1) } }
        case .nothing: break
        }
    }

    func score(of member: RawSpan) -> Double? {
        switch content {
        case .sortedSet(let set): set.score(of: member)
        case .set(let set): set.contains(member) ? 1 : nil
        case .nothing: nil
        }
    }

    /// A score of this source times its weight; an infinite one times 0 is 0.
    func weighted(_ score: Double) -> Double {
        let product = weight * score
        return product.isNaN ? 0 : product
    }
}

/// How the scores of a member in several sources become one.
private enum ScoreAggregate {
    case sum
    case minimum
    case maximum

    init(_ word: RawSpan) throws(CommandError) {
        if word.equalsIgnoringCase("sum") {
            self = .sum
        } else if word.equalsIgnoringCase("min") {
            self = .minimum
        } else if word.equalsIgnoringCase("max") {
            self = .maximum
        } else {
            throw .syntax
        }
    }

    /// Infinities that cancel each other out are 0. A score that is not a number never is the least or the greatest.
    func combine(_ total: Double, _ score: Double) -> Double {
        switch self {
        case .sum: (total + score).isNaN ? 0 : total + score
        case .minimum: score < total ? score : total
        case .maximum: score > total ? score : total
        }
    }
}
