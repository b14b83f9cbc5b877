import Logging
import Memory
import RESP
import SlotStorage

/// The receiving end of a migration: specification, section 5.
extension Server {
    /// `SLOTSRESTORE key ttl payload [key ttl payload ...]`: everything is decoded before anything is stored, so that
    /// an error changes nothing. Expiries are told to replicas and the append-only file as moments: read later, the
    /// request would mean others.
    mutating func slotsrestore(_ request: Request, _ client: Client) throws(CommandError) {
        guard request.count % 3 == 1 else {
            return client.reply.error("ERR wrong number of arguments for 'slotsrestore' command")
        }
        var values: [Value] = []
        values.reserveCapacity(request.count / 3)
        do throws(CommandError) {
            for index in stride(from: 1, to: request.count, by: 3) {
                _ = try restoredExpiry(request[index + 1])
                values.append(try decode(request[index + 2], of: request[index]))
            }
        } catch {
            for value in values { value.free() }
            throw error
        }
        for (number, value) in values.enumerated() {
            let key = request[number * 3 + 1]
            let expiry = try restoredExpiry(request[number * 3 + 2])
            if keyspace[client.state.database].find(key) != nil {
                logger.warning("slotsrestore: slot = \(SlotTag(of: key).slot), key = '\(key.text)' already exists")
            }
            keyspace[client.state.database].set(key, value, expiry: expiry.map { .at($0) } ?? .none)
            changed(key, in: client.state.database)
        }
        propagateInPlaceOfRelativeTimes(request, client.state.database)
        client.reply.ok()
    }

    /// Tells times of expiry besides the times to live of the request, which begin anew with each repetition (quirk Q7).
    private mutating func propagateInPlaceOfRelativeTimes(_ request: Request, _ database: Int) {
        if propagation.listeners.isEmpty { return }
        let expiring = stride(from: 1, to: request.count, by: 3).filter { !request[$0 + 1].equalsIgnoringCase("0") }
        if expiring.isEmpty { return }
        let times = expiring.map { keyspace[database].find(request[$0])?.expiry }
        propagateInstead(in: database) { commands in
            commands.append(request)
            for (index, time) in zip(expiring, times) {
                // A key that came twice may have no expiry in the end.
                guard let time else { continue }
                commands.array(3)
                commands.bulk("PEXPIREAT")
                commands.bulk(request[index])
                commands.bulk(decimal: time)
            }
        }
    }

    /// The moment that a relative ttl in milliseconds means; `nil` for 0, which is no expiry.
    private func restoredExpiry(_ argument: RawSpan) throws(CommandError) -> Int64? {
        let ttl = try argument.integer()
        guard ttl >= 0 else { throw .invalidSlotsRestoreTTL }
        if ttl == 0 { return nil }
        let (time, overflow) = ttl.addingReportingOverflow(clock.milliseconds)
        if overflow { throw .invalidSlotsRestoreTTL }
        return time
    }

    private func decode(_ payload: RawSpan, of key: RawSpan) throws(CommandError) -> Value {
        do throws(ValuePayload.Failure) {
            return try ValuePayload.decode(payload, limits: configuration.encodingLimits)
        } catch {
            logDamage(in: payload, of: key)
            switch error {
            case .versionOrChecksum: throw .slotsRestorePayload
            case .badFormat: throw .slotsRestoreFormat
            }
        }
    }
}
