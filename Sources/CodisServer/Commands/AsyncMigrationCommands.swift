import Memory
import RESP
import SlotStorage

/// The commands that move keys to another server while everybody else is served: specification, section 7. They only
/// read their arguments; the work is in `Migration/Async/`.
extension Server {
    /// `SLOTSMGRTONE-ASYNC host port timeout maxbulks maxbytes key [key ...]`
    mutating func slotsmgrtoneAsync(_ request: Request, _ client: Client) {
        migrate(request, client) { _ throws(BadParameter) in .keys(Self.keys(from: 6, of: request)) }
    }

    /// `SLOTSMGRTTAGONE-ASYNC host port timeout maxbulks maxbytes key [key ...]`
    mutating func slotsmgrttagoneAsync(_ request: Request, _ client: Client) {
        migrate(request, client) { _ throws(BadParameter) in .tagGroups(of: Self.keys(from: 6, of: request)) }
    }

    /// `SLOTSMGRTSLOT-ASYNC host port timeout maxbulks maxbytes slot numkeys`
    mutating func slotsmgrtslotAsync(_ request: Request, _ client: Client) {
        migrate(request, client) { parameters throws(BadParameter) in
            try .someKeys(ofSlot: parameters.slot(), messages: parameters.numkeys())
        }
    }

    /// `SLOTSMGRTTAGSLOT-ASYNC host port timeout maxbulks maxbytes slot numkeys`
    mutating func slotsmgrttagslotAsync(_ request: Request, _ client: Client) {
        migrate(request, client) { parameters throws(BadParameter) in
            try .someTagGroups(ofSlot: parameters.slot(), messages: parameters.numkeys())
        }
    }

    private static func keys(from first: Int, of request: Request) -> [[UInt8]] {
        (first..<request.count).map { request[$0].array }
    }

    private mutating func migrate(
        _ request: Request, _ client: Client,
        _ subject: (AsyncParameters) throws(BadParameter) -> AsyncBatch.Subject
    ) {
        let database = client.state.database
        do throws(BadParameter) {
            let parameters = AsyncParameters(request)
            let port = try parameters.port()
            let limits = try parameters.limits(configuration.clientOutputBufferLimit.normal)
            let batch = try AsyncBatch(
                database: database, subject: subject(parameters), limits: limits, now: clock.monotonic)
            if migration.isBatchUnderWay(in: database) {
                return client.reply.append("-ERR the specified DB is being migrated\r\n")
            }
            let target = MigrationTarget(host: request[1].text, port: port, authenticates: true)
            submit(batch, to: target, client)
        } catch {
            client.reply.error(error.text)
        }
    }

    /// `SLOTSMGRTONE-ASYNC-DUMP timeout maxbulks key [key ...]`: the messages that would be sent, without sending them.
    mutating func slotsmgrtoneAsyncDump(_ request: Request, _ client: Client) {
        dumpMessages(request, client, withTags: false)
    }

    /// `SLOTSMGRTTAGONE-ASYNC-DUMP timeout maxbulks key [key ...]`
    mutating func slotsmgrttagoneAsyncDump(_ request: Request, _ client: Client) {
        dumpMessages(request, client, withTags: true)
    }

    private mutating func dumpMessages(_ request: Request, _ client: Client, withTags: Bool) {
        do throws(BadParameter) {
            let limits = try AsyncParameters(request).dumpLimits()
            var messages = ReplyBuffer()
            var count = 0
            var workspace = KeyTransfer.Workspace()
            workspace.writer.compresses = configuration.rdbcompression
            for entry in entriesToDump(request, client.state.database, withTags: withTags) {
                var transfer = KeyTransfer(entry)
                while transfer.stage != .done {
                    let length = transfer.writeNext(to: &messages, limits, now: clock.milliseconds, &workspace)
                    if length != nil { count += 1 }
                }
            }
            client.reply.array(count)
            client.state.reply.append(contentsOf: &messages)
        } catch {
            client.reply.error(error.text)
        }
    }

