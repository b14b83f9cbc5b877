import Memory
import RESP
import SlotStorage

/// Walking all keys, or those of a slot, in steps of bounded work.
///
/// Every key that is there from the first call to the last is answered, at least once, whatever comes, goes or changes
/// meanwhile: a key never leaves its slot, and within a slot the dictionary keeps that promise however it grows and
/// shrinks (`Database.scan`). A call ends when it has at least COUNT keys, or has looked at ten times as many buckets.
extension Server {
    /// `SCAN cursor [MATCH pattern] [COUNT count]`
    func scan(_ request: Request, _ client: Client) throws(CommandError) {
        var cursor = ScanCursor(encoded: try request[1].cursor())
        let options = try ScanOptions(request, from: 2)
        var found = collect(options.count, from: &cursor, in: client.state.database)
        let now = clock.milliseconds
        found.removeAll { $0.hasEnded(at: now) }
        if let position = options.patternPosition {
            let pattern = GlobPattern(request[position])
            found.removeAll { !pattern.matches($0.key) }
        }
        reply(found, next: cursor.encoded, client)
    }

    /// `SLOTSSCAN slot cursor [COUNT count]`: expired keys that are still stored are answered as well (specification,
    /// section 4).
    func slotsscan(_ request: Request, _ client: Client) throws(CommandError) {
        guard let slot = try slot(request[1], client) else { return }
        var cursor = try request[2].cursor()
        var count = ScanOptions.usualCount
        if request.count > 3 {
            guard request.count == 5 else {
                return client.reply.append("-ERR wrong number of arguments for 'slotsscan' command\r\n")
            }
            guard request[3].equalsIgnoringCase("count") else { throw .syntax }
            count = try request[4].integer32()
            if count < 1 { throw .syntax }
        }
        var found: [Entry] = []
        var bucketsLeft = ScanOptions.longestWalk(for: count)
        repeat {
            cursor = keyspace[client.state.database].scan(slot: slot, cursor: cursor) { found.append($0) }
            bucketsLeft -= 1
        } while cursor != 0 && found.count < count && bucketsLeft > 0
        reply(found, next: cursor, client)
    }

    /// About `count` keys from `cursor` on, which is moved behind them.
    private func collect(_ count: Int, from cursor: inout ScanCursor, in database: Int) -> [Entry] {
        var found: [Entry] = []
        var bucketsLeft = ScanOptions.longestWalk(for: count)
        skipEmptySlots(&cursor, in: database)
        while !cursor.isAtEnd, found.count < count, bucketsLeft > 0 {
            cursor.advance(keyspace[database].scan(slot: cursor.slot, cursor: cursor.inSlot) { found.append($0) })
            skipEmptySlots(&cursor, in: database)
            bucketsLeft -= 1
        }
        return found
    }

    /// An empty slot costs a glance and is not counted as work: there are 1024 at most.
    private func skipEmptySlots(_ cursor: inout ScanCursor, in database: Int) {
        while cursor.isAtSlotStart, !cursor.isAtEnd, keyspace[database].count(inSlot: cursor.slot) == 0 {
            cursor.advance(0)
        }
    }

    private func reply(_ found: [Entry], next cursor: UInt64, _ client: Client) {
        client.reply.array(2)
        client.reply.bulk(decimal: Int64(bitPattern: cursor))
        client.reply.array(found.count)
        for entry in found { client.reply.bulk(entry.key) }
    }
}

/// Where a SCAN stands: in which slot, and where in it.
///
///     bits 0..9   slot      bits 10..63   the slot's own cursor, of which 32 are used at most
///
/// So 0 is the start of the first slot; the end of the last one is 0 again.
struct ScanCursor {
    private(set) var slot: Int
    /// The cursor of the slot's dictionary; 0 at its start.
    private(set) var inSlot: UInt64

    init(encoded: UInt64) {
        slot = Int(encoded & 1023)
        inSlot = encoded >> 10
    }

    var isAtEnd: Bool { slot == SlotTag.slotCount }
    var isAtSlotStart: Bool { inSlot == 0 }

    var encoded: UInt64 { isAtEnd ? 0 : inSlot << 10 | UInt64(slot) }

    /// Goes on to where the slot's dictionary says, which is the next slot when it says 0.
    mutating func advance(_ next: UInt64) {
        inSlot = next
        if next == 0 { slot += 1 }
    }
}

extension RawSpan {
    /// A cursor, read as leniently as Redis does with `strtoul`: a sign and leading zeros are allowed, what is behind
    /// a NUL byte does not count, nothing at all is 0, and a negative number counts down from 2^64.
    func cursor() throws(CommandError) -> UInt64 {
        let end = firstIndex(of: 0) ?? byteCount
        if end == 0 { return 0 }
        let isSigned = self[0] == UInt8(ascii: "-") || self[0] == UInt8(ascii: "+")
        let start = isSigned ? 1 : 0
        guard start < end else { throw .invalidCursor }
        var magnitude: UInt64 = 0
        for index in start..<end {
            let digit = self[index] &- UInt8(ascii: "0")
            guard digit <= 9 else { throw .invalidCursor }
            let (product, isTooLarge) = magnitude.multipliedReportingOverflow(by: 10)
            let (sum, carries) = product.addingReportingOverflow(UInt64(digit))
            if isTooLarge || carries { throw .invalidCursor }
            magnitude = sum
        }
        return self[0] == UInt8(ascii: "-") ? 0 &- magnitude : magnitude
    }
}
