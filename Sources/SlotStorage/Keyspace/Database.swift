internal import Memory

/// One of the numbered databases: 1024 dictionaries, one for each slot.
///
/// Every change of a key passes here. Times are Unix milliseconds; a key whose time has passed stays until somebody
/// removes it, callers decide what it means. A pinned key (on its way to another server) must not be changed: the
/// server keeps writers away, and here it is a precondition.
@safe
public struct Database: ~Copyable {
    /// Its index, from 0.
    public let number: Int
    /// Keys, expired ones included.
    public var count: Int { shares.total }
    /// Keys with an expiry.
    public var expiringCount: Int { expiringShares.total }
    /// The access clock that new and rewritten entries get; the server moves it on.
    public var accessClock: UInt32 = 0
    /// Whether a rewritten entry keeps its access clock, since it says how often the key was used.
    public var countsUses = false

    /// The mark of entries that the running snapshot has, or when none runs, of all entries; new ones are born with
    /// it. It changes with each snapshot, so that none has to be taken away.
    private(set) var mark = false
    /// The snapshot that runs.
    private var snapshot: Handle<LiveSnapshot>?

    var slots: UnsafeMutablePointer<SlotDictionary>?
    var shares = SlotShares()
    var expiringShares = SlotShares()
    private let discards: Discards

    init(number: Int, discards: Discards = Discards()) {
        self.number = number
        self.discards = discards
        unsafe slots = nil
    }

    deinit {
        if let slots = unsafe slots { unsafe Self.free(slots) }
    }

    // MARK: Finding

    /// The entry of `key`, whether its time has passed or not. O(1).
    public func find(_ key: RawSpan) -> Entry? {
        guard let slots = unsafe slots else { return nil }
        let tag = SlotTag(of: key)
        return unsafe slots[tag.slot].find(key, hash: Hashing.hash(key))
    }

    // MARK: Changing

    /// What becomes of a key's expiry when its value is replaced.
    public enum Expiry {
        case keep
        case none
        case at(Int64)
    }

    /// Stores a string under `key` in the place of what is there. O(length).
    public mutating func setString(_ key: RawSpan, _ bytes: RawSpan, expiry: Expiry = .none) {
        if let number = Value.integer(in: bytes) {
            put(key, EntryDraft(Value(integer: number)), expiry)
        } else if bytes.byteCount <= Entry.Header.longestInlineValue {
            put(key, EntryDraft(inline: bytes), expiry)
        } else {
            put(key, EntryDraft(Value(copying: bytes)), expiry)
        }
    }

    /// Stores a value under `key` in the place of what is there; the value is the database's then. O(1), O(length) for
    /// a short string.
    public mutating func set(_ key: RawSpan, _ value: Value, expiry: Expiry = .none) {
        if let block = value.block, block.count <= Entry.Header.longestInlineValue {
            put(key, EntryDraft(inline: block.bytes), expiry)
            block.free()
        } else {
            put(key, EntryDraft(value), expiry)
        }
    }

    /// Stores a value under a key that is not there; the value is the database's then. `false` when there is such a
    /// key: nothing changes, and the value is freed. O(1), O(length) for a short string.
    public mutating func insert(_ key: RawSpan, _ value: Value, expiry: Int64?) -> Bool {
        if let block = value.block, block.count <= Entry.Header.longestInlineValue {
            defer { block.free() }
            return insert(key, EntryDraft(inline: block.bytes), expiry)
        }
        if insert(key, EntryDraft(value), expiry) { return true }
        value.free()
        return false
    }

    /// Stores a string under a key that is not there. `false`, and nothing changes, when there is such a key. O(length).
    public mutating func insertString(_ key: RawSpan, _ bytes: RawSpan, expiry: Int64?) -> Bool {
        if bytes.byteCount > Entry.Header.longestInlineValue || Value.integer(in: bytes) != nil {
            return insert(key, Value(copying: bytes), expiry: expiry)
        }
        return insert(key, EntryDraft(inline: bytes), expiry)
    }

    private mutating func insert(_ key: RawSpan, _ draft: EntryDraft, _ expiry: Int64?) -> Bool {
        let tag = SlotTag(of: key)
        let hash = Hashing.hash(key)
        let slots = unsafe allocatedSlots()
        if unsafe slots[tag.slot].locate(key, hash) != nil { return false }
        let entry = Entry.make(key, draft, expiry: expiry, isTagged: tag.isTagged, mark: mark, clock: accessClock)
        unsafe slots[tag.slot].insert(entry, hash: hash, tag: tag)
        shares.add(1, inSlot: tag.slot)
        countExpiring(expiry != nil, false, inSlot: tag.slot)
        return true
    }

