import Glibc
import Memory
import RESP
import SlotStorage

extension Server {
    /// DEBUG: what tests and tools look at, and ways to trouble the server.
    mutating func debug(_ request: Request, _ client: Client) throws(CommandError) {
        let subcommand = request[1]
        switch request.count {
        case 2 where subcommand.equalsIgnoringCase("segfault"):
            Crash.segmentationFault()
        case 2 where subcommand.equalsIgnoringCase("digest"):
            client.reply.status(Array(DatasetDigest(of: keyspace, at: clock.milliseconds).hexadecimal.utf8).bytes)
        case 2 where subcommand.equalsIgnoringCase("reload"):
            try debugReload(client)
        case 2 where subcommand.equalsIgnoringCase("loadaof"):
            debugLoadAppendOnlyFile(client)
        case 2 where subcommand.equalsIgnoringCase("assert"):
            Crash.failedAssertion()
        case 3 where subcommand.equalsIgnoringCase("sdslen"):
            try debugStringLength(request[2], client)
        case 3 where subcommand.equalsIgnoringCase("htstats"):
            try debugTables(request[2], client)
        case 3 where subcommand.equalsIgnoringCase("object"):
            try debugObject(request[2], client)
        case 3 where subcommand.equalsIgnoringCase("sleep"):
            try debugSleep(request[2], client)
        case 3 where subcommand.equalsIgnoringCase("set-active-expire"):
            activeExpiryIsOn = try request[2].integer() != 0
            client.reply.ok()
        case 3 where subcommand.equalsIgnoringCase("error"):
            client.reply.error(request[2].text)
        case 3 where subcommand.equalsIgnoringCase("populate"), 4 where subcommand.equalsIgnoringCase("populate"):
            try debugPopulate(request, client)
        default:
            client.reply.error(
                "ERR Unknown DEBUG subcommand or wrong number of arguments for '\(subcommand.text)'")
        }
    }

    /// How a value is kept. The key is found whether its time has passed or not, and its access clock stays.
    private func debugObject(_ key: RawSpan, _ client: Client) throws(CommandError) {
        guard let entry = keyspace[client.state.database].find(key) else { throw .noSuchKey }
        var writer = RDBWriter(compresses: configuration.rdbcompression)
        writer.writeTypeAndValue(entry)
        let text = """
            Value at:0x\(String(entry.address, radix: 16)) refcount:1 encoding:\(entry.encoding.name) \
            serializedlength:\(writer.output.count - 1) lru:\(entry.accessClock) lru_seconds_idle:\(idleTime(of: entry))
            """
        client.reply.status(Array(text.utf8).bytes)
    }

    /// The lengths of a key and its string. None has room to spare that could be told.
    private func debugStringLength(_ key: RawSpan, _ client: Client) throws(CommandError) {
        guard let entry = keyspace[client.state.database].find(key) else { throw .noSuchKey }
        guard entry.type == .string, entry.encoding != .integer else {
            return client.reply.append("-ERR Not an sds encoded string.\r\n")
        }
        let text = "key_sds_len:\(key.byteCount), key_sds_avail:0, val_sds_len:\(entry.stringLength), val_sds_avail:0"
        client.reply.status(Array(text.utf8).bytes)
    }

    /// How full the slots of a database and their tables are.
    private func debugTables(_ argument: RawSpan, _ client: Client) throws(CommandError) {
        let number = try argument.integer()
        guard let database = Int(exactly: number), (0..<keyspace.databaseCount).contains(database) else {
            return client.reply.append("-ERR Out of range database\r\n")
        }
        var (slots, buckets, most) = (0, 0, 0)
        for slot in 0..<SlotTag.slotCount {
            let count = keyspace[database].count(inSlot: slot)
            if count == 0 { continue }
            slots += 1
            buckets += keyspace[database].bucketCount(inSlot: slot)
            most = max(most, count)
        }
        let keys = keyspace[database].count
        let mean = InfoText.twoDecimals(Double(keys) / Double(max(buckets, 1)))
        client.reply.bulk(
            """
            slots in use: \(slots)
            keys: \(keys)
            keys that expire: \(keyspace[database].expiringCount)
            most keys in a slot: \(most)
            buckets: \(buckets)
            keys in a bucket: \(mean)

            """)
    }

    /// Holds the whole server for so many seconds.
    private func debugSleep(_ argument: RawSpan, _ client: Client) throws(CommandError) {
        guard let seconds = Double(argument.text), seconds.isFinite else { throw .notAFloat }
        usleep(UInt32(min(max(seconds, 0) * 1e6, Double(UInt32.max))))
        client.reply.ok()
    }

    /// Makes keys `key:0`, `key:1`, ... (or with another prefix) where there are none.
    private mutating func debugPopulate(_ request: Request, _ client: Client) throws(CommandError) {
        let count = try request[2].integer()
        let prefix =
            request.count == 4 ? ByteBuffer(copying: request[3]) : ByteBuffer(copying: StaticString("key").bytes)
        let database = client.state.database
        for number in 0..<max(count, 0) {
            let key = Self.numbered(prefix.bytes, number)
            if findForReading(key.bytes, client) != nil { continue }
            keyspace[database].setString(key.bytes, Self.numbered(StaticString("value").bytes, number).bytes)
        }
        client.reply.ok()
    }

    /// `prefix:number`
    private static func numbered(_ prefix: RawSpan, _ number: Int64) -> ByteBuffer {
        var text = ByteBuffer(copying: prefix)
        text.append(UInt8(ascii: ":"))
        var digits: [20 of UInt8] = .init(repeating: 0)
        for index in number.writeDecimal(into: &digits)..<20 { text.append(digits[index]) }
        return text
    }
}
