import Memory
import RESP
import SlotStorage

/// Strings as a whole and in parts. Numbers are in `NumberCommands.swift`, bits in `BitCommands.swift`.
extension Server {
    /// The longest string there may be, in bytes.
    static let longestString = 512 * 1024 * 1024

    // MARK: Reading

    mutating func get(_ request: Request, _ client: Client) throws(CommandError) {
        guard let entry = try stringForReading(request[1], client) else { return client.reply.null() }
        client.reply.bulk(entry)
    }

    mutating func strlen(_ request: Request, _ client: Client) throws(CommandError) {
        client.reply.integer(try stringForReading(request[1], client)?.stringLength ?? 0)
    }

    mutating func mget(_ request: Request, _ client: Client) {
        client.reply.array(request.count - 1)
        for index in 1..<request.count {
            if let entry = findForReading(request[index], client), entry.type == .string {
                client.reply.bulk(entry)
            } else {
                client.reply.null()
            }
        }
    }

    /// GETRANGE and its old name SUBSTR.
    mutating func getrange(_ request: Request, _ client: Client) throws(CommandError) {
        let start = try request[2].integer()
        let end = try request[3].integer()
        guard let entry = try stringForReading(request[1], client),
            let range = Range(from: start, through: end, count: entry.stringLength)
        else { return client.reply.bulk("") }
        entry.withString { client.reply.bulk($0.extracting(range)) }
    }

    // MARK: Writing

    mutating func set(_ request: Request, _ client: Client) throws(CommandError) {
        if request.count == 3 {
            store(request[2], under: request[1], client)
            return client.reply.ok()
        }
        let options = try SetOptions(request)
        var expiry: Database.Expiry = options.keepsExpiry ? .keep : .none
        if options.lifetime > 0 {
            expiry = try self.expiry(request[options.lifetime], options.unit, orThrow: .invalidSetExpiry)
        }
        if options.answersOld { try get(request, client) }
        if options.onlyIfAbsent || options.onlyIfPresent || options.keepsExpiry {
            let isPresent = findForWriting(request[1], client) != nil
            if isPresent ? options.onlyIfAbsent : options.onlyIfPresent {
                return options.answersOld ? () : client.reply.null()
            }
        }
        store(request[2], under: request[1], expiry: expiry, client)
        // Told without the options, of which old servers know few.
        propagateString(request[2], under: request[1], in: client.state.database)
        if !options.answersOld { client.reply.ok() }
    }

    mutating func setnx(_ request: Request, _ client: Client) throws(CommandError) {
        if findForWriting(request[1], client) != nil { return client.reply.integer(0) }
        store(request[2], under: request[1], client)
        client.reply.integer(1)
    }

    mutating func setex(_ request: Request, _ client: Client) throws(CommandError) {
        let expiry = try self.expiry(request[2], .seconds, orThrow: .invalidSetexExpiry)
        store(request[3], under: request[1], expiry: expiry, client)
        propagateString(request[3], under: request[1], in: client.state.database)
        client.reply.ok()
    }

    mutating func psetex(_ request: Request, _ client: Client) throws(CommandError) {
        let expiry = try self.expiry(request[2], .milliseconds, orThrow: .invalidPsetexExpiry)
        store(request[3], under: request[1], expiry: expiry, client)
        propagateString(request[3], under: request[1], in: client.state.database)
        client.reply.ok()
    }

    mutating func getset(_ request: Request, _ client: Client) throws(CommandError) {
        try get(request, client)
        store(request[2], under: request[1], client)
    }

    mutating func mset(_ request: Request, _ client: Client) throws(CommandError) {
        guard request.count % 2 == 1 else { throw .unpairedKeys }
        storePairs(request, client)
        client.reply.ok()
    }

    /// Sets all of the keys, or none where one of them is there.
    mutating func msetnx(_ request: Request, _ client: Client) throws(CommandError) {
        guard request.count % 2 == 1 else { throw .unpairedKeys }
        for index in stride(from: 1, to: request.count, by: 2) where findForWriting(request[index], client) != nil {
            return client.reply.integer(0)
        }
        storePairs(request, client)
        client.reply.integer(1)
    }

    mutating func append(_ request: Request, _ client: Client) throws(CommandError) {
        let (key, suffix) = (request[1], request[2])
        guard let entry = try stringForWriting(key, client) else {
            store(suffix, under: key, event: "append", client)
            return client.reply.integer(suffix.byteCount)
        }
        let length = entry.stringLength
        let newLength = length + suffix.byteCount
        guard newLength <= Self.longestString else { throw .stringTooLong }
        keyspace[client.state.database].modifyString(key, minimumLength: newLength) {
            $0.replaceBytes(from: length, with: suffix)
        }
        changed(key, in: client.state.database)
        notify(.string, "append", key, in: client.state.database)
        client.reply.integer(newLength)
    }

    mutating func setrange(_ request: Request, _ client: Client) throws(CommandError) {
        let (key, part) = (request[1], request[3])
        let offset = Int(try request[2].integer())
        guard offset >= 0 else { throw .offsetOutOfRange }
        let length = try stringForWriting(key, client)?.stringLength ?? 0
        if part.byteCount == 0 { return client.reply.integer(length) }
        guard offset <= Self.longestString - part.byteCount else { throw .stringTooLong }
        let newLength = max(length, offset + part.byteCount)
        keyspace[client.state.database].modifyString(key, minimumLength: newLength) {
            $0.replaceBytes(from: offset, with: part)
        }
        changed(key, in: client.state.database)
        notify(.string, "setrange", key, in: client.state.database)
        client.reply.integer(newLength)
    }

    @inline(__always)
    private mutating func store(
        _ value: RawSpan, under key: RawSpan, expiry: Database.Expiry = .none, event: StaticString = "set",
        _ client: Client
    ) {
        let database = client.state.database
        notifyIfExpired(key, client)
        keyspace[database].setString(key, value, expiry: expiry)
        changed(key, in: database)
        notify(.string, event, key, in: database)
        if case .at = expiry { notify(.generic, "expire", key, in: database) }
    }

    private mutating func storePairs(_ request: Request, _ client: Client) {
        for index in stride(from: 1, to: request.count, by: 2) {
            store(request[index + 1], under: request[index], client)
        }
    }

    /// The end of a lifetime. One that has no end within 64 bits of milliseconds is refused: Redis 2.8 would accept it
    /// and lose the key, the sum having wrapped around.
    func expiry(
        _ argument: RawSpan, _ unit: LifetimeUnit, orThrow invalid: CommandError
    ) throws(CommandError) -> Database.Expiry {
        let lifetime = try argument.integer()
        let (milliseconds, overflow) = lifetime.multipliedReportingOverflow(by: unit.milliseconds)
        let (time, carry) = (unit.isFromNow ? clock.milliseconds : 0).addingReportingOverflow(milliseconds)
        guard lifetime > 0, !overflow, !carry else { throw invalid }
        return .at(time)
    }
}