    private func entriesToDump(_ request: Request, _ database: Int, withTags: Bool) -> [Entry] {
        var entries: [Entry] = []
        var seen: Set<UInt> = []
        for index in 3..<request.count {
            let tag = SlotTag(of: request[index])
            var found: [Entry] = []
            if withTags, tag.isTagged {
                found = keyspace[database].tagGroup(tag.crc)
            } else if let entry = keyspace[database].find(request[index]) {
                found = [entry]
            }
            for entry in found where entry.expiry ?? .max > clock.milliseconds {
                if seen.insert(entry.address).inserted { entries.append(entry) }
            }
        }
        return entries
    }

    /// `SLOTSMGRT-ASYNC-FENCE`: waits for the end of the batch that is under way in this database, and gets its reply.
    mutating func slotsmgrtAsyncFence(_ client: Client) {
        guard let link = migration.asyncLinks[client.state.database], link.batch != nil else {
            return client.reply.ok()
        }
        link.waiters.append(client.state.id)
        client.state.flags.insert(.waitsForReply)
    }

    /// `SLOTSMGRT-ASYNC-CANCEL`: ends the batch, and closes the connection even if it is idle.
    mutating func slotsmgrtAsyncCancel(_ client: Client) {
        guard let link = migration.asyncLinks[client.state.database] else { return client.reply.integer(0) }
        interrupt(link, .canceled)
        client.reply.integer(1)
    }
}

/// A parameter that cannot be used, with the error for it.
struct BadParameter: Error {
    let text: String
}

/// The parameters of the asynchronous family: canonical decimals of 32 bits, 0 for a default.
private struct AsyncParameters: ~Escapable {
    private let request: Request

    @_lifetime(copy request)
    init(_ request: Request) { self.request = request }

    private static let defaultTimeout = 30_000
    private static let mostBulks = 512 * 1024
    /// 1 GiB, less a byte.
    private static let mostBytes = 1 << 30 - 1

    func port() throws(BadParameter) -> Int { try number(2, "port", in: 1...65_535) }

    /// No more bytes may be under way than a client may have waiting.
    func limits(_ output: OutputBufferLimit) throws(BadParameter) -> TransferLimits {
        let timeout = try number(3, "timeout")
        let bulks = try number(4, "maxbulks")
        let bytes = try number(5, "maxbytes")
        return TransferLimits(
            timeout: timeout == 0 ? Self.defaultTimeout : timeout,
            bulks: bulks == 0 ? 200 : min(bulks, Self.mostBulks),
            bytes: ([bytes == 0 ? 512 * 1024 : bytes, Self.mostBytes] + [output.soft, output.hard].filter { $0 > 0 })
                .reduce(.max, min))
    }

    func dumpLimits() throws(BadParameter) -> TransferLimits {
        let timeout = try number(1, "timeout")
        let bulks = try number(2, "maxbulks")
        return TransferLimits(
            timeout: timeout == 0 ? Self.defaultTimeout : timeout,
            bulks: bulks == 0 ? 1000 : min(bulks, Self.mostBulks), bytes: .max)
    }

    func slot() throws(BadParameter) -> Int { try number(6, "slot", in: 0...SlotTag.slotCount - 1) }

    func numkeys() throws(BadParameter) -> Int {
        let number = try number(7, "numkeys")
        return number == 0 ? 100 : number
    }

    private func number(
        _ index: Int, _ name: String, in range: ClosedRange<Int> = 0...Int(Int32.max)
    ) throws(BadParameter) -> Int {
        if let number = Int64(canonical: request[index]), let exact = Int(exactly: number), range.contains(exact) {
            return exact
        }
        // As C prints it: up to the first zero byte.
        let text = String(decoding: request[index].array.prefix { $0 != 0 }, as: UTF8.self)
        throw BadParameter(text: "ERR invalid value of \(name) (\(text))")
    }
}
