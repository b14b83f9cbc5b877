import Memory
import RESP
import SlotStorage

/// The receiving end of an asynchronous migration: specification, section 8.
///
/// Each message is answered by an acknowledgement, which is a command itself. One that cannot be done is refused, and the
/// connection ends, so that nothing behind it is done either.
extension Server {
    /// `SLOTSRESTORE-ASYNC-AUTH password`
    mutating func slotsrestoreAsyncAuth(_ request: Request, _ client: Client) {
        if configuration.requirepass.isEmpty {
            return refuse(client, RestoreRefusal("Client sent AUTH, but no password is set"))
        }
        guard isPassword(request[1]) else {
            client.state.flags.remove(.isAuthenticated)
            return refuse(client, RestoreRefusal("invalid password"))
        }
        client.state.flags.insert(.isAuthenticated)
        acknowledge(client, "OK")
    }

    /// `SLOTSRESTORE-ASYNC-SELECT database`
    mutating func slotsrestoreAsyncSelect(_ request: Request, _ client: Client) {
        guard let database = database(numbered: request[1]) else {
            return refuse(client, RestoreRefusal("invalid DB index (\(request[1].text))"))
        }
        client.state.database = database
        acknowledge(client, "OK")
    }

    /// `SLOTSRESTORE-ASYNC-ACK code text`: acknowledgements are read where messages were sent, and are nothing that a
    /// client could say.
    mutating func slotsrestoreAsyncAck(_ client: Client) {
        client.reply.append("-ERR invalid client, permission denied\r\n")
        client.state.flags.insert(.closesAfterReply)
    }

    /// `SLOTSRESTORE-ASYNC delete|expire|string|object|list|hash|dict|zset key ...`
    mutating func slotsrestoreAsync(_ request: Request, _ client: Client) {
        // A sender that has hung up has given up, and may be sending the same keys over another connection already.
        if client.state.flags.contains(.isEnding) { return close(client) }
        do throws(RestoreRefusal) {
            let number = try applyRestore(request, client)
            client.reply.append("*3\r\n$22\r\nSLOTSRESTORE-ASYNC-ACK\r\n$1\r\n0\r\n")
            client.reply.bulk(decimal: Int64(number))
        } catch {
            refuse(client, error)
        }
    }

    private func acknowledge(_ client: Client, _ text: StaticString) {
        client.reply.append("*3\r\n$22\r\nSLOTSRESTORE-ASYNC-ACK\r\n$1\r\n0\r\n")
        client.reply.bulk(text)
    }

    private func refuse(_ client: Client, _ refusal: RestoreRefusal) {
        client.reply.append("*3\r\n$22\r\nSLOTSRESTORE-ASYNC-ACK\r\n$2\r\n-1\r\n")
        client.reply.bulk(refusal.text)
        client.state.flags.insert(.closesAfterReply)
    }

    /// Does what the message says, and answers the number for its acknowledgement.
    private mutating func applyRestore(_ request: Request, _ client: Client) throws(RestoreRefusal) -> Int {
        if migration.isBatchUnderWay(in: client.state.database) {
            throw RestoreRefusal("the specified DB is being migrated")
        }
        let count = request.count
        let form = RestoreForm(request[1])
        guard form?.accepts(count) ?? (count >= 5) else {
            throw RestoreRefusal("wrong number of arguments (argc=\(count),cmd=\(request[1].text))")
        }
        guard let form else { throw RestoreRefusal("unknown command (argc=\(count),cmd=\(request[1].text))") }
        switch form {
        case .delete: return restoreDelete(request[2], client)
        case .expire: return try restoreExpire(request, client)
        case .string: return try restoreString(request, client)
        case .object: return try restoreObject(request, client)
        case .list, .hash, .dict, .zset: return try restoreChunk(form, request, client)
        }
    }

    // MARK: Whole values

    private mutating func restoreDelete(_ key: RawSpan, _ client: Client) -> Int {
        let database = client.state.database
        endArrival(of: key, client)
        guard findForWriting(key, client) != nil else { return 0 }
        keyspace[database].remove(key)
        changed(key, in: database)
        return 1
    }

    private mutating func restoreExpire(_ request: Request, _ client: Client) throws(RestoreRefusal) -> Int {
        let (key, database) = (request[2], client.state.database)
        let expiry = try restoredExpiry(request[3])
        endArrival(of: key, client)
        guard findForWriting(key, client) != nil else { throw .missing(key) }
        keyspace[database].setExpiry(key, expiry)
        restored(key, expiry, request, client)
        return 1
    }

    private mutating func restoreString(_ request: Request, _ client: Client) throws(RestoreRefusal) -> Int {
        let (key, database) = (request[2], client.state.database)
        let expiry = try restoredExpiry(request[3])
        guard findForWriting(key, client) == nil else { throw .present(key) }
        keyspace[database].setString(key, request[4], expiry: expiry.map { .at($0) } ?? .none)
        restored(key, expiry, request, client)
        return 1
    }

    private mutating func restoreObject(_ request: Request, _ client: Client) throws(RestoreRefusal) -> Int {
        let (key, database) = (request[2], client.state.database)
        let expiry = try restoredExpiry(request[3])
        guard findForWriting(key, client) == nil else { throw .present(key) }
        let value = try decodedObject(request[4], of: key)
        keyspace[database].set(key, value, expiry: expiry.map { .at($0) } ?? .none)
        restored(key, expiry, request, client)
        return 1
    }

