import Logging
import Memory
import RESP
import SlotStorage

/// The steps of an asynchronous batch: choose and pin the keys, write their messages, remove them when everything was
/// acknowledged.
extension Server {
    /// Gives a batch to the link of its database. Its caller waits from now on.
    mutating func submit(_ batch: AsyncBatch, to target: MigrationTarget, _ client: Client) {
        client.state.flags.insert(.waitsForReply)
        let link = asyncLink(of: batch.database, to: target)
        link.batch = batch
        link.waiters = [client.state.id]
        link.timeout = batch.limits.timeout
        link.lastUse = clock.milliseconds
        link.lastAcknowledgement = clock.monotonic
        migration.activeJobs += 1
        if link.phase == .ready { begin(link) } else { open(link) }
    }

    /// Begins the batch of a link that is connected.
    mutating func begin(_ link: AsyncLink) {
        guard let batch = link.batch, batch.isWaiting else { return }
        guard !isSelf(link) else {
            logger.warning("slotsmgrt_async: target \(link.target.description) is this server itself")
            return interrupt(link, .closed)
        }
        link.lastAcknowledgement = clock.monotonic
        chooseKeys(of: batch)
        batch.leftovers = takeLeftovers(for: batch, at: link.target)
        batch.isWaiting = false
        if batch.keys.isEmpty, batch.leftovers.isEmpty { return complete(link, batch) }
        if !link.hasGreeted { greet(link) }
        for key in batch.leftovers {
            KeyTransfer.writeDeletion(of: key.bytes, to: &link.output)
            link.unacknowledged.append(key.count)
        }
        markDirty(link)
    }

    // MARK: Choosing keys

    private mutating func chooseKeys(of batch: AsyncBatch) {
        switch batch.subject {
        case .keys(let keys):
            for key in keys { choose(key, for: batch) }
        case .tagGroups(let keys):
            for key in keys {
                let tag = SlotTag(of: key.bytes)
                if tag.isTagged { chooseGroup(tag.crc, for: batch) } else { choose(key, for: batch) }
            }
        case .someKeys(let slot, let messages):
            chooseSome(ofSlot: slot, messages, withTags: false, for: batch)
        case .someTagGroups(let slot, let messages):
            chooseSome(ofSlot: slot, messages, withTags: true, for: batch)
        }
    }

    /// Adds a key that is there. One that has a pin already was named twice.
    private mutating func choose(_ key: [UInt8], for batch: AsyncBatch) {
        guard let entry = keyspace[batch.database].find(key.bytes), !isUnderWay(entry),
            !isExpired(entry, in: batch.database)
        else { return }
        add(entry, to: batch)
    }

    private mutating func chooseGroup(_ crc: UInt32, for batch: AsyncBatch) {
        for entry in keyspace[batch.database].tagGroup(crc) where !isUnderWay(entry) {
            if !isExpired(entry, in: batch.database) { add(entry, to: batch) }
        }
    }

    private mutating func add(_ entry: Entry, to batch: AsyncBatch) {
        pin(entry, in: batch.database)
        batch.add(entry)
    }

    /// Adds keys of a slot until they make so many messages. What would take twice as many is left for a batch of its
    /// own.
    private mutating func chooseSome(ofSlot slot: Int, _ messages: Int, withTags: Bool, for batch: AsyncBatch) {
        let database = batch.database
        var cursor: UInt64 = 0
        repeat {
            var found: [Entry] = []
            cursor = keyspace[database].scan(slot: slot, cursor: cursor) { found.append($0) }
            for entry in found where batch.estimatedMessages < messages && !isUnderWay(entry) {
                // Removing one does not move the others in memory.
                if isExpired(entry, in: database) { continue }
                if withTags, entry.isTagged {
                    addGroup(SlotTag(of: entry.key).crc, atMost: 2 * messages, to: batch)
                } else if fits(entry.estimatedMessages(batch.limits), 2 * messages, batch) {
                    add(entry, to: batch)
                }
            }
        } while cursor != 0 && batch.estimatedMessages < messages
    }

    private func fits(_ messages: Int, _ limit: Int, _ batch: AsyncBatch) -> Bool {
        batch.keys.isEmpty || batch.estimatedMessages + messages <= limit
    }

    /// Adds a tag group as a whole, unless it is too large or a part of it is under way otherwise.
    private mutating func addGroup(_ crc: UInt32, atMost limit: Int, to batch: AsyncBatch) {
        let members = keyspace[batch.database].tagGroup(crc)
        if members.contains(where: { isUnderWay($0) }) { return }
        let messages = members.reduce(0) { $0 + $1.estimatedMessages(batch.limits) }
        guard fits(messages, limit, batch) else { return }
        for entry in members where !isExpired(entry, in: batch.database) { add(entry, to: batch) }
    }

    // MARK: Sending

