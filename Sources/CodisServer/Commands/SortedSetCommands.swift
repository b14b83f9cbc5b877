import Memory
import RESP
import SlotStorage

/// Sorted sets, member by member. `SortedSetRangeCommands.swift` has ranges, `SortedSetAlgebraCommands.swift` unions.
extension Server {
    // MARK: Reading

    mutating func zcard(_ request: Request, _ client: Client) throws(CommandError) {
        client.reply.integer(try findForReading(request[1], holding: .sortedSet, client)?.sortedSet.count ?? 0)
    }

    mutating func zscore(_ request: Request, _ client: Client) throws(CommandError) {
        guard let entry = try findForReading(request[1], holding: .sortedSet, client),
            let score = entry.sortedSet.score(of: request[2])
        else { return client.reply.null() }
        client.reply.score(score)
    }

    mutating func zrank(_ request: Request, _ client: Client) throws(CommandError) {
        guard let entry = try findForReading(request[1], holding: .sortedSet, client),
            let rank = entry.sortedSet.rank(of: request[2])
        else { return client.reply.null() }
        client.reply.integer(rank)
    }

    mutating func zrevrank(_ request: Request, _ client: Client) throws(CommandError) {
        guard let entry = try findForReading(request[1], holding: .sortedSet, client),
            let rank = entry.sortedSet.rank(of: request[2])
        else { return client.reply.null() }
        client.reply.integer(entry.sortedSet.count - 1 - rank)
    }

    /// `ZSCAN key cursor [MATCH pattern] [COUNT count]`: COUNT counts members and scores, as in Redis.
    mutating func zscan(_ request: Request, _ client: Client) throws(CommandError) {
        var cursor = try request[2].cursor()
        guard let set = try findForReading(request[1], holding: .sortedSet, client)?.sortedSet else {
            return client.reply.append(Self.emptyScan)
        }
        let options = try ScanOptions(request, from: 3)
        var found: [SortedSetMember] = []
        var bucketsLeft = options.longestWalk
        repeat {
            cursor = set.scan(cursor) { found.append($0) }
            bucketsLeft -= 1
        } while cursor != 0 && 2 * found.count < options.count && bucketsLeft > 0
        if let position = options.patternPosition {
            let pattern = GlobPattern(request[position])
            found.removeAll { member in !member.withBytes { pattern.matches($0) } }
        }
        client.reply.array(2)
        client.reply.bulk(decimal: Int64(bitPattern: cursor))
        client.reply.array(2 * found.count)
        for member in found {
            member.withBytes { client.reply.bulk($0) }
            if set.encoding == .tree {
                // Redis prints these scores in another way than all others.
                client.reply.bulk(LongDouble(member.score).decimalText.bytes)
            } else {
                member.score.withScoreText { client.reply.bulk($0) }
            }
        }
    }

    // MARK: Writing

    /// `ZADD key [NX|XX] [CH] [INCR] score member [score member ...]`: Redis 2.8 has none of the options.
    mutating func zadd(_ request: Request, _ client: Client) throws(CommandError) {
        var options = AddOptions()
        var first = 2
        while first < request.count, let option = AddOptions(word: request[first]) {
            options.formUnion(option)
            first += 1
        }
        guard first < request.count, (request.count - first) % 2 == 0 else { throw .syntax }
        if options.isSuperset(of: [.onlyNew, .onlyExisting]) { throw .newAndExisting }
        if options.contains(.increments), request.count - first > 2 { throw .unpairedIncrement }
        try add(request, from: first, options, client)
    }

    mutating func zincrby(_ request: Request, _ client: Client) throws(CommandError) {
        try add(request, from: 2, .increments, client)
    }