    private func decodedObject(_ payload: RawSpan, of key: RawSpan) throws(RestoreRefusal) -> Value {
        do throws(ValuePayload.Failure) {
            return try ValuePayload.decode(payload, limits: configuration.encodingLimits)
        } catch {
            logDamage(in: payload, of: key)
            switch error {
            case .versionOrChecksum: throw RestoreRefusal("invalid payload checksum")
            case .badFormat:
                let isKnown = ValuePayload.hasKnownType(payload)
                throw RestoreRefusal(isKnown ? "invalid payload body" : "invalid payload type")
            }
        }
    }

    /// A key has its final value. Whoever repeats the message later, from a file or far away, is told the time of expiry
    /// as well (quirk Q7): times to live begin with each repetition.
    private mutating func restored(_ key: RawSpan, _ expiry: Int64?, _ request: Request, _ client: Client) {
        let database = client.state.database
        changed(key, in: database)
        guard let expiry else { return }
        propagateInstead(in: database) { commands in
            commands.append(request)
            commands.array(3)
            commands.bulk("PEXPIREAT")
            commands.bulk(key)
            commands.bulk(decimal: expiry)
        }
    }

    // MARK: Pieces

    private mutating func restoreChunk(
        _ form: RestoreForm, _ request: Request, _ client: Client
    ) throws(RestoreRefusal) -> Int {
        let (key, database) = (request[2], client.state.database)
        let expiry = try restoredExpiry(request[3])
        guard let hint = Int64(canonical: request[4]), hint >= 0 else {
            throw RestoreRefusal("invalid Hint value (Hint=\(request[4].text))")
        }
        if form == .zset { try checkScores(request) }
        // A value that goes on to arrive does not expire in between.
        let goesOn = migration.arrivals.find(key, in: database)?.sender == client.state.id
        if !goesOn {
            endArrival(of: key, client)
            endArrival(from: client.state.id)
        }
        if let entry = goesOn ? keyspace[database].find(key) : findForWriting(key, client) {
            guard form.continues(entry) else {
                let (expected, got) = (form.legacyEncoding, entry.legacyEncoding)
                throw RestoreRefusal("wrong type (expect=\(expected),got=\(got))")
            }
            if snapshot.isOn { preserve(entry, in: database) }
            entry.isPinned = false
        } else if request.count == 5 {
            throw .missing(key)
        }
        let count = append(form, request, in: database)
        keyspace[database].setExpiry(key, expiry)
        if let entry = keyspace[database].find(key) {
            if goesOn { entry.isPinned = true } else { beginArrival(of: entry, from: client, in: database) }
        }
        changed(key, in: database)
        return count
    }

    private func checkScores(_ request: Request) throws(RestoreRefusal) {
        for index in stride(from: 6, to: request.count, by: 2) {
            // A number that is none would break the order of the set (quirk Q3).
            guard request[index].byteCount == 8, !score(request[index]).isNaN else {
                throw RestoreRefusal("invalid zset score ([\((index - 6) / 2)]), bad raw bits")
            }
        }
    }

    /// A score as it is sent: eight bytes, IEEE 754, little-endian.
    private func score(_ bytes: RawSpan) -> Double { Double(bitPattern: bytes.word(at: 0) ?? 0) }

    /// Puts the pieces of the message into the value, which is there or begins with them, and answers how many it has
    /// then.
    private mutating func append(_ form: RestoreForm, _ request: Request, in database: Int) -> Int {
        let key = request[2]
        let limits = configuration.encodingLimits
        let entry = keyspace[database].find(key)
        switch form {
        case .list:
            var list = entry?.list ?? .emptyChunks()
            for index in 5..<request.count { list.push(request[index], to: .tail, limits) }
            if let entry { entry.list = list } else { keyspace[database].set(key, list.value) }
            return list.count
        case .hash:
            var hash = entry?.hash ?? .emptyTable()
            for index in stride(from: 5, to: request.count, by: 2) {
                hash.set(request[index], request[index + 1], limits)
            }
            if let entry { entry.hash = hash } else { keyspace[database].set(key, hash.value) }
            return hash.count
        case .dict:
            var set = entry?.set ?? .emptyTable()
            for index in 5..<request.count { set.insert(request[index], limits) }
            if let entry { entry.set = set } else { keyspace[database].set(key, set.value) }
            return set.count
        case .zset:
            var set = entry?.sortedSet ?? .emptyTree()
            for index in stride(from: 5, to: request.count, by: 2) {
                let score = score(request[index + 1])
                set.update(request[index], limits) { _ in score }
            }
            if let entry { entry.sortedSet = set } else { keyspace[database].set(key, set.value) }
            return set.count
        case .delete, .expire, .string, .object: preconditionFailure("not a form for pieces")
        }
    }

    /// Ends the arrival of a value under this key, if one is under way. If it comes from another connection, that is
    /// over: its sender has begun anew here, and what may still lie there must not be mixed with that.
    private mutating func endArrival(of key: RawSpan, _ client: Client) {
        guard let arrival = migration.arrivals.find(key, in: client.state.database) else { return }
        if arrival.sender != client.state.id, let sender = clients[arrival.sender] {
            close(sender)
        } else {
            endArrival(from: arrival.sender)
        }
    }

    /// The moment that a time to live in milliseconds means; `nil` for 0, which is no expiry.
    private func restoredExpiry(_ argument: RawSpan) throws(RestoreRefusal) -> Int64? {
        if let ttl = Int64(canonical: argument), ttl >= 0 {
            let (time, overflow) = ttl.addingReportingOverflow(clock.milliseconds)
            if !overflow { return ttl == 0 ? nil : time }
        }
        throw RestoreRefusal("invalid TTL value (TTL=\(argument.text))")
    }

}
