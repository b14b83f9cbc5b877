internal import Memory

/// What a new or rewritten entry is to hold: a value, or bytes to be kept behind the key.
struct EntryDraft: ~Escapable {
    let type: ValueType
    let encoding: ValueEncoding
    let payload: UInt64
    let inline: RawSpan

    /// Bytes for the `inline` encoding.
    @_lifetime(copy bytes)
    init(inline bytes: RawSpan) {
        type = .string
        encoding = .inline
        payload = 0
        inline = bytes
    }

    @_lifetime(immortal)
    init(_ value: Value) {
        type = value.type
        encoding = value.encoding
        payload = value.payload
        inline = RawSpan()
    }
}

/// Making, rewriting and ending the allocation behind an entry. Only the `Database` calls these.
extension Entry {
    /// The size of an entry in bytes, as asked of jemalloc.
    static func size(of header: Header, keyLength: Int) -> Int {
        header.keyOffset + keyLength + header.inlineLength
    }

    var allocatedSize: Int { Self.size(of: header, keyLength: keyLength) }

    /// A new entry. O(length of key and inline value).
    static func make(
        _ key: RawSpan, _ draft: EntryDraft, expiry: Int64?, isTagged: Bool, mark: Bool, clock: UInt32
    ) -> Entry {
        let header = Header(
            type: draft.type, encoding: draft.encoding, expires: expiry != nil, keyLength: key.byteCount,
            inlineLength: draft.inline.byteCount, isTagged: isTagged, mark: mark)
        let entry = unsafe Entry(Heap.allocate(size(of: header, keyLength: key.byteCount)))
        entry.header = header
        entry.writeKey(key, at: header)
        entry.fill(draft, expiry: expiry, clock: clock)
        return entry
    }

    /// Rewrites the entry with another value and expiry, in place where jemalloc's class for the new size is the one it
    /// has. The old value is not freed. Answers where the entry is now: when that differs, the old place is gone.
    func rewritten(_ draft: EntryDraft, expiry: Int64?, clock: UInt32) -> Entry {
        let old = header
        let keyLength = self.keyLength
        let new = Header(
            type: draft.type, encoding: draft.encoding, expires: expiry != nil, keyLength: keyLength,
            inlineLength: draft.inline.byteCount, isTagged: old.isTagged, mark: old.mark)
        let oldSize = Self.size(of: old, keyLength: keyLength)
        let newSize = Self.size(of: new, keyLength: keyLength)
        if Heap.usableSize(for: newSize) == Heap.usableSize(for: oldSize) {
            if new.keyOffset != old.keyOffset {
                unsafe (base + new.keyOffset).copyMemory(from: base + old.keyOffset, byteCount: keyLength)
            }
            header = new
            writeLongKeyLength(keyLength)
            fill(draft, expiry: expiry, clock: clock)
            return self
        }
        let moved = Entry.make(key, draft, expiry: expiry, isTagged: old.isTagged, mark: old.mark, clock: clock)
        unsafe Heap.free(base, oldSize)
        return moved
    }

    /// The entry with another expiry and everything else as it was.
    func withExpiry(_ expiry: Int64?) -> Entry {
        if header.expires, let expiry {
            unsafe base.storeBytes(of: expiry, toByteOffset: 8, as: Int64.self)
            return self
        }
        guard header.expires || expiry != nil else { return self }
        let old = header
        let oldSize = allocatedSize
        let tailOffset = old.payloadOffset
        let tail = oldSize - tailOffset
        let newTailOffset = expiry == nil ? 8 : 16
        var target = self
        let moves = Heap.usableSize(for: oldSize) != Heap.usableSize(for: newTailOffset + tail)
        if moves { unsafe target = Entry(Heap.allocate(newTailOffset + tail)) }
        unsafe (target.base + newTailOffset).copyMemory(from: base + tailOffset, byteCount: tail)
        var header = old
        header.expires = expiry != nil
        target.header = header
        if let expiry { unsafe target.base.storeBytes(of: expiry, toByteOffset: 8, as: Int64.self) }
        if moves { unsafe Heap.free(base, oldSize) }
        return target
    }

    /// The value as something that can be given to another entry, when it is not inline.
    var movableValue: Value? {
        guard encoding != .inline else { return nil }
        return Value(type: type, encoding: encoding, payload: payload)
    }

    var payload: UInt64 {
        get { unsafe base.load(fromByteOffset: header.payloadOffset, as: UInt64.self) }
        nonmutating set { unsafe base.storeBytes(of: newValue, toByteOffset: header.payloadOffset, as: UInt64.self) }
    }

    /// Notes where a collection is after a change of its own, and in which encoding.
    func keep(_ changed: Value) {
        precondition(!isPinned && changed.type == type && encoding != .inline, "not a collection that may be changed")
        header.encoding = changed.encoding
        payload = changed.payload
    }

    func freeValue() { movableValue?.free() }

    /// Gives back the entry's memory; its value must have been freed or moved.
    func free() { unsafe Heap.free(base, allocatedSize) }

    private func writeKey(_ key: RawSpan, at header: Header) {
        writeLongKeyLength(key.byteCount)
        unsafe key.withUnsafeBytes { source in
            guard let start = source.baseAddress else { return }
            unsafe (base + header.keyOffset).copyMemory(from: start, byteCount: source.count)
        }
    }

    private func writeLongKeyLength(_ length: Int) {
        let header = self.header
        guard header.hasLongKey else { return }
        unsafe base.storeBytes(of: length, toByteOffset: header.keyOffset - 8, as: Int.self)
    }

    private func fill(_ draft: EntryDraft, expiry: Int64?, clock: UInt32) {
        if let expiry { unsafe base.storeBytes(of: expiry, toByteOffset: 8, as: Int64.self) }
        if draft.encoding == .inline {
            let place = unsafe base + header.keyOffset + keyLength
            unsafe draft.inline.withUnsafeBytes { source in
                guard let start = source.baseAddress else { return }
                unsafe place.copyMemory(from: start, byteCount: source.count)
            }
        } else {
            payload = draft.payload
        }
        accessClock = clock
    }
}

extension Entry: BucketElement {
    static func hash(at address: UnsafeMutableRawPointer) -> UInt64 {
        let entry = unsafe Entry(address)
        return Hashing.hash(entry.key)
    }
}
