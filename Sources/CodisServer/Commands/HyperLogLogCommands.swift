import Memory
import RESP
import SlotStorage

/// Counting different elements, see `HyperLogLog`. The values are strings.
extension Server {
    /// `PFADD key [element ...]`
    mutating func pfadd(_ request: Request, _ client: Client) throws(CommandError) {
        let key = request[1]
        let database = client.state.database
        let entry = try stringForWriting(key, client)
        if let entry, try hyperLogLogForm(entry) == .dense {
            var isChanged = false
            keyspace[database].modifyString(key, minimumLength: HyperLogLog.denseSize) { string in
                for index in 2..<max(request.count, 2) where HyperLogLog.add(request[index], toDense: &string) {
                    isChanged = true
                }
                if isChanged { HyperLogLog.setKnownCardinality(nil, in: &string) }
            }
            return finishAdding(key, isChanged: isChanged, client)
        }
        var counter = entry.map { $0.withString { HyperLogLog(copying: $0) } } ?? HyperLogLog()
        var isChanged = entry == nil
        do throws(HyperLogLog.Corrupted) {
            for index in 2..<max(request.count, 2) {
                let isRaised = try counter.add(request[index], sparseLimit: configuration.hllSparseMaxBytes)
                isChanged = isChanged || isRaised
            }
        } catch {
            // The elements before the one that failed stay, as in Redis.
            keyspace[database].setString(key, counter.string.bytes, expiry: .keep)
            throw .corruptedHyperLogLog
        }
        if isChanged {
            counter.forgetCardinality()
            keyspace[database].setString(key, counter.string.bytes, expiry: .keep)
        }
        finishAdding(key, isChanged: isChanged, client)
    }

    private mutating func finishAdding(_ key: RawSpan, isChanged: Bool, _ client: Client) {
        if isChanged {
            changed(key, in: client.state.database)
            notify(.string, "pfadd", key, in: client.state.database)
        }
        client.reply.integer(isChanged ? 1 : 0)
    }

    /// `PFCOUNT key [key ...]`: of one key, where the count is kept until an element is added, or of all together.
    mutating func pfcount(_ request: Request, _ client: Client) throws(CommandError) {
        if request.count > 2 {
            var union = HyperLogLogUnion()
            for index in 1..<request.count { try merge(request[index], into: &union, client) }
            return client.reply.integer(Int64(truncatingIfNeeded: union.estimate))
        }
        let key = request[1]
        guard let entry = try stringForReading(key, client) else { return client.reply.integer(0) }
        _ = try hyperLogLogForm(entry)
        if let known = entry.withString({ HyperLogLog.knownCardinality(of: $0) }) {
            return client.reply.integer(Int64(truncatingIfNeeded: known))
        }
        var union = HyperLogLogUnion()
        try merge(entry, into: &union)
        let estimate = union.estimate
        keyspace[client.state.database].modifyString(key, minimumLength: 0) {
            HyperLogLog.setKnownCardinality(estimate, in: &$0)
        }
        changed(key, in: client.state.database)
        client.reply.integer(Int64(truncatingIfNeeded: estimate))
    }

    /// `PFMERGE target [source ...]`: the target is the union of all, itself included, and dense.
    mutating func pfmerge(_ request: Request, _ client: Client) throws(CommandError) {
        let key = request[1]
        var union = HyperLogLogUnion()
        for index in 1..<request.count { try merge(request[index], into: &union, client) }
        let entry = findForWriting(key, client)
        var counter = entry.map { $0.withString { HyperLogLog(copying: $0) } } ?? HyperLogLog()
        try makeDense(&counter)
        keyspace[client.state.database].setString(key, counter.string.bytes, expiry: .keep)
        keyspace[client.state.database].modifyString(key, minimumLength: 0) { union.write(toDense: &$0) }
        changed(key, in: client.state.database)
        notify(.string, "pfadd", key, in: client.state.database)
        client.reply.ok()
    }

    // MARK: Looking inside

    /// `PFDEBUG GETREG|DECODE|ENCODING|TODENSE key`
    mutating func pfdebug(_ request: Request, _ client: Client) throws(CommandError) {
        let (action, key) = (request[1], request[2])
        guard let entry = findForReading(key, client) else {
            return client.reply.append("-ERR The specified key does not exist\r\n")
        }
        guard entry.type == .string else { throw .wrongType }
        let form = try hyperLogLogForm(entry)
        let actions: [StaticString] = ["getreg", "decode", "encoding", "todense"]
        guard actions.contains(where: { action.equalsIgnoringCase($0) }) else {
            return client.reply.error("ERR Unknown PFDEBUG subcommand '\(action.text)'")
        }
        guard request.count == 3 else {
            return client.reply.error("ERR Wrong number of arguments for the '\(action.text)' subcommand")
        }
        if action.equalsIgnoringCase("encoding") {
            client.reply.status(form == .dense ? "dense" : "sparse")
        } else if action.equalsIgnoringCase("decode") {
            guard form == .sparse else { return client.reply.append("-ERR HLL encoding is not sparse\r\n") }
            client.reply.bulk(entry.withString { HyperLogLog.decoded($0) })
        } else {
            var counter = entry.withString { HyperLogLog(copying: $0) }
            try makeDense(&counter)
            if form == .sparse {
                keyspace[client.state.database].setString(key, counter.string.bytes, expiry: .keep)
                changed(key, in: client.state.database)
            }
            if action.equalsIgnoringCase("todense") {
                return client.reply.integer(form == .sparse ? 1 : 0)
            }
            client.reply.array(HyperLogLog.registerCount)
            for index in 0..<HyperLogLog.registerCount { client.reply.integer(Int(counter.register(index))) }
        }
    }

    /// `PFSELFTEST`: both forms must count the same, within four times the standard error.
    func pfselftest(_ client: Client) {
        if let failure = HyperLogLog.selfTest(sparseLimit: configuration.hllSparseMaxBytes) {
            client.reply.error("TESTFAILED \(failure)")
        } else {
            client.reply.ok()
        }
    }

    // MARK: Parts

    private func hyperLogLogForm(_ entry: Entry) throws(CommandError) -> HyperLogLog.Form {
        guard let form = entry.withString({ HyperLogLog.form(of: $0) }) else { throw .notAHyperLogLog }
        return form
    }

    /// Takes in the HyperLogLog at `key`; an absent one is empty.
    private mutating func merge(
        _ key: RawSpan, into union: inout HyperLogLogUnion, _ client: Client
    ) throws(CommandError) {
        guard let entry = try stringForReading(key, client) else { return }
        _ = try hyperLogLogForm(entry)
        try merge(entry, into: &union)
    }

    private func merge(_ entry: Entry, into union: inout HyperLogLogUnion) throws(CommandError) {
        do throws(HyperLogLog.Corrupted) {
            try union.merge(entry.bytes)
        } catch {
            throw .corruptedHyperLogLog
        }
    }

    private func makeDense(_ counter: inout HyperLogLog) throws(CommandError) {
        do throws(HyperLogLog.Corrupted) {
            try counter.makeDense()
        } catch {
            throw .corruptedHyperLogLog
        }
    }
}
