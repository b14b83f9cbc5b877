internal import Memory

/// Byte strings one behind the other in one allocation: Redis' ziplist, byte for byte.
///
///     4 bytes   size of all, in bytes (`zlbytes`)
///     4 bytes   offset of the last entry (`zltail`); of the end marker when there is none
///     2 bytes   number of entries; 65535 when it has to be counted (`zllen`)
///     n bytes   entries, see `CompactList+Entry.swift`
///     1 byte    255, the end marker
///
/// Numbers are little-endian. The bytes are what RDB files and payloads contain, so writing a compact collection is one
/// copy. Any change moves the bytes behind it, O(size): this is the form of small collections.
///
/// A `CompactList` is a handle with manual ownership: whoever made it calls ``free()``, once. A change may move the
/// bytes to another place, after which copies of the handle are dangling. The block is always of the jemalloc class of
/// its size, so no capacity is kept.
///
/// A position is the offset of an entry. It is valid until something before it changes; inserting before a position
/// leaves it at the new entry, removing at a position leaves it at the next one.
@safe
struct CompactList: BitwiseCopyable {
    typealias Position = Int

    var base: UnsafeMutableRawPointer

    /// Bytes before the first entry.
    static let headerSize = 10
    /// The byte behind the last entry.
    static let endMarker: UInt8 = 255
    /// Bytes of an empty list.
    static let emptySize = headerSize + 1
    /// A number of entries that says nothing.
    private static let unknownCount = Int(UInt16.max)
    /// The largest list that is accepted, and that entries are added to: callers look at ``hasRoom(for:)`` and change
    /// to
    /// another encoding. The format has room for four times as much, so links that grow never go beyond it.
    static let largestSize = 1 << 30

    init(_ base: UnsafeMutableRawPointer) { unsafe self.base = base }

    /// The list whose address a `Value` holds.
    init(payload: UInt64) {
        guard let base = unsafe UnsafeMutableRawPointer(bitPattern: UInt(payload)) else {
            preconditionFailure("a compact list without an address")
        }
        self = unsafe CompactList(base)
    }

    /// The address, for a `Value` to hold.
    var payload: UInt64 { unsafe UInt64(UInt(bitPattern: base)) }

    /// An empty list.
    static func make() -> CompactList {
        let list = unsafe CompactList(Heap.allocate(emptySize))
        list.byteCount = emptySize
        list.tailOffset = headerSize
        list.storedCount = 0
        list.store(endMarker, at: headerSize)
        return list
    }

    /// A copy of bytes that ``isValid(_:)`` accepts. O(n).
    static func make(copying bytes: RawSpan) -> CompactList {
        let list = unsafe CompactList(Heap.allocate(bytes.byteCount))
        list.write(bytes, at: 0)
        return list
    }

    func free() { unsafe Heap.free(base, byteCount) }

    /// All bytes, the header included.
    var bytes: RawSpan {
        @_lifetime(borrow self)
        get { unsafe _overrideLifetime(RawSpan(_unsafeStart: base, byteCount: byteCount), borrowing: self) }
    }

    /// Bytes of the whole list.
    var byteCount: Int {
        get { Int(load32(at: 0)) }
        nonmutating set { store32(newValue, at: 0) }
    }

    /// The number of entries. O(1), O(n) for a list that had 65535 entries or more, until it is counted with fewer.
    var count: Int {
        if storedCount < Self.unknownCount { return storedCount }
        var count = 0
        var position = first
        while let current = position {
            count += 1
            position = next(after: current)
        }
        if count < Self.unknownCount { storedCount = count }
        return count
    }

    var isEmpty: Bool { load(at: Self.headerSize) == Self.endMarker }

    /// Whether an entry of `length` bytes may be added.
    func hasRoom(for length: Int) -> Bool { byteCount + length <= Self.largestSize }

    /// Whether `bytes` may be an entry of a list of their own.
    static func canHold(_ bytes: RawSpan) -> Bool { bytes.byteCount <= largestSize - emptySize }

    /// Notes that there are `change` entries more than before.
    func adjustCount(by change: Int) {
        if storedCount < Self.unknownCount { storedCount = min(storedCount + change, Self.unknownCount) }
    }

    private var storedCount: Int {
        get { unsafe Int(UInt16(littleEndian: base.load(fromByteOffset: 8, as: UInt16.self))) }
        nonmutating set { unsafe base.storeBytes(of: UInt16(newValue).littleEndian, toByteOffset: 8, as: UInt16.self) }
    }

    /// Where the last entry is, or the end marker of an empty list.
    var tailOffset: Int {
        get { Int(load32(at: 4)) }
        nonmutating set { store32(newValue, at: 4) }
    }
}

// MARK: Walking

extension CompactList {
    var first: Position? { isEmpty ? nil : Self.headerSize }

    var last: Position? { isEmpty ? nil : tailOffset }

    /// The position behind the last entry.
    var end: Position { byteCount - 1 }

    /// O(1).
    func next(after position: Position) -> Position? {
        let next = entry(at: position).end
        return next == end ? nil : next
    }

    /// O(1).
    func previous(before position: Position) -> Position? {
        position == Self.headerSize ? nil : position - entryLink(at: position).previousSize
    }

    /// The entry at `index`; negative indices count from the end, -1 is the last. O(distance to the nearer end).
    func position(at index: Int) -> Position? {
        let count = self.count
        let forward = index < 0 ? index + count : index
        guard forward >= 0, forward < count else { return nil }
        if forward < count / 2 {
            var position = Self.headerSize
            for _ in 0..<forward { position = entry(at: position).end }
            return position
        }
        var position = tailOffset
        for _ in 0..<(count - 1 - forward) { position -= entryLink(at: position).previousSize }
        return position
    }
}

// MARK: Raw access

extension CompactList {
    /// Gives the list another size, its bytes and the end marker kept up with. Moves it where jemalloc's class changes.
    mutating func resize(to newSize: Int) {
        precondition(newSize >= Self.emptySize && newSize <= Int(UInt32.max), "a compact list of an impossible size")
        if Heap.usableSize(for: newSize) != Heap.usableSize(for: byteCount) {
            unsafe base = Heap.reallocate(base, newSize)
        }
        byteCount = newSize
        store(Self.endMarker, at: newSize - 1)
    }

    @inline(__always)
    func load(at offset: Int) -> UInt8 { unsafe base.load(fromByteOffset: offset, as: UInt8.self) }

    @inline(__always)
    func load32(at offset: Int) -> UInt32 {
        unsafe UInt32(littleEndian: base.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
    }

    func store(_ byte: UInt8, at offset: Int) { unsafe base.storeBytes(of: byte, toByteOffset: offset, as: UInt8.self) }

    func store32(_ number: Int, at offset: Int) {
        unsafe base.storeBytes(of: UInt32(number).littleEndian, toByteOffset: offset, as: UInt32.self)
    }

    func write(_ bytes: RawSpan, at offset: Int) {
        unsafe bytes.withUnsafeBytes { source in
            guard let start = source.baseAddress else { return }
            unsafe (base + offset).copyMemory(from: start, byteCount: source.count)
        }
    }

    /// Moves bytes to where they may overlap themselves.
    func move(_ length: Int, from source: Int, to target: Int) {
        unsafe (base + target).copyMemory(from: base + source, byteCount: length)
    }
}