    /// Adds the pairs of score and member from the argument `first` on. All scores are looked at before anything
    /// changes.
    private mutating func add(
        _ request: Request, from first: Int, _ options: AddOptions, _ client: Client
    ) throws(CommandError) {
        for index in stride(from: first, to: request.count, by: 2) { _ = try request[index].score() }
        let (key, database) = (request[1], client.state.database)
        let limits = configuration.encodingLimits
        var addition = Addition(options: options)
        if let entry = try findForWriting(key, holding: .sortedSet, client) {
            try addition.add(request, from: first, to: &entry.sortedSet, limits)
        } else if !options.contains(.onlyExisting) {
            var set = SortedSetValue.empty()
            // A new member's score is a number, so this does not fail.
            try addition.add(request, from: first, to: &set, limits)
            keyspace[database].set(key, set.value)
        }
        let changes = addition.added + addition.updated
        if changes > 0 {
            changed(key, in: database, times: changes)
            notify(.sortedSet, options.contains(.increments) ? "zincr" : "zadd", key, in: database)
            // Behind options, of which Redis 2.8 has none.
            if first > 2 { propagateScores(of: request, membersFrom: first + 1, step: 2, in: database) }
        }
        if !options.contains(.increments) {
            client.reply.integer(options.contains(.countsChanges) ? changes : addition.added)
        } else if let score = addition.lastScore {
            client.reply.score(score)
        } else {
            client.reply.null()
        }
    }

    mutating func zrem(_ request: Request, _ client: Client) throws(CommandError) {
        guard let entry = try findForWriting(request[1], holding: .sortedSet, client) else {
            return client.reply.integer(0)
        }
        var set = entry.sortedSet
        var removed = 0
        for index in 2..<request.count where set.remove(request[index]) { removed += 1 }
        keep(set, of: entry, request[1], removed: removed, "zrem", client)
        client.reply.integer(removed)
    }

    /// Notes what is left of a sorted set after members were removed, and tells it; an empty one goes with its key.
    mutating func keep(
        _ set: SortedSetValue, of entry: Entry, _ key: RawSpan, removed: Int, _ event: StaticString, _ client: Client
    ) {
        if removed == 0 { return }
        entry.sortedSet = set
        if set.count == 0 { return removeWhole(key, removed: removed, event, client) }
        changed(key, in: client.state.database, times: removed)
        notify(.sortedSet, event, key, in: client.state.database)
    }

    /// Removes a sorted set with all members that it still has, which is no matter of their number.
    mutating func removeWhole(_ key: RawSpan, removed: Int, _ event: StaticString, _ client: Client) {
        let database = client.state.database
        keyspace[database].remove(key)
        changed(key, in: database, times: removed)
        notify(.sortedSet, event, key, in: database)
        notify(.generic, "del", key, in: database)
    }
}

/// What may stand before the scores of ZADD.
private struct AddOptions: OptionSet {
    let rawValue: UInt8

    static let onlyNew = AddOptions(rawValue: 1)
    static let onlyExisting = AddOptions(rawValue: 2)
    static let countsChanges = AddOptions(rawValue: 4)
    static let increments = AddOptions(rawValue: 8)

    init(rawValue: UInt8) { self.rawValue = rawValue }

    init?(word: RawSpan) {
        if word.equalsIgnoringCase("nx") {
            self = .onlyNew
        } else if word.equalsIgnoringCase("xx") {
            self = .onlyExisting
        } else if word.equalsIgnoringCase("ch") {
            self = .countsChanges
        } else if word.equalsIgnoringCase("incr") {
            self = .increments
        } else {
            return nil
        }
    }
}

/// What ZADD does to one sorted set, and what comes of it.
private struct Addition {
    let options: AddOptions
    private(set) var added = 0
    private(set) var updated = 0
    /// The score that the last member was given, if it was.
    private(set) var lastScore: Double?

    init(options: AddOptions) { self.options = options }

    @inline(__always)
    mutating func add(
        _ request: Request, from first: Int, to set: inout SortedSetValue, _ limits: EncodingLimits
    ) throws(CommandError) {
        for index in stride(from: first, to: request.count, by: 2) {
            let argument = try request[index].score()
            var score: Double?
            let change = set.update(request[index + 1], limits) { old in
                if options.contains(old == nil ? .onlyExisting : .onlyNew) { return nil }
                var new = argument
                if let old, options.contains(.increments) { new += old }
                score = new
                return new.isNaN ? nil : new
            }
            if let score, score.isNaN { throw .resultNotANumber }
            if change == .added { added += 1 }
            if change == .updated { updated += 1 }
            lastScore = score
        }
    }
}
