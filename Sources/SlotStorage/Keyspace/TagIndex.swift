internal import Memory

/// The tagged keys of one slot, by the CRC of their tag: what finds a tag group in time proportional to the group.
///
/// A group of up to ``TagGroup/longestList`` keys is one block with a list of entries, 8 bytes a key; a larger one is a
/// table of its own. Groups of ten cost 12 bytes a key, their place in the index included.
struct TagIndex: ~Copyable {
    private var groups = BucketTable<TagGroup>()

    var isEmpty: Bool { groups.count == 0 }

    /// Adds an entry that is not in the index. O(1), O(longestList) when the group becomes a table.
    mutating func insert(_ entry: Entry, crc: UInt32) {
        let hash = TagGroup.hash(crc)
        if let word = unsafe find(crc, hash) {
            let group = unsafe TagGroup(Word.address(word.pointee))
            let grown = group.inserting(entry)
            unsafe groups.replace(word, with: grown.base, marked: false)
        } else {
            unsafe groups.insert(TagGroup.make(crc, entry).base, hash: hash)
        }
    }

    /// Takes out an entry that is in the index. O(1) for a table, O(longestList) for a list.
    mutating func remove(_ entry: Entry, crc: UInt32) {
        let hash = TagGroup.hash(crc)
        guard let word = unsafe find(crc, hash) else { preconditionFailure("a tagged key without a group") }
        let group = unsafe TagGroup(Word.address(word.pointee))
        if group.count == 1 {
            unsafe groups.remove(word, hash: hash)
            group.free()
        } else {
            let shrunk = group.removing(entry)
            unsafe groups.replace(word, with: shrunk.base, marked: false)
        }
    }

    /// Tells the index that an entry has another address now; the key is the same.
    mutating func replace(_ old: Entry, with new: Entry, crc: UInt32) {
        guard let word = unsafe find(crc, TagGroup.hash(crc)) else {
            preconditionFailure("a tagged key without a group")
        }
        unsafe TagGroup(Word.address(word.pointee)).replace(old, with: new)
    }

    /// Every entry whose tag has this CRC, in no order. O(group).
    func members(of crc: UInt32) -> [Entry] {
        guard let word = unsafe find(crc, TagGroup.hash(crc)) else { return [] }
        return unsafe TagGroup(Word.address(word.pointee)).members
    }

    /// Every entry in the index. O(n).
    func forEach(_ visit: (Entry) -> Void) {
        unsafe groups.forEach { address in
            for entry in unsafe TagGroup(address).members { visit(entry) }
        }
    }

    private func find(_ crc: UInt32, _ hash: UInt64) -> UnsafeMutablePointer<UInt64>? {
        unsafe groups.find(hash) { unsafe TagGroup($0).crc == crc }
    }

    deinit {
        unsafe groups.forEach { unsafe TagGroup($0).free() }
    }
}

/// The keys of one tag, in one block.
///
///     4 bytes   CRC of the tag     4 bytes   count, or ``isTable``
///     8 bytes each: the entries, or 40 bytes: a table of them
@safe
struct TagGroup: BucketElement {
    let base: UnsafeMutableRawPointer

    static var longestList: Int { 64 }
    private static var isTable: UInt32 { .max }

    init(_ base: UnsafeMutableRawPointer) { unsafe self.base = base }

    static func hash(_ crc: UInt32) -> UInt64 { Hashing.hash(UInt64(crc)) }

    static func hash(at address: UnsafeMutableRawPointer) -> UInt64 { unsafe hash(TagGroup(address).crc) }

    static func make(_ crc: UInt32, _ entry: Entry) -> TagGroup {
        let group = unsafe TagGroup(Heap.allocate(listSize(1)))
        unsafe group.base.storeBytes(of: crc, as: UInt32.self)
        group.listCount = 1
        unsafe group.list[0] = entry.base
        return group
    }

    var crc: UInt32 { unsafe base.load(as: UInt32.self) }

    var count: Int { holdsTable ? unsafe table.pointee.count : Int(listCount) }

