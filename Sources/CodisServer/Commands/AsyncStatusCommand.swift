import Memory
import RESP
import SlotStorage

/// `SLOTSMGRT-ASYNC-STATUS`: where the asynchronous migration from the selected database stands. Names and values, as
/// codis-server 3.2 tells them; numbers are bulk strings. With `PROGRESS` how fast it goes and who waits, which
/// codis-server does not tell.
extension Server {
    func slotsmgrtAsyncStatus(_ request: Request, _ client: Client) {
        if request.count == 2, request[1].equalsIgnoringCase("progress") { return replyProgress(client) }
        guard let link = migration.asyncLinks[client.state.database] else { return client.reply.nullArray() }
        client.state.reply.array(18)
        client.state.reply.pair("host", link.target.host)
        client.state.reply.pair("port", link.target.port)
        client.state.reply.pair("used", link.hasGreeted ? 1 : 0)
        client.state.reply.pair("timeout", link.timeout)
        client.state.reply.pair("lastuse", Int(link.lastUse))
        client.state.reply.pair("since_lastuse", Int(clock.milliseconds - link.lastUse))
        client.state.reply.pair("sending_msgs", link.unacknowledged.count)
        client.state.reply.pair("blocked_clients", link.waiters.filter { clients[$0] != nil }.count)
        client.state.reply.bulk("batched_iterator")
        guard let batch = link.batch else { return client.reply.nullArray() }
        client.state.reply.describe(batch)
    }

    private func replyProgress(_ client: Client) {
        let batch = migration.asyncLinks[client.state.database]?.batch
        let figures = (batch.map { self.figures(of: $0) } ?? []) + migrationFigures
        client.reply.array(2 * figures.count)
        for (name, value) in figures {
            client.state.reply.bulk(name)
            client.state.reply.bulk(decimal: Int64(value))
        }
    }
}

extension ReplyBuffer {
    fileprivate mutating func pair(_ name: StaticString, _ value: String) {
        bulk(name)
        bulk(value)
    }

    fileprivate mutating func pair(_ name: StaticString, _ value: Int) {
        bulk(name)
        bulk(decimal: Int64(value))
    }

    fileprivate mutating func describe(_ batch: AsyncBatch) {
        array(16)
        bulk("keys")
        array(2)
        bulk(decimal: Int64(batch.keys.count))
        array(batch.keys.count)
        for entry in batch.keys { bulk(entry.key) }
        pair("timeout", batch.limits.timeout)
        pair("maxbulks", batch.limits.bulks)
        pair("maxbytes", batch.limits.bytes)
        pair("estimate_msgs", batch.estimatedMessages)
        pair("removed_keys", batch.keysWritten)
        pair("chunked_vals", batch.valuesInPieces)
        bulk("iterators")
        array(2)
        bulk(decimal: Int64(batch.keys.count - batch.keysWritten))
        if batch.keysWritten < batch.keys.count {
            describe(batch.transfer ?? KeyTransfer(batch.keys[batch.keysWritten]), batch.limits)
        } else {
            nullArray()
        }
    }

    private mutating func describe(_ transfer: KeyTransfer, _ limits: TransferLimits) {
        let entry = transfer.entry
        let sent = transfer.elementsSent
        array(16)
        bulk("key")
        bulk(entry.key)
        pair("val.type", Int(entry.type.rawValue))
        pair("stage", transfer.stage.rawValue)
        pair("expire", Int(entry.expiry ?? -1))
        // How far the value is sent, under the name that its type has for it.
        pair("cursor", entry.type == .hash || entry.type == .set ? sent : 0)
        pair("lindex", entry.type == .list ? sent : 0)
        pair("zindex", entry.type == .sortedSet ? sent : 0)
        pair("chunked_msgs", entry.goesInPieces(limits) ? entry.estimatedMessages(limits) : 0)
    }
}
