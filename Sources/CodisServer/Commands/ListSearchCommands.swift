import Memory
import RESP
import SlotStorage

/// Commands of lists that came with Redis 6.
extension Server {
    /// `LMOVE source destination LEFT|RIGHT LEFT|RIGHT`: both may be the same list.
    mutating func lmove(_ request: Request, _ client: Client) throws(CommandError) {
        let (from, to) = (try listEnd(request[3]), try listEnd(request[4]))
        let (source, target, database) = (request[1], request[2], client.state.database)
        guard let entry = try findForWriting(source, holding: .list, client) else { return client.reply.null() }
        let targetEntry = try findForWriting(target, holding: .list, client)
        let limits = configuration.encodingLimits
        var element = ByteBuffer()
        entry.list.pop(from: from) { element.append($0) }
        if let targetEntry {
            targetEntry.list.push(element.bytes, to: to, limits)
        } else {
            var list = ListValue.empty()
            list.push(element.bytes, to: to, limits)
            keyspace[database].set(target, list.value)
        }
        notify(.list, to == .head ? "lpush" : "rpush", target, in: database)
        notify(.list, from == .head ? "lpop" : "rpop", source, in: database)
        // What was set above may have moved the source's entry.
        if let rest = keyspace[database].find(source), rest.list.count == 0 {
            keyspace[database].remove(source)
            notify(.generic, "del", source, in: database)
        }
        changed(target, in: database)
        changed(source, in: database, times: 0)
        propagateMove(of: element.bytes, from: source, from, to: target, to, in: database)
        client.reply.bulk(element.bytes)
    }

    private func listEnd(_ word: RawSpan) throws(CommandError) -> ListEnd {
        if word.equalsIgnoringCase("left") { return .head }
        if word.equalsIgnoringCase("right") { return .tail }
        throw .syntax
    }

    /// `LPOS key element [RANK rank] [COUNT count] [MAXLEN length]`: where an element stands. O(n).
    mutating func lpos(_ request: Request, _ client: Client) throws(CommandError) {
        let options = try PositionOptions(request)
        guard let list = try findForReading(request[1], holding: .list, client)?.list else {
            return options.count == nil ? client.reply.null() : client.reply.array(0)
        }
        let positions = options.positions(of: request[2], in: list)
        if options.count != nil {
            client.reply.array(positions.count)
            for position in positions { client.reply.integer(position) }
        } else if let position = positions.first {
            client.reply.integer(position)
        } else {
            client.reply.null()
        }
    }
}

/// What may follow the element in LPOS.
private struct PositionOptions {
    /// Which of the equal elements is the first to be answered; negative ones count from the end.
    private var rank: Int64 = 1
    /// How many positions to answer, 0 for all; `nil` for one alone, without an array.
    private(set) var count: Int64?
    /// Elements that are looked at; 0 for all.
    private var length: Int64 = 0

    init(_ request: borrowing Request) throws(CommandError) {
        var index = 3
        while index + 1 < request.count {
            let number = try request[index + 1].integer()
            if request[index].equalsIgnoringCase("rank") {
                guard number != 0, number != .min else { throw .zeroRank }
                rank = number
            } else if request[index].equalsIgnoringCase("count") {
                guard number >= 0 else { throw .negativeCount }
                count = number
            } else if request[index].equalsIgnoringCase("maxlen") {
                guard number >= 0 else { throw .negativeMaxlen }
                length = number
            } else {
                throw .syntax
            }
            index += 2
        }
        if index < request.count { throw .syntax }
    }

    func positions(of element: RawSpan, in list: ListValue) -> [Int] {
        let total = list.count
        let seen = length == 0 ? total : Int(min(length, Int64(total)))
        var equal: [Int] = []
        if rank < 0 {
            var position = total
            list.forEachReversed(in: total - seen..<total) { candidate in
                position -= 1
                if candidate.elementsEqual(element) { equal.append(position) }
            }
        } else {
            var position = 0
            list.forEach(in: 0..<seen) { candidate in
                if candidate.elementsEqual(element) { equal.append(position) }
                position += 1
            }
        }
        let wanted = count == 0 ? Int.max : Int(count ?? 1)
        return Array(equal.dropFirst(Int(rank.magnitude) - 1).prefix(wanted))
    }
}
