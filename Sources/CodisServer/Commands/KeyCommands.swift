import Memory
import RESP
import SlotStorage

/// Keys of any type. When they end is in `ExpiryCommands.swift`, walking them in `ScanCommands.swift`.
extension Server {
    // MARK: Being there

    /// `EXISTS key [key ...]`: how many of the keys are there, one that is named twice counted twice.
    mutating func exists(_ request: Request, _ client: Client) {
        var present = 0
        for index in 1..<request.count where holds(request[index], in: client.state.database) { present += 1 }
        client.reply.integer(present)
    }

    /// `TOUCH key [key ...]`: as EXISTS, and the keys count as used now.
    mutating func touch(_ request: Request, _ client: Client) {
        var present = 0
        for index in 1..<request.count where findForReading(request[index], client) != nil { present += 1 }
        client.reply.integer(present)
    }

    mutating func type(_ request: Request, _ client: Client) {
        client.reply.status(findForReading(request[1], client)?.type.name ?? "none")
    }

    /// `OBJECT refcount|encoding|idletime|freq key`: looking at a key this way does not count as using it. `freq` is
    /// Redis 4's, as the policies that need it.
    mutating func object(_ request: Request, _ client: Client) throws(CommandError) {
        let aspect = request[1]
        let isRefcount = aspect.equalsIgnoringCase("refcount")
        let isEncoding = aspect.equalsIgnoringCase("encoding")
        let isFrequency = aspect.equalsIgnoringCase("freq")
        guard isRefcount || isEncoding || isFrequency || aspect.equalsIgnoringCase("idletime") else {
            throw .objectSyntax
        }
        let database = client.state.database
        guard let entry = keyspace[database].find(request[2]), !isExpired(entry, in: database) else {
            return client.reply.null()
        }
        if isRefcount {
            // No two keys share a value here.
            client.reply.integer(1)
        } else if isEncoding {
            client.reply.bulk(entry.encoding.name)
        } else if isFrequency {
            guard countsUses else { throw .frequencyNotTracked }
            client.reply.integer(Int(frequency(of: entry).counter))
        } else {
            if countsUses { throw .idleTimeNotTracked }
            client.reply.integer(idleTime(of: entry))
        }
    }

    // MARK: Going

    /// `DEL key [key ...]`
    mutating func del(_ request: Request, _ client: Client) {
        let database = client.state.database
        var deleted = 0
        for index in 1..<request.count {
            let key = request[index]
            guard holds(key, in: database) else { continue }
            keyspace[database].remove(key)
            changed(key, in: database)
            notify(.generic, "del", key, in: database)
            deleted += 1
        }
        client.reply.integer(deleted)
    }

    /// `UNLINK key [key ...]`, of Redis 4: DEL frees large values in the background here, too.
    mutating func unlink(_ request: Request, _ client: Client) {
        let before = dirty
        del(request, client)
        if dirty != before { propagate(request, as: "DEL", in: client.state.database) }
    }

    // MARK: Changing name and place

    /// `RENAME key newkey`: the new name keeps the expiry of the old one and loses what it held.
    mutating func rename(_ request: Request, _ client: Client) throws(CommandError) {
        _ = try rename(request, client, replacing: true)
        client.reply.ok()
    }

    mutating func renamenx(_ request: Request, _ client: Client) throws(CommandError) {
        client.reply.integer(try rename(request, client, replacing: false) ? 1 : 0)
    }

    /// Answers whether the key has the new name now.
    private mutating func rename(
        _ request: Request, _ client: Client, replacing: Bool
    ) throws(CommandError) -> Bool {
        let (key, newKey, database) = (request[1], request[2], client.state.database)
        if key.elementsEqual(newKey) { throw .sameObject }
        guard findForWriting(key, client) != nil else { throw .noSuchKey }
        if findForWriting(newKey, client) != nil, !replacing { return false }
        keyspace[database].rename(key, to: newKey)
        changed(newKey, in: database)
        touch(key, in: database)
        notify(.generic, "rename_from", key, in: database)
        notify(.generic, "rename_to", newKey, in: database)
        return true
    }

    /// `MOVE key db`: the expiry goes along, as in Redis 3.2.
    mutating func move(_ request: Request, _ client: Client) throws(CommandError) {
        let (key, source) = (request[1], client.state.database)
        guard let target = database(numbered: request[2]) else { throw .indexOutOfRange }
        if target == source { throw .sameObject }
        guard findForWriting(key, client) != nil, isFree(key, in: target) else { return client.reply.integer(0) }
        keyspace.move(key, from: source, to: target)
        changed(key, in: target)
        touch(key, in: source)
        if let expiry = keyspace[target].find(key)?.expiry {
            // Redis 2.8 loses it on the way.
            propagateInstead(in: source) { $0.append(request) }
            propagateExpiry(of: key, at: expiry, in: target)
        }
        client.reply.integer(1)
    }

    /// The number of a database that exists.
    func database(numbered argument: RawSpan) -> Int? {
        guard let number = Int64(canonical: argument), number >= 0, number < Int64(keyspace.databaseCount) else {
            return nil
        }
        return Int(number)
    }

    // MARK: Choosing

    /// `KEYS pattern`. O(keys).
    func keys(_ request: Request, _ client: Client) {
        let pattern = GlobPattern(request[1])
        let now = clock.milliseconds
        var found: [Entry] = []
        keyspace[client.state.database].forEach { entry in
            if pattern.matches(entry.key), !entry.hasEnded(at: now) { found.append(entry) }
        }
        client.reply.array(found.count)
        for entry in found { client.reply.bulk(entry.key) }
    }

    /// Expired keys that RANDOMKEY removes, or passes by where they are pinned, before it answers that there is none:
    /// when so many in a row have ended, hardly any other is left.
    private static let randomKeyTries = 1000

    /// `RANDOMKEY`: each key about as likely. O(1) expected.
    mutating func randomkey(_ client: Client) {
        let database = client.state.database
        for _ in 0..<Self.randomKeyTries {
            guard let entry = randomEntry(in: database) else { break }
            if !isExpired(entry, in: database) { return client.reply.bulk(entry.key) }
        }
        client.reply.null()
    }

    /// Whether the key is there, without counting as a use of it. An expired one is removed.
    private mutating func holds(_ key: RawSpan, in database: Int) -> Bool {
        guard let entry = keyspace[database].find(key) else { return false }
        return !isExpired(entry, in: database)
    }

    /// Whether nothing is stored under the key, not even an expired value that a pin keeps from going.
    private mutating func isFree(_ key: RawSpan, in database: Int) -> Bool {
        !holds(key, in: database) && keyspace[database].find(key) == nil
    }
}

extension Entry {
    /// Whether the key's time has passed at `now`, in Unix milliseconds.
    func hasEnded(at now: Int64) -> Bool {
        guard let expiry else { return false }
        return expiry <= now
    }
}
