import Memory
import RESP
import SlotStorage

extension Server {
    /// `COPY source destination [DB number] [REPLACE]`: the copy has the expiry of the original. O(size of the value).
    mutating func copy(_ request: Request, _ client: Client) throws(CommandError) {
        var target = client.state.database
        var isReplacing = false
        var index = 3
        while index < request.count {
            if request[index].equalsIgnoringCase("replace") {
                isReplacing = true
            } else if request[index].equalsIgnoringCase("db"), index + 1 < request.count {
                index += 1
                guard let number = database(numbered: request[index]) else { throw .noSuchCopyDatabase }
                target = number
            } else {
                throw .syntax
            }
            index += 1
        }
        let (source, key) = (request[1], request[2])
        if target == client.state.database, source.elementsEqual(key) { throw .sameObject }
        guard let entry = findForReading(source, client) else { return client.reply.integer(0) }
        if let old = keyspace[target].find(key), !isExpired(old, in: target), !isReplacing {
            return client.reply.integer(0)
        }
        let expiry = entry.expiry
        keyspace[target].set(key, duplicate(entry), expiry: expiry.map { .at($0) } ?? .none)
        changed(key, in: target)
        propagateCopy(of: key, in: target)
        notify(.generic, "copy_to", key, in: target)
        client.reply.integer(1)
    }

    /// A value of its own, by way of its serialised form: the one place that knows every type.
    private func duplicate(_ entry: Entry) -> Value {
        var writer = RDBWriter(compresses: false)
        ValuePayload.write(entry, to: &writer)
        do throws(ValuePayload.Failure) {
            return try ValuePayload.decode(writer.output.bytes, limits: configuration.encodingLimits)
        } catch {
            preconditionFailure("a value cannot be read as it was written")
        }
    }
}
