import Memory
import RESP
import SlotStorage

/// How handlers find keys and say that they changed them.
extension Server {
    /// The key as a reader sees it: an expired one is gone. Counts a hit or a miss and moves the access clock.
    @inline(__always)
    mutating func findForReading(_ key: RawSpan, _ client: Client) -> Entry? {
        guard let entry = keyspace[client.state.database].find(key), !isExpired(entry, in: client.state.database) else {
            statistics.keyspaceMisses += 1
            return nil
        }
        statistics.keyspaceHits += 1
        noteUse(of: entry)
        return entry
    }

    /// The key as a writer sees it: an expired one is removed and gone. A snapshot that runs has it before it can
    /// change.
    @inline(__always)
    mutating func findForWriting(_ key: RawSpan, _ client: Client) -> Entry? {
        guard let entry = keyspace[client.state.database].find(key) else { return nil }
        if snapshot.isOn { preserve(entry, in: client.state.database) }
        if isExpired(entry, in: client.state.database) { return nil }
        noteUse(of: entry)
        return entry
    }

    /// The key if it holds a string; throws `wrongType` if it holds something else.
    @inline(__always)
    mutating func stringForReading(_ key: RawSpan, _ client: Client) throws(CommandError) -> Entry? {
        guard let entry = findForReading(key, client) else { return nil }
        guard entry.type == .string else { throw .wrongType }
        return entry
    }

    @inline(__always)
    mutating func stringForWriting(_ key: RawSpan, _ client: Client) throws(CommandError) -> Entry? {
        guard let entry = findForWriting(key, client) else { return nil }
        guard entry.type == .string else { throw .wrongType }
        return entry
    }

    /// The key if it holds a value of `type`; throws `wrongType` if it holds something else.
    @inline(__always)
    mutating func findForReading(
        _ key: RawSpan, holding type: ValueType, _ client: Client
    ) throws(CommandError) -> Entry? {
        guard let entry = findForReading(key, client) else { return nil }
        guard entry.type == type else { throw .wrongType }
        return entry
    }

    @inline(__always)
    mutating func findForWriting(
        _ key: RawSpan, holding type: ValueType, _ client: Client
    ) throws(CommandError) -> Entry? {
        guard let entry = findForWriting(key, client) else { return nil }
        guard entry.type == type else { throw .wrongType }
        return entry
    }

    /// Whether the key's time has passed; if so it is removed, unless it is pinned, and `entry` must not be used any
    /// more.
    @inline(__always)
    mutating func isExpired(_ entry: Entry, in database: Int) -> Bool {
        guard let expiry = entry.expiry, expiry <= clock.milliseconds, loading == nil else { return false }
        if expiryRule != .removes { return expiryRule == .hides }
        removeExpired(entry, in: database)
        return true
    }

    /// Removes a key whose time has passed; a pinned one, or a long one that a snapshot has to write first, stays until
    /// its pin goes. That it is gone is told at once: whoever repeats the command that found it so must not find it.
    mutating func removeExpired(_ entry: Entry, in database: Int) {
        guard expiryRule == .removes else { return }
        let key = entry.key.copy
        guard !entry.isPinned, !(snapshot.isOn && isHeld(entry, in: database)) else {
            return propagateRemoval(of: key.bytes, in: database)
        }
        keyspace[database].remove(key.bytes)
        propagateLoss(of: key.bytes, in: database)
        statistics.expiredKeys += 1
        notify(.expired, "expired", key.bytes, in: database)
    }

    /// Any key of a slot, each about as likely. O(1) expected.
    mutating func randomEntry(inSlot slot: Int, of database: Int) -> Entry? {
        // Copied out and in: the keyspace and the generator are parts of one structure.
        var generator = random
        defer { random = generator }
        return keyspace[database].randomEntry(inSlot: slot, &generator)
    }

    /// Any key of a database, each about as likely. O(1) expected.
    mutating func randomEntry(in database: Int) -> Entry? {
        var generator = random
        defer { random = generator }
        return keyspace[database].randomEntry(&generator)
    }

    /// Every change of a key by a command is told here: the data set differs from what was saved last, and transactions
    /// that watch the key fail. `times` says how many changes Redis would count. A command that changes two keys and
    /// counts as one change tells the other by ``touch(_:in:)``.
    @inline(__always)
    mutating func changed(_ key: RawSpan, in database: Int, times: Int = 1) {
        dirty += times
        if !watchers.isEmpty { touch(key, in: database) }
        if !blockedClients.isEmpty { blockedClients.noteChange(of: key, in: database) }
    }
}

extension RawSpan {
    /// A copy of its own, for bytes that are about to go.
    var copy: ByteBuffer { ByteBuffer(copying: self) }
}
