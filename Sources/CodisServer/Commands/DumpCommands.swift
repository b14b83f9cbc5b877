import Logging
import Memory
import RESP
import SlotStorage

/// Values as bytes that another server can take.
extension Server {
    mutating func dump(_ request: Request, _ client: Client) {
        guard let entry = findForReading(request[1], client) else { return client.reply.null() }
        var writer = RDBWriter(compresses: configuration.rdbcompression)
        ValuePayload.write(entry, to: &writer)
        client.reply.bulk(writer.output.bytes)
    }

    /// `RESTORE key ttl payload [REPLACE]`: the ttl in milliseconds from now, 0 for none.
    mutating func restore(_ request: Request, _ client: Client) throws(CommandError) {
        for index in 4..<request.count where !request[index].equalsIgnoringCase("replace") { throw .syntax }
        let (key, database, isReplacing) = (request[1], client.state.database, request.count > 4)
        if !isReplacing, findForWriting(key, client) != nil { throw .busyKey }
        let ttl = try request[2].integer()
        let (time, overflow) = ttl.addingReportingOverflow(clock.milliseconds)
        guard ttl >= 0, !overflow else { throw .invalidRestoreTTL }
        let value = try restoredValue(request[3], of: key)
        keyspace[database].set(key, value, expiry: ttl == 0 ? .none : .at(time))
        changed(key, in: database)
        if isReplacing || ttl != 0 {
            propagateRestore(
                of: key, request[3], replacing: isReplacing, expiry: ttl == 0 ? nil : time, in: database)
        }
        client.reply.ok()
    }

    private func restoredValue(_ payload: RawSpan, of key: RawSpan) throws(CommandError) -> Value {
        do throws(ValuePayload.Failure) {
            return try ValuePayload.decode(payload, limits: configuration.encodingLimits)
        } catch {
            logDamage(in: payload, of: key)
            switch error {
            case .versionOrChecksum: throw .badPayload
            case .badFormat: throw .badDataFormat
            }
        }
    }

    /// Tells the log what the reply to whoever sent a payload has no place for: where it is damaged, and how.
    func logDamage(in payload: RawSpan, of key: RawSpan) {
        guard let damage = ValuePayload.damage(in: payload) else { return }
        logger.notice("The payload for key '\(key.text)' is refused, at byte \(damage.offset): \(damage.cause)")
    }
}