    var members: [Entry] {
        var result: [Entry] = []
        result.reserveCapacity(count)
        if holdsTable {
            unsafe table.pointee.forEach { unsafe result.append(Entry($0)) }
        } else {
            for index in 0..<Int(listCount) { unsafe result.append(Entry(list[index])) }
        }
        return result
    }

    func inserting(_ entry: Entry) -> TagGroup {
        if holdsTable {
            unsafe table.pointee.insert(entry.base, hash: Entry.hash(at: entry.base))
            return self
        }
        let count = Int(listCount)
        if count == Self.longestList { return becomingTable().inserting(entry) }
        var grown = self
        let (old, new) = (Self.listSize(count), Self.listSize(count + 1))
        if Heap.usableSize(for: old) != Heap.usableSize(for: new) {
            unsafe grown = TagGroup(Heap.reallocate(base, new))
        }
        unsafe grown.list[count] = entry.base
        grown.listCount = UInt32(count + 1)
        return grown
    }

    /// The group without `entry`; at least one other is in it. A table stays a table until it is empty.
    func removing(_ entry: Entry) -> TagGroup {
        if holdsTable {
            let hash = unsafe Entry.hash(at: entry.base)
            guard let word = unsafe table.pointee.find(hash, where: { unsafe $0 == entry.base }) else {
                preconditionFailure("a tagged key is missing in its group")
            }
            unsafe table.pointee.remove(word, hash: hash)
            return self
        }
        let count = Int(listCount)
        unsafe list[position(of: entry)] = list[count - 1]
        listCount = UInt32(count - 1)
        let (old, new) = (Self.listSize(count), Self.listSize(count - 1))
        if Heap.usableSize(for: old) == Heap.usableSize(for: new) { return self }
        return unsafe TagGroup(Heap.reallocate(base, new))
    }

    func replace(_ old: Entry, with new: Entry) {
        if holdsTable {
            // The old entry's memory may be gone: its key is read from the new one.
            guard let word = unsafe table.pointee.find(Entry.hash(at: new.base), where: { unsafe $0 == old.base })
            else {
                preconditionFailure("a tagged key is missing in its group")
            }
            unsafe table.pointee.replace(word, with: new.base, marked: false)
        } else {
            unsafe list[position(of: old)] = new.base
        }
    }

    func free() {
        if holdsTable {
            unsafe table.deinitialize(count: 1)
            unsafe Heap.free(base, Self.tableSize)
        } else {
            unsafe Heap.free(base, Self.listSize(Int(listCount)))
        }
    }

    private func becomingTable() -> TagGroup {
        let new = unsafe TagGroup(Heap.allocate(Self.tableSize))
        unsafe new.base.storeBytes(of: crc, as: UInt32.self)
        new.listCount = Self.isTable
        unsafe new.table.initialize(to: BucketTable<Entry>())
        for entry in members { unsafe new.table.pointee.insert(entry.base, hash: Entry.hash(at: entry.base)) }
        free()
        return new
    }

    private func position(of entry: Entry) -> Int {
        for index in 0..<Int(listCount) where unsafe list[index] == entry.base { return index }
        preconditionFailure("a tagged key is missing in its group")
    }

    private var holdsTable: Bool { listCount == Self.isTable }

    private var listCount: UInt32 {
        get { unsafe base.load(fromByteOffset: 4, as: UInt32.self) }
        nonmutating set { unsafe base.storeBytes(of: newValue, toByteOffset: 4, as: UInt32.self) }
    }

    private var list: UnsafeMutablePointer<UnsafeMutableRawPointer> {
        unsafe (base + 8).assumingMemoryBound(to: UnsafeMutableRawPointer.self)
    }

    private var table: UnsafeMutablePointer<BucketTable<Entry>> {
        unsafe (base + 8).assumingMemoryBound(to: BucketTable<Entry>.self)
    }

    private static func listSize(_ count: Int) -> Int { 8 + 8 * count }
    private static var tableSize: Int { 8 + MemoryLayout<BucketTable<Entry>>.size }
}