    /// A portion of the batch: messages until the link is full or time is up.
    mutating func feed(_ link: AsyncLink) {
        guard let batch = link.batch, !batch.isWaiting, !batch.isRemoving else { return }
        let start = Clock.monotonicNow()
        migration.workspace.writer.compresses = configuration.rdbcompression
        while !batch.isWritten, link.hasRoom {
            for _ in 0..<Self.messagesAtATime where !batch.isWritten && link.hasRoom { writeMessage(of: batch, link) }
            if Clock.monotonicNow() - start > Self.timeSlice { return }
        }
    }

    /// Nanoseconds that a link may write in one turn.
    private static let timeSlice: Int64 = 500_000
    /// Messages between two looks at the clock. Each takes 0.2 ms at most, and most take a thousandth of that.
    private static let messagesAtATime = 4

    private mutating func writeMessage(of batch: AsyncBatch, _ link: AsyncLink) {
        var transfer = batch.transfer ?? KeyTransfer(batch.keys[batch.keysWritten])
        let length = transfer.writeNext(
            to: &link.output, batch.limits, now: clock.milliseconds, &migration.workspace)
        if let length {
            link.unacknowledged.append(length)
            migration.progress.bytes += length
        }
        if transfer.stage == .done {
            batch.transfer = nil
            batch.keysWritten += 1
            if transfer.elementsSent > 0 { batch.valuesInPieces += 1 }
        } else {
            batch.transfer = transfer
        }
    }

    // MARK: Ending

    /// Every message was acknowledged: the target has the keys, and this server does not need them any more.
    mutating func acknowledged(_ batch: AsyncBatch, _ link: AsyncLink) {
        if let slot = batch.slot { batch.slotSize = keyspace[batch.database].count(inSlot: slot) }
        for key in batch.leftovers { migration.leftovers.remove(key, in: batch.database) }
        batch.isRemoving = true
        remove(.batch(batch, link))
    }

    /// Replies to all who wait for the batch: how many keys were moved, and for a slot its size before.
    mutating func complete(_ link: AsyncLink, _ batch: AsyncBatch) {
        let moved = batch.keys.count
        if moved == 0, let slot = batch.slot { batch.slotSize = keyspace[batch.database].count(inSlot: slot) }
        let waiters = finish(link, batch)
        // It may have broken while the last keys were removed.
        if link.descriptor < 0 { remove(link) }
        replyToAll(waiters) { reply in
            if batch.slot != nil {
                reply.array(2)
                reply.integer(moved)
                reply.integer(batch.slotSize)
            } else {
                reply.integer(moved)
            }
        }
    }

    /// The link is idle again; answers who waits for the batch that was on it.
    private mutating func finish(_ link: AsyncLink, _ batch: AsyncBatch) -> [UInt64] {
        let waiters = link.waiters
        link.waiters = []
        link.batch = nil
        batch.isRemoving = false
        link.lastUse = clock.milliseconds
        migration.activeJobs -= 1
        batch.removeAll()
        return waiters
    }

    private mutating func replyToAll(_ identifiers: [UInt64], _ write: (inout ReplyBuffer) -> Void) {
        for identifier in identifiers {
            guard let client = clients[identifier] else { continue }
            replyLate(to: client) { _ in write(&client.state.reply) }
            resume(client)
        }
    }

    /// The connection of a link has ended. What is under way on it ends, unless everything was acknowledged.
    mutating func broken(_ link: AsyncLink) {
        guard let batch = link.batch, batch.isRemoving else { return interrupt(link, .closed) }
        disconnect(link)
    }

    /// Ends a link and what is under way on it. The keys stay here.
    mutating func interrupt(_ link: AsyncLink, _ reason: Interruption) {
        logUnlink(link, reason)
        remove(link)
        if let batch = link.batch { end(batch, of: link, "ERR interrupted: \(reason.rawValue)") }
    }

    /// Ends a batch with an error for all who wait for it.
    mutating func end(_ batch: AsyncBatch, of link: AsyncLink, _ error: String) {
        let written = batch.keys.prefix(batch.keysWritten + (batch.transfer == nil ? 0 : 1))
        for entry in written.dropFirst(batch.keysRemoved) {
            migration.leftovers.add(entry.key.array, at: link.target, in: batch.database)
        }
        var waiters: [Pins.Waiter] = []
        for entry in batch.keys[batch.keysRemoved...] { waiters += unpin(entry, in: batch.database) }
        let identifiers = finish(link, batch)
        replyToAll(identifiers) { $0.error(error) }
        wake(waiters)
    }

    /// Ends the batches of a database, or of all of them, since it is about to be emptied.
    mutating func cancelBatches(in database: Int?) {
        for link in Array(migration.asyncLinks.values) where database == nil || link.database == database {
            if link.batch != nil { interrupt(link, .canceled) }
        }
    }
}