    /// Stores an integer under `key`. In place where an integer is there already.
    public mutating func setInteger(_ key: RawSpan, _ number: Int64, expiry: Expiry = .keep) {
        put(key, EntryDraft(Value(integer: number)), expiry)
    }

    /// Changes the integer of an entry that is kept as one.
    public mutating func setInteger(of entry: Entry, _ number: Int64) {
        precondition(entry.encoding == .integer && !entry.isPinned, "not an integer that may be changed")
        preserve(entry)
        entry.payload = UInt64(bitPattern: number)
    }

    /// Removes a key with its value. `false` when there is none. O(1): a large value waits in the discards.
    @discardableResult
    public mutating func remove(_ key: RawSpan) -> Bool {
        guard let entry = take(key) else { return false }
        discardValue(of: entry)
        entry.free()
        return true
    }

    /// Sets the time a key ends, or takes it away. `false` when there is no such key.
    @discardableResult
    public mutating func setExpiry(_ key: RawSpan, _ time: Int64?) -> Bool {
        guard let slots = unsafe slots else { return false }
        let tag = SlotTag(of: key)
        guard let word = unsafe slots[tag.slot].locate(key, Hashing.hash(key)) else { return false }
        let old = unsafe Entry(Word.address(word.pointee))
        precondition(!old.isPinned, "a pinned key must not be changed")
        preserve(old)
        let had = old.header.expires
        let new = old.withExpiry(time)
        unsafe slots[tag.slot].replace(word, with: new, tag: tag)
        countExpiring(time != nil, had, inSlot: tag.slot)
        return true
    }

    /// Gives `key` the name `newKey`, its value and expiry moved, in the place of what was there. The source must
    /// exist and the two must differ. O(1), O(length) for a short string.
    public mutating func rename(_ key: RawSpan, to newKey: RawSpan) {
        guard let entry = take(key) else { preconditionFailure("renaming a key that is not there") }
        put(newKey, movedFrom: entry)
    }

    /// Moves `key`, which must exist here and not there, to another database, with its expiry.
    public mutating func move(_ key: RawSpan, to other: inout Database) {
        guard let entry = take(key) else { preconditionFailure("moving a key that is not there") }
        other.put(entry.key, movedFrom: entry)
    }

    private mutating func put(_ key: RawSpan, movedFrom entry: Entry) {
        let expiry: Expiry = entry.expiry.map { .at($0) } ?? .none
        if let value = entry.movableValue {
            put(key, EntryDraft(value), expiry)
        } else {
            put(key, EntryDraft(inline: entry.bytes), expiry)
        }
        entry.free()
    }

    private mutating func put(_ key: RawSpan, _ draft: EntryDraft, _ expiry: Expiry) {
        let tag = SlotTag(of: key)
        let hash = Hashing.hash(key)
        let slots = unsafe allocatedSlots()
        if let word = unsafe slots[tag.slot].locate(key, hash) {
            let old = unsafe Entry(Word.address(word.pointee))
            precondition(!old.isPinned, "a pinned key must not be changed")
            preserve(old)
            let had = old.header.expires
            let time: Int64? =
                switch expiry {
                case .keep: old.expiry
                case .none: nil
                case .at(let time): time
                }
            discardValue(of: old)
            let new = old.rewritten(draft, expiry: time, clock: countsUses ? old.accessClock : accessClock)
            unsafe slots[tag.slot].replace(word, with: new, tag: tag)
            countExpiring(time != nil, had, inSlot: tag.slot)
        } else {
            var time: Int64?
            if case .at(let given) = expiry { time = given }
            let entry = Entry.make(
                key, draft, expiry: time, isTagged: tag.isTagged, mark: mark, clock: accessClock)
            unsafe slots[tag.slot].insert(entry, hash: hash, tag: tag)
            shares.add(1, inSlot: tag.slot)
            countExpiring(time != nil, false, inSlot: tag.slot)
        }
    }

    /// Frees the value of an entry that is to get another one or to end, or leaves it to the discards if it is large.
    @inline(__always)
    private func discardValue(of entry: Entry) {
        if let value = entry.movableValue, value.encoding != .integer { discards.add(value) }
    }

    @inline(__always)
    private mutating func countExpiring(_ expires: Bool, _ did: Bool, inSlot slot: Int) {
        if expires != did { expiringShares.add(expires ? 1 : -1, inSlot: slot) }
    }

    /// Takes an entry out of its dictionary; it is the caller's then.
    private mutating func take(_ key: RawSpan) -> Entry? {
        guard let slots = unsafe slots else { return nil }
        let tag = SlotTag(of: key)
        let hash = Hashing.hash(key)
        guard let word = unsafe slots[tag.slot].locate(key, hash) else { return nil }
        let entry = unsafe Entry(Word.address(word.pointee))
        precondition(!entry.isPinned, "a pinned key must not be changed")
        preserve(entry)
        _ = unsafe slots[tag.slot].take(word, hash: hash, tag: tag)
        shares.add(-1, inSlot: tag.slot)
        countExpiring(false, entry.header.expires, inSlot: tag.slot)
        return entry
    }

