import Memory
import RESP
import SlotStorage

/// Strings as runs of bits; bit 0 is the highest bit of the first byte.
extension Server {
    mutating func setbit(_ request: Request, _ client: Client) throws(CommandError) {
        let key = request[1]
        let offset = try bitOffset(request[2])
        let bit = try request[3].integer(orThrow: .bitValue)
        guard bit == 0 || bit == 1 else { throw .bitValue }
        _ = try stringForWriting(key, client)
        var old = false
        keyspace[client.state.database].modifyString(key, minimumLength: offset / 8 + 1) {
            old = $0.setBit(at: offset, to: bit == 1)
        }
        changed(key, in: client.state.database)
        notify(.string, "setbit", key, in: client.state.database)
        client.reply.integer(old ? 1 : 0)
    }

    mutating func getbit(_ request: Request, _ client: Client) throws(CommandError) {
        let offset = try bitOffset(request[2])
        let bit = try stringForReading(request[1], client)?.withString { $0.bit(at: offset) } ?? false
        client.reply.integer(bit ? 1 : 0)
    }

    /// `BITCOUNT key [start end]`, the ends in bytes.
    mutating func bitcount(_ request: Request, _ client: Client) throws(CommandError) {
        guard let entry = try stringForReading(request[1], client) else { return client.reply.integer(0) }
        var range: Range<Int>? = 0..<entry.stringLength
        switch request.count {
        case 2: break
        case 4:
            range = try Range(
                from: request[2].integer(), through: request[3].integer(), count: entry.stringLength)
        default: throw .syntax
        }
        guard let range else { return client.reply.integer(0) }
        client.reply.integer(entry.withString { $0.extracting(range).setBitCount })
    }

    /// `BITPOS key bit [start [end]]`, the ends in bytes. Behind a string whose end is not given all bits are clear.
    mutating func bitpos(_ request: Request, _ client: Client) throws(CommandError) {
        let bit = try request[2].integer()
        guard bit == 0 || bit == 1 else { throw .bitSearchValue }
        guard let entry = try stringForReading(request[1], client) else {
            return client.reply.integer(bit == 1 ? -1 : 0)
        }
        guard request.count <= 5 else { throw .syntax }
        let start = request.count > 3 ? try request[3].integer() : 0
        let end = request.count > 4 ? try request[4].integer() : -1
        guard let range = Range(from: start, through: end, count: entry.stringLength) else {
            return client.reply.integer(-1)
        }
        if let position = entry.withString({ $0.extracting(range).firstBit(thatIs: bit == 1) }) {
            client.reply.integer(range.lowerBound * 8 + position)
        } else {
            client.reply.integer(bit == 0 && request.count < 5 ? range.upperBound * 8 : -1)
        }
    }

    /// `BITOP operation target source [source ...]`; shorter sources count as followed by clear bits.
    mutating func bitop(_ request: Request, _ client: Client) throws(CommandError) {
        let operation = try bitOperation(request[1])
        if operation == nil, request.count != 4 { throw .bitopNotKeys }
        let target = request[2]
        let database = client.state.database
        var length = 0
        for index in 3..<request.count {
            length = max(length, try stringForReading(request[index], client)?.stringLength ?? 0)
        }
        if length > 0 {
            var result = bits(of: request[3], paddedTo: length, client)
            if let operation {
                for index in 4..<request.count { combine(&result, operation, request[index], client) }
            } else {
                invert(&result)
            }
            notifyIfExpired(target, client)
            keyspace[database].setString(target, result)
            changed(target, in: database)
            notify(.string, "set", target, in: database)
        } else if keyspace[database].remove(target) {
            changed(target, in: database)
            notify(.generic, "del", target, in: database)
        }
        client.reply.integer(length)
    }

    private func bitOffset(_ argument: RawSpan) throws(CommandError) -> Int {
        let offset = try argument.integer(orThrow: .bitOffset)
        guard offset >= 0, offset / 8 < Self.longestString else { throw .bitOffset }
        return Int(offset)
    }

    /// `nil` for NOT, which has one source only.
    private func bitOperation(_ name: RawSpan) throws(CommandError) -> BitOperation? {
        if name.equalsIgnoringCase("and") { return .and }
        if name.equalsIgnoringCase("or") { return .or }
        if name.equalsIgnoringCase("xor") { return .exclusiveOr }
        if name.equalsIgnoringCase("not") { return nil }
        throw .syntax
    }

    /// A copy of the string at `key`, which may be absent, with clear bits behind it.
    private mutating func bits(of key: RawSpan, paddedTo length: Int, _ client: Client) -> StringDraft {
        guard let entry = findForWriting(key, client) else { return StringDraft(RawSpan(), paddedTo: length) }
        return entry.withString { StringDraft($0, paddedTo: length) }
    }

    private mutating func combine(
        _ result: inout StringDraft, _ operation: BitOperation, _ key: RawSpan, _ client: Client
    ) {
        var bits = result.bytes
        guard let entry = findForWriting(key, client) else { return bits.combine(operation, with: RawSpan()) }
        entry.withString { bits.combine(operation, with: $0) }
    }

    private func invert(_ result: inout StringDraft) {
        var bits = result.bytes
        bits.invertBits()
    }
}
