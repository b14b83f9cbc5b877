import Memory
import SlotStorage

/// The keys that one command of the asynchronous family moves, from its arguments to its reply.
final class AsyncBatch {
    /// What is to be moved.
    enum Subject {
        /// SLOTSMGRTONE-ASYNC
        case keys([[UInt8]])
        /// SLOTSMGRTTAGONE-ASYNC: keys with everything that has their tags.
        case tagGroups(of: [[UInt8]])
        /// SLOTSMGRTSLOT-ASYNC: as many keys of the slot as make so many messages.
        case someKeys(ofSlot: Int, messages: Int)
        /// SLOTSMGRTTAGSLOT-ASYNC: the same, with everything that has their tags.
        case someTagGroups(ofSlot: Int, messages: Int)
    }

    let database: Int
    let subject: Subject
    let limits: TransferLimits

    /// The keys under way, pinned, in the order they are sent.
    private(set) var keys: [Entry] = []
    /// The tags of those that have one: other keys with these tags are under way for the wrapper.
    private(set) var tags: Set<UInt32> = []
    private(set) var estimatedMessages = 0
    /// The key that is being written, and how far that is.
    var transfer: KeyTransfer?
    /// Keys that are written completely.
    var keysWritten = 0
    /// Values that went out in pieces.
    var valuesInPieces = 0
    /// Keys that are not here any more, and that the target has to delete.
    var leftovers: [[UInt8]] = []
    /// Keys that have left the database, when all were acknowledged.
    var keysRemoved = 0
    /// Whether any key is still to be chosen: until there is a connection.
    var isWaiting = true
    /// The size of the slot when all was acknowledged.
    var slotSize = 0
    /// In nanoseconds of `Clock.monotonic`.
    let began: Int64

    init(database: Int, subject: Subject, limits: TransferLimits, now: Int64) {
        self.database = database
        self.subject = subject
        self.limits = limits
        began = now
    }

    /// The slot whose size is part of the reply.
    var slot: Int? {
        switch subject {
        case .someKeys(let slot, _), .someTagGroups(let slot, _): slot
        case .keys, .tagGroups: nil
        }
    }

    func add(_ entry: Entry) {
        keys.append(entry)
        estimatedMessages += entry.estimatedMessages(limits)
        if entry.isTagged { tags.insert(SlotTag(of: entry.key).crc) }
    }

    /// Forgets the keys, whose pins have gone.
    func removeAll() {
        keys = []
        tags = []
        transfer = nil
    }

    var isWritten: Bool { keysWritten == keys.count && transfer == nil }

    /// Whether every key was acknowledged, and they are being removed.
    var isRemoving = false
}
