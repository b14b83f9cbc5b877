import Glibc
import Memory
import RESP
import SlotStorage

/// The slots seen and emptied: specification, section 4.
extension Server {
    /// `SLOTSHASHKEY [key ...]`
    func slotshashkey(_ request: Request, _ client: Client) {
        client.reply.array(request.count - 1)
        for index in 1..<request.count { client.reply.integer(SlotTag(of: request[index]).slot) }
    }

    /// `SLOTSINFO [start [count]]`: pairs of slot and number of keys, empty slots left out.
    mutating func slotsinfo(_ request: Request, _ client: Client) throws(CommandError) {
        var start = 0
        var count = SlotTag.slotCount
        if request.count > 1 {
            guard let slot = try slot(request[1], client) else { return }
            start = slot
        }
        if request.count > 2 {
            count = try request[2].integer32()
            if count < 0 { return client.reply.error("ERR invalid slot count = \(count)") }
        }
        if request.count > 3 { return client.reply.error("ERR wrong number of arguments for 'slotsinfo' command") }
        let end = min(start + count, SlotTag.slotCount)
        var present = 0
        for slot in start..<end where keyspace[client.state.database].count(inSlot: slot) > 0 { present += 1 }
        client.reply.array(present)
        for slot in start..<end {
            let keys = keyspace[client.state.database].count(inSlot: slot)
            if keys > 0 { replyPair(slot, keys, client) }
        }
    }

    /// `SLOTSDEL slot [slot ...]`: every argument is checked before anything is deleted.
    mutating func slotsdel(_ request: Request, _ client: Client) throws(CommandError) {
        for index in 1..<request.count where try slot(request[index], client) == nil { return }
        let database = client.state.database
        for index in 1..<request.count {
            guard let slot = try slot(request[index], client) else { return }
            guard keyspace[database].count(inSlot: slot) > 0 else { continue }
            touchAll(in: database, slot: slot)
            let waiters = releaseLongValues { $0.database == database && SlotTag(of: $0.entry.key).slot == slot }
            let detached = keyspace[database].detach(slot: slot)
            dirty += detached.count
            dispose(of: detached, of: database)
            wake(waiters)
        }
        client.reply.array(request.count - 1)
        for index in 1..<request.count {
            guard let slot = try slot(request[index], client) else { return }
            replyPair(slot, keyspace[database].count(inSlot: slot), client)
        }
    }

    /// `SLOTSCHECK`: whether every key is where its slot says, and in the group that its tag says. O(keys).
    mutating func slotscheck(_ client: Client) {
        let database = client.state.database
        var failure: String?
        for slot in 0..<SlotTag.slotCount where failure == nil {
            var keys = 0
            var tagged = 0
            keyspace[database].forEach(inSlots: slot..<(slot + 1)) { entry in
                let tag = SlotTag(of: entry.key)
                keys += 1
                if tag.isTagged { tagged += 1 }
                if tag.slot != slot, failure == nil { failure = "step 1, miss = '\(entry.key.text)'" }
                if failure == nil, keyspace[database].find(entry.key) == nil {
                    failure = "step 2, miss = '\(entry.key.text)'"
                }
            }
            keyspace[database].forEachTagged(inSlot: slot) { entry in
                tagged -= 1
                if failure == nil, keyspace[database].find(entry.key) != entry {
                    failure = "step 3, miss = '\(entry.key.text)'"
                }
            }
            if failure == nil, tagged != 0 { failure = "step 3, miss = '\(abs(tagged)) tagged keys of slot \(slot)'" }
        }
        if let failure { client.reply.error("ERR \(failure)") } else { client.reply.ok() }
    }

    /// The slot that an argument names; `nil`, with the error replied, outside 0 to 1023.
    func slot(_ argument: RawSpan, _ client: Client) throws(CommandError) -> Int? {
        let slot = try argument.integer32()
        if slot >= 0, slot < SlotTag.slotCount { return slot }
        client.reply.error("ERR invalid slot number = \(slot)")
        return nil
    }

    private func replyPair(_ first: Int, _ second: Int, _ client: Client) {
        client.reply.array(2)
        client.reply.integer(first)
        client.reply.integer(second)
    }
}