    // MARK: Snapshots

    /// Lets the snapshot that runs, if one does, write the entry before it is changed. Everything here does that by
    /// itself; who changes a collection through its entry says it before.
    @inline(__always)
    public func preserve(_ entry: Entry) {
        guard let snapshot, entry.mark != mark else { return }
        snapshot.value.write(entry, marking: mark, in: number)
    }

    /// Begins a snapshot of all entries there are; every one of them must have the present mark.
    mutating func begin(_ snapshot: Handle<LiveSnapshot>) {
        mark.toggle()
        self.snapshot = snapshot
    }

    /// Changes are not told to the snapshot any more.
    mutating func endSnapshot() { snapshot = nil }

    /// A step of a snapshot's walk: see `Keyspace.advance(_:)`. `false` behind the last slot.
    mutating func advance(_ slot: inout Int, _ cursor: inout UInt64) -> Bool {
        guard let slots = unsafe slots else { return false }
        return unsafe advance(&slot, &cursor, over: slots, count: SlotTag.slotCount)
    }

    /// As ``advance(_:_:)`` for keys that were taken away from here after the snapshot had begun.
    func advance(_ slot: inout Int, _ cursor: inout UInt64, over detached: borrowing DetachedSlots) -> Bool {
        guard let slots = unsafe detached.slots else { return false }
        return unsafe advance(&slot, &cursor, over: slots, count: detached.slotCount)
    }

    private func advance(
        _ slot: inout Int, _ cursor: inout UInt64, over slots: UnsafeMutablePointer<SlotDictionary>, count: Int
    ) -> Bool {
        var batch = EntryBatch()
        while slot < count, !batch.isFull {
            if unsafe slots[slot].count > 0 {
                cursor = unsafe slots[slot].table.scan(cursor) { address in
                    if batch.isFull { visit(&batch) }
                    unsafe batch.append(Entry(address))
                }
            }
            if cursor == 0 { slot += 1 }
        }
        if batch.isEmpty { return false }
        visit(&batch)
        return true
    }

    /// Writes the entries that the walk has come to, and empties the batch.
    private func visit(_ batch: inout EntryBatch) {
        batch.removeAll(withMark: mark)
        for index in 0..<batch.count { visit(batch[index]) }
        batch = EntryBatch()
    }

    private func visit(_ entry: Entry) {
        // The same entry may have come twice.
        guard entry.mark != mark else { return }
        guard let snapshot else { return entry.mark = mark }
        if snapshot.value.isLong(entry) {
            snapshot.value.enqueue(entry, marking: mark, in: number)
        } else {
            snapshot.value.write(entry, marking: mark, in: number)
        }
    }

    /// See `Keyspace.enqueue(_:in:onlyIfLong:)`.
    func enqueue(_ entry: Entry, onlyIfLong: Bool) -> Bool {
        guard let snapshot, entry.mark != mark, !onlyIfLong || snapshot.value.isLong(entry) else { return false }
        snapshot.value.enqueue(entry, marking: mark, in: number)
        return entry.mark != mark
    }

    // MARK: Slots

    /// Keys in a slot, expired ones included. O(1).
    public func count(inSlot slot: Int) -> Int { unsafe slots.map { unsafe $0[slot].count } ?? 0 }

    /// The entries whose tag has this CRC, in ascending byte order of their keys. O(g log g) for a group of g.
    public func tagGroup(_ crc: UInt32) -> [Entry] {
        guard let slots = unsafe slots else { return [] }
        return unsafe slots[Int(crc & 1023)].tags.members(of: crc).sorted { $0.key.precedes($1.key) }
    }

    /// One step of a scan over a slot: visits some entries and answers the next cursor; 0 starts and ends. Every entry
    /// that
    /// is there all the time is visited, at least once.
    public func scan(slot: Int, cursor: UInt64, _ visit: (Entry) -> Void) -> UInt64 {
        guard let slots = unsafe slots else { return 0 }
        return unsafe slots[slot].table.scan(cursor) { unsafe visit(Entry($0)) }
    }

    /// Visits every entry. The database must not change meanwhile. O(n).
    public func forEach(inSlots range: Range<Int> = 0..<SlotTag.slotCount, _ visit: (Entry) -> Void) {
        guard let slots = unsafe slots else { return }
        for slot in range { unsafe slots[slot].table.forEach { unsafe visit(Entry($0)) } }
    }

