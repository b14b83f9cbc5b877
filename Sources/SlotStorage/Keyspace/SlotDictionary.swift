internal import Memory

/// The keys of one slot of one database. It owns its entries and their values.
///
/// Find, insert, remove: O(1) expected, the tag index included.
struct SlotDictionary: ~Copyable {
    private(set) var table = BucketTable<Entry>()
    private(set) var tags = TagIndex()

    var count: Int { table.count }
    /// Keys with an expiry.
    var expiringCount: Int { table.markedCount }

    @inline(__always)
    func find(_ key: RawSpan, hash: UInt64) -> Entry? {
        guard let word = unsafe locate(key, hash) else { return nil }
        return unsafe Entry(Word.address(word.pointee))
    }

    /// Where the entry's word is, until the next change of the dictionary.
    @inline(__always)
    func locate(_ key: RawSpan, _ hash: UInt64) -> UnsafeMutablePointer<UInt64>? {
        unsafe table.find(hash) { unsafe Entry($0).key.elementsEqual(key) }
    }

    /// Adds an entry whose key is not there.
    mutating func insert(_ entry: Entry, hash: UInt64, tag: SlotTag) {
        unsafe table.insert(entry.base, hash: hash, marked: entry.header.expires)
        if tag.isTagged { tags.insert(entry, crc: tag.crc) }
    }

    /// Puts the rewritten entry in the place of the old one, which may be gone.
    mutating func replace(_ word: UnsafeMutablePointer<UInt64>, with entry: Entry, tag: SlotTag) {
        let old = unsafe Entry(Word.address(word.pointee))
        unsafe table.replace(word, with: entry.base, marked: entry.header.expires)
        if tag.isTagged, unsafe old.base != entry.base { tags.replace(old, with: entry, crc: tag.crc) }
    }

    /// Takes the entry out; it is the caller's then.
    mutating func take(_ word: UnsafeMutablePointer<UInt64>, hash: UInt64, tag: SlotTag) -> Entry {
        let entry = unsafe Entry(Word.address(word.pointee))
        if tag.isTagged { tags.remove(entry, crc: tag.crc) }
        unsafe table.remove(word, hash: hash)
        return entry
    }

    deinit {
        unsafe table.forEach { address in
            let entry = unsafe Entry(address)
            entry.freeValue()
            entry.free()
        }
    }
}
