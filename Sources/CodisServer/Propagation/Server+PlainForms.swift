import Memory
import RESP
import SlotStorage

/// What commands of later versions did, in the words of Redis 2.8: replicas and readers of the append-only file may be no
/// younger.
extension Server {
    /// Tells the request under another name, with the same arguments.
    mutating func propagate(_ request: Request, as name: StaticString, in database: Int) {
        propagateInstead(in: database) { commands in
            commands.array(request.count)
            commands.bulk(name)
            for index in 1..<request.count { commands.bulk(request[index]) }
        }
    }

    /// Tells the scores that members of a sorted set have by now. The members are every `step`th argument from `first`
    /// on; those that are not in the set are left out.
    mutating func propagateScores(
        of request: Request, membersFrom first: Int, step: Int, in database: Int
    ) {
        guard !propagation.listeners.isEmpty, let set = keyspace[database].find(request[1])?.sortedSet else { return }
        let members = stride(from: first, to: request.count, by: step).filter { set.score(of: request[$0]) != nil }
        if members.isEmpty { return propagation.keepOut() }
        propagateInstead(in: database) { commands in
            commands.array(2 + 2 * members.count)
            commands.bulk("ZADD")
            commands.bulk(request[1])
            for index in members {
                set.score(of: request[index])?.withScoreText { commands.bulk($0) }
                commands.bulk(request[index])
            }
        }
    }

    /// Tells a sorted set that was made anew, or that there is none.
    mutating func propagateSortedSet(under key: RawSpan, in database: Int) {
        guard !propagation.listeners.isEmpty else { return }
        let set = keyspace[database].find(key)?.sortedSet
        propagateInstead(in: database, together: true) { commands in
            commands.array(2)
            commands.bulk("DEL")
            commands.bulk(key)
            guard let set else { return }
            for start in stride(from: 0, to: set.count, by: Self.membersPerCommand) {
                let ranks = start..<min(start + Self.membersPerCommand, set.count)
                commands.array(2 + 2 * ranks.count)
                commands.bulk("ZADD")
                commands.bulk(key)
                set.forEach(in: ranks) { member, score in
                    score.withScoreText { commands.bulk($0) }
                    commands.bulk(member)
                }
            }
        }
    }

    /// Tells a key with its value and expiry, in the place of what there may be.
    mutating func propagateCopy(of key: RawSpan, in database: Int) {
        guard !propagation.listeners.isEmpty, let entry = keyspace[database].find(key) else { return }
        var writer = RDBWriter(compresses: configuration.rdbcompression)
        ValuePayload.write(entry, to: &writer)
        propagateRestore(of: key, writer.output.bytes, replacing: true, expiry: entry.expiry, in: database)
    }

    /// Tells that a key was restored from a payload.
    mutating func propagateRestore(
        of key: RawSpan, _ payload: RawSpan, replacing: Bool, expiry: Int64?, in database: Int
    ) {
        propagateInstead(in: database, together: replacing || expiry != nil) { commands in
            if replacing {
                commands.array(2)
                commands.bulk("DEL")
                commands.bulk(key)
            }
            commands.array(4)
            commands.bulk("RESTORE")
            commands.bulk(key)
            commands.bulk("0")
            commands.bulk(payload)
            guard let expiry else { return }
            commands.array(3)
            commands.bulk("PEXPIREAT")
            commands.bulk(key)
            commands.bulk(decimal: expiry)
        }
    }

    /// Tells that an element went from one list to another, or from one end of a list to the other.
    mutating func propagateMove(
        of element: RawSpan, from source: RawSpan, _ sourceEnd: ListEnd, to target: RawSpan, _ targetEnd: ListEnd,
        in database: Int
    ) {
        let isKnown = sourceEnd == .tail && targetEnd == .head
        propagateInstead(in: database, together: !isKnown) { commands in
            if isKnown {
                commands.array(3)
                commands.bulk("RPOPLPUSH")
                commands.bulk(source)
                return commands.bulk(target)
            }
            // First comes what keeps the list there, and its expiry, if both are the same.
            commands.array(3)
            commands.bulk(targetEnd == .head ? "LPUSH" : "RPUSH")
            commands.bulk(target)
            commands.bulk(element)
            commands.array(2)
            commands.bulk(sourceEnd == .head ? "LPOP" : "RPOP")
            commands.bulk(source)
        }
    }

    /// Tells how many elements went from an end of a list.
    mutating func propagatePops(of count: Int, from key: RawSpan, _ end: ListEnd, in database: Int) {
        propagateInstead(in: database) { commands in
            commands.array(4)
            commands.bulk("LTRIM")
            commands.bulk(key)
            commands.bulk(decimal: Int64(end == .head ? count : 0))
            commands.bulk(decimal: Int64(end == .head ? -1 : -count - 1))
        }
    }

    /// Tells some bytes of a string.
    mutating func propagateBytes(_ range: Range<Int>, of key: RawSpan, in database: Int) {
        guard !propagation.listeners.isEmpty, let entry = keyspace[database].find(key) else { return }
        propagateInstead(in: database) { commands in
            commands.array(4)
            commands.bulk("SETRANGE")
            commands.bulk(key)
            commands.bulk(decimal: Int64(range.lowerBound))
            entry.withString { commands.bulk($0.extracting(range)) }
        }
    }

    /// Members in one command: far fewer than a request may have arguments.
    private static var membersPerCommand: Int { 1000 }
}
