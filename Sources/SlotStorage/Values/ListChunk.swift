internal import Memory

/// A link of a `ChunkedList`: a compact list with some of the elements, and the ways to the neighbours.
///
///     8 bytes   address of the next chunk, 0 in the last
///     8 bytes   address of the previous chunk, 0 in the first
///     8 bytes   address of the compact list
///     8 bytes   number of elements, so that passing over a chunk does not touch the list
///
/// A chunk of a list is never empty.
@safe
struct ListChunk: BitwiseCopyable {
    private let base: UnsafeMutableRawPointer

    private static let size = 32

    /// Bytes that a chunk holds at most, the size of two memory pages: a change at one end moves them all. A larger
    /// element has a chunk to itself.
    static let byteLimit = 8192
    /// Elements that a chunk holds at most: finding one by its index passes over this many, one by one.
    static let elementLimit = 512
    /// Bytes of an entry beside its text, at most: its link and its length.
    private static let entryOverhead = 10

    private init(_ base: UnsafeMutableRawPointer) { unsafe self.base = base }

    /// The chunk at an address; `nil` for 0.
    init?(address: UInt64) {
        guard let base = unsafe UnsafeMutableRawPointer(bitPattern: UInt(address)) else { return nil }
        self = unsafe ListChunk(base)
    }

    static func make(_ list: CompactList) -> ListChunk {
        let chunk = unsafe ListChunk(Heap.allocate(size))
        chunk.next = nil
        chunk.previous = nil
        chunk.list = list
        chunk.count = list.count
        return chunk
    }

    func free() {
        list.free()
        unsafe Heap.free(base, Self.size)
    }

    var address: UInt64 { unsafe UInt64(UInt(bitPattern: base)) }

    var next: ListChunk? {
        get { ListChunk(address: load(0)) }
        nonmutating set { store(newValue?.address ?? 0, at: 0) }
    }

    var previous: ListChunk? {
        get { ListChunk(address: load(8)) }
        nonmutating set { store(newValue?.address ?? 0, at: 8) }
    }

    var list: CompactList {
        get { CompactList(payload: load(16)) }
        nonmutating set { store(newValue.payload, at: 16) }
    }

    var count: Int {
        get { Int(load(24)) }
        nonmutating set { store(UInt64(newValue), at: 24) }
    }

    /// How full the chunk is: `byteLimit` is full, in bytes or in elements.
    var fill: Int { max(list.byteCount, count * (Self.byteLimit / Self.elementLimit)) }

    /// Whether an element of `length` bytes belongs into this chunk.
    func hasRoom(for length: Int) -> Bool {
        count < Self.elementLimit && list.byteCount + length + Self.entryOverhead <= Self.byteLimit
    }

    /// Puts an element before the one at `index`, or behind all.
    func insert(_ element: RawSpan, at index: Int) {
        var list = self.list
        list.insert(element, before: index == count ? list.end : list.position(at: index) ?? list.end)
        self.list = list
        count += 1
    }

    /// Removes `count` elements from the one at `index` on, but not all.
    func remove(from index: Int, count: Int) {
        var list = self.list
        list.remove(from: index, count: count)
        self.list = list
        self.count -= count
    }

    private func load(_ offset: Int) -> UInt64 { unsafe base.load(fromByteOffset: offset, as: UInt64.self) }

    private func store(_ word: UInt64, at offset: Int) {
        unsafe base.storeBytes(of: word, toByteOffset: offset, as: UInt64.self)
    }
}