    /// Visits every entry of a slot's tag index. O(tagged keys).
    public func forEachTagged(inSlot slot: Int, _ visit: (Entry) -> Void) {
        guard let slots = unsafe slots else { return }
        unsafe slots[slot].tags.forEach(visit)
    }

    /// Keys with an expiry in a slot.
    public func expiringCount(inSlot slot: Int) -> Int { unsafe slots.map { unsafe $0[slot].expiringCount } ?? 0 }

    /// Buckets that the keys of a slot are spread over.
    public func bucketCount(inSlot slot: Int) -> Int {
        unsafe slots.map { unsafe Int($0[slot].table.bucketCount) } ?? 0
    }

    /// Visits the entries with an expiry in one bucket of a slot; other entries are not touched.
    public func forEachExpiring(inSlot slot: Int, bucket: Int, _ visit: (Entry) -> Void) {
        guard let slots = unsafe slots, bucket < bucketCount(inSlot: slot) else { return }
        unsafe slots[slot].table.forEach(inBucket: bucket, onlyMarked: true) { unsafe visit(Entry($0)) }
    }

    // MARK: Emptying

    /// Takes all keys away at once and hands them out; freeing them, which takes O(n), is the caller's choice of time
    /// and thread. No key may be pinned.
    public mutating func detachAll() -> DetachedSlots {
        let detached = unsafe DetachedSlots(slots, count: SlotTag.slotCount)
        unsafe slots = nil
        shares.removeAll()
        expiringShares.removeAll()
        return detached
    }

    /// Takes all keys of one slot away and hands them out, as ``detachAll()``.
    public mutating func detach(slot: Int) -> DetachedSlots {
        guard let slots = unsafe slots else { return unsafe DetachedSlots(nil, count: 0) }
        let one = UnsafeMutablePointer<SlotDictionary>.allocate(capacity: 1)
        unsafe shares.add(-slots[slot].count, inSlot: slot)
        unsafe expiringShares.add(-slots[slot].expiringCount, inSlot: slot)
        unsafe one.moveInitialize(from: slots + slot, count: 1)
        unsafe (slots + slot).initialize(to: SlotDictionary())
        return unsafe DetachedSlots(one, count: 1)
    }

    private mutating func allocatedSlots() -> UnsafeMutablePointer<SlotDictionary> {
        if let slots = unsafe slots { return unsafe slots }
        let new = UnsafeMutablePointer<SlotDictionary>.allocate(capacity: SlotTag.slotCount)
        for slot in 0..<SlotTag.slotCount { unsafe (new + slot).initialize(to: SlotDictionary()) }
        unsafe slots = new
        return unsafe new
    }

    private static func free(_ slots: UnsafeMutablePointer<SlotDictionary>) {
        unsafe slots.deinitialize(count: SlotTag.slotCount)
        unsafe slots.deallocate()
    }
}

/// Dictionaries that left their database, to be freed where it hurts nobody: ending this value frees every key in it.
///
/// It may end on another thread: nothing else refers to what it holds any more.
@safe
public struct DetachedSlots: ~Copyable, @unchecked Sendable {
    fileprivate let slots: UnsafeMutablePointer<SlotDictionary>?
    fileprivate let slotCount: Int

    init(_ slots: UnsafeMutablePointer<SlotDictionary>?, count: Int) {
        unsafe self.slots = slots
        slotCount = count
    }

    /// Keys in it. O(slots).
    public var count: Int {
        guard let slots = unsafe slots else { return 0 }
        var total = 0
        for index in 0..<slotCount { total += unsafe slots[index].count }
        return total
    }

    /// Bytes that ending this gives back, about: some keys are looked at. O(slots).
    public var estimatedSize: Int {
        guard let slots = unsafe slots else { return 0 }
        var (keys, seen, bytes) = (0, 0, 0)
        for index in 0..<slotCount {
            let count = unsafe slots[index].count
            keys += count
            guard count > 0, seen < Self.keysLookedAt else { continue }
            unsafe slots[index].table.forEach(inBucket: 0, onlyMarked: false) { address in
                seen += 1
                unsafe bytes += Entry(address).estimatedSize
            }
        }
        return seen > 0 ? Int(Double(bytes) / Double(seen) * Double(keys)) : 0
    }

    private static var keysLookedAt: Int { 256 }

    /// Visits every key before it goes. O(n).
    public func forEachKey(_ visit: (RawSpan) -> Void) {
        guard let slots = unsafe slots else { return }
        for index in 0..<slotCount { unsafe slots[index].table.forEach { unsafe visit(Entry($0).key) } }
    }

    deinit {
        guard let slots = unsafe slots else { return }
        unsafe slots.deinitialize(count: slotCount)
        unsafe slots.deallocate()
    }
}
