import Memory
import RESP
import SlotStorage

/// The list commands that wait for an element where there is none, and how they get it.
///
/// A client that waits is suspended: it has no reply yet, and what it sends meanwhile lies in its input. It goes on
/// when it is served, when its time has passed, or ends with its connection. Where nothing may wait
/// (``ClientState/Flags/mayNotWait``) the reply is that of a time that has passed.
extension Server {
    /// `BLPOP key [key ...] timeout`: the first element of the first list there is; the timeout in seconds, 0 for none.
    mutating func blpop(_ request: Request, _ client: Client) throws(CommandError) {
        try popOrWait(request, client, from: .head)
    }

    mutating func brpop(_ request: Request, _ client: Client) throws(CommandError) {
        try popOrWait(request, client, from: .tail)
    }

    private mutating func popOrWait(_ request: Request, _ client: Client, from end: ListEnd) throws(CommandError) {
        let (database, last) = (client.state.database, request.count - 1)
        let deadline = try deadline(request[last])
        for index in 1..<last {
            let key = request[index]
            guard let entry = try findForWriting(key, holding: .list, client) else { continue }
            client.reply.array(2)
            client.reply.bulk(key)
            let isEmpty = popElement(of: entry, at: end, key, in: database) { client.reply.bulk($0) }
            propagation.keepOut()
            propagatePop(of: key, from: end, in: database)
            changed(key, in: database)
            return notifyPop(key, from: end, isEmpty: isEmpty, in: database)
        }
        if client.state.flags.contains(.mayNotWait) { return client.reply.nullArray() }
        var keys: [[UInt8]] = []
        for index in 1..<last {
            let key = request[index].array
            if !keys.contains(key) { keys.append(key) }
        }
        block(client, keys, from: end, target: nil, deadline: deadline)
    }

    /// `BRPOPLPUSH source destination timeout`
    mutating func brpoplpush(_ request: Request, _ client: Client) throws(CommandError) {
        let deadline = try deadline(request[3])
        if try findForWriting(request[1], holding: .list, client) != nil {
            try rpoplpush(request, client)
            return propagateInstead(in: client.state.database) { $0.appendMove(from: request[1], to: request[2]) }
        }
        if client.state.flags.contains(.mayNotWait) { return client.reply.null() }
        block(client, [request[1].array], from: .tail, target: request[2].array, deadline: deadline)
    }

    /// The moment a timeout in seconds ends, in nanoseconds of `Clock.monotonic`; `nil` for 0, and for times beyond
    /// centuries.
    private func deadline(_ argument: RawSpan) throws(CommandError) -> Int64? {
        let seconds = try argument.integer(orThrow: .notATimeout)
        guard seconds >= 0 else { throw .negativeTimeout }
        let (nanoseconds, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (time, carry) = nanoseconds.addingReportingOverflow(clock.monotonic)
        return seconds == 0 || overflow || carry ? nil : time
    }

    private mutating func block(
        _ client: Client, _ keys: [[UInt8]], from end: ListEnd, target: [UInt8]?, deadline: Int64?
    ) {
        client.state.flags.insert(.waitsForReply)
        blockedClients.add(
            BlockedClients.Wait(
                client: client.state.id, database: client.state.database, keys: keys, end: end, target: target,
                deadline: deadline))
    }

    /// Blocking commands are told as those that do not wait.
    private mutating func propagatePop(of key: RawSpan, from end: ListEnd, in database: Int) {
        propagate(in: database) { commands in
            commands.array(2)
            commands.bulk(end == .head ? "LPOP" : "RPOP")
            commands.bulk(key)
        }
    }

    // MARK: The end of waiting

    /// Replies to the clients whose time has passed.
    mutating func timeOutBlockedClients() {
        while let id = blockedClients.takeExpired(at: clock.monotonic) {
            guard let client = clients[id] else { continue }
            replyLate(to: client) { _ in client.reply.nullArray() }
            resume(client)
        }
    }

    /// Gives elements of the lists that have become ready to those who wait for them: key after key in the order the
    /// keys got ready, client after client in the order they came. An element that BRPOPLPUSH moves may make another
    /// list ready.
    mutating func serveBlockedClients() {
        // Not within a script, even if others are served meanwhile.
        guard scripting.run == nil else { return }
        while blockedClients.hasReadyKeys {
            for ready in blockedClients.takeReadyKeys() { serveClients(waitingFor: ready.key, in: ready.database) }
        }
    }

    private mutating func serveClients(waitingFor key: [UInt8], in database: Int) {
        // Those before this place wait for the pin of their target.
        var place = 0
        while let id = blockedClients.client(at: place, waitingFor: key.bytes, in: database) {
            guard let entry = keyspace[database].find(key.bytes), !isExpired(entry, in: database), entry.type == .list
            else { return }
            if isHeld(entry, in: database) {
                return migration.pins.wait(forListAt: key, untilUnpinned: key, in: database)
            }
            if snapshot.isOn { preserve(entry, in: database) }
            guard let client = clients[id], let wait = blockedClients.wait(of: id) else {
                preconditionFailure("a client that has gone waits")
            }
            let isServed = replyLate(to: client) { server in server.serve(client, wait, with: entry, key) }
            if isServed { resume(client) } else { place += 1 }
        }
    }

    /// Ends a client's waiting with an element of the list, or with an error where the target is no list. `false` when
    /// the target is pinned, and nothing has happened. Only of the target's change others are notified, as in Redis.
    private mutating func serve(
        _ client: Client, _ wait: BlockedClients.Wait, with entry: Entry, _ key: [UInt8]
    ) -> Bool {
        let database = wait.database
        guard let target = wait.target else {
            blockedClients.remove(wait.client)
            client.reply.array(2)
            client.reply.bulk(key)
            _ = popElement(of: entry, at: wait.end, key.bytes, in: database) { client.reply.bulk($0) }
            propagatePop(of: key.bytes, from: wait.end, in: database)
            changed(key.bytes, in: database, times: 0)
            return true
        }
        if let targetEntry = keyspace[database].find(target.bytes), isHeld(targetEntry, in: database) {
            migration.pins.wait(forListAt: key, untilUnpinned: target, in: database)
            return false
        }
        blockedClients.remove(wait.client)
        if let targetEntry = findForWriting(target.bytes, client), targetEntry.type != .list {
            client.reply.append(CommandError.wrongType.reply)
            return true
        }
        moveElement(from: key.bytes, to: target.bytes, in: database) { client.reply.bulk($0) }
        propagate(in: database) { $0.appendMove(from: key.bytes, to: target.bytes) }
        changed(target.bytes, in: database, times: 0)
        changed(key.bytes, in: database, times: 0)
        notify(.list, "lpush", target.bytes, in: database)
        return true
    }
}

extension CommandBuffer {
    fileprivate mutating func appendMove(from source: RawSpan, to target: RawSpan) {
        array(3)
        bulk("RPOPLPUSH")
        bulk(source)
        bulk(target)
    }
}
