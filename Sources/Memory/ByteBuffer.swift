/// A growable run of bytes with one owner.
///
/// Appending is amortised O(1); memory is only held while there is something in it or ``reserve(_:)`` asked for it.
@safe
@frozen
public struct ByteBuffer: ~Copyable, @unchecked Sendable {
    // Unchecked, since a pointer is not: but nobody else has this one, and memory may be freed on any thread.

    @usableFromInline var base: UnsafeMutableRawPointer?
    /// Bytes there is room for without moving.
    public internal(set) var capacity = 0
    /// Bytes in the buffer.
    public internal(set) var count = 0

    /// An empty buffer; allocates nothing.
    @inlinable
    public init() {
        unsafe base = nil
    }

    /// A copy of `bytes`.
    public init(copying bytes: RawSpan) {
        self.init()
        append(bytes)
    }

    deinit {
        if let base = unsafe base { unsafe Heap.free(base, capacity) }
    }

    @inlinable
    public var isEmpty: Bool { count == 0 }

    /// The bytes; the view cannot outlive the buffer.
    @inlinable
    public var bytes: RawSpan {
        @_lifetime(borrow self)
        get {
            guard let base = unsafe base else { return RawSpan() }
            return unsafe _overrideLifetime(RawSpan(_unsafeStart: base, byteCount: count), borrowing: self)
        }
    }

    /// The bytes, to be changed in place.
    public var mutableBytes: MutableRawSpan {
        @_lifetime(&self)
        mutating get {
            let all = unsafe UnsafeMutableRawBufferPointer(start: base, count: count)
            return unsafe _overrideLifetime(MutableRawSpan(_unsafeBytes: all), mutating: &self)
        }
    }

    /// Makes room for `additional` more bytes, at least doubling when it has to move.
    public mutating func reserve(_ additional: Int) {
        let needed = count + additional
        if needed > capacity { resize(to: max(needed, capacity * 2)) }
    }

    /// Makes room for exactly `additional` more bytes, as jemalloc rounds it.
    public mutating func reserveExactly(_ additional: Int) {
        if count + additional > capacity { resize(to: count + additional) }
    }

    public mutating func append(_ bytes: RawSpan) {
        guard bytes.byteCount > 0 else { return }
        reserve(bytes.byteCount)
        unsafe bytes.withUnsafeBytes { source in
            guard let base = unsafe base, let start = source.baseAddress else { return }
            unsafe (base + count).copyMemory(from: start, byteCount: source.count)
        }
        count += bytes.byteCount
    }

    public mutating func append(_ byte: UInt8) {
        reserve(1)
        if let base = unsafe base { unsafe base.storeBytes(of: byte, toByteOffset: count, as: UInt8.self) }
        count += 1
    }

    /// Appends `length` zero bytes.
    public mutating func appendZeros(_ length: Int) {
        guard length > 0 else { return }
        reserve(length)
        if let base = unsafe base {
            unsafe (base + count).initializeMemory(as: UInt8.self, repeating: 0, count: length)
        }
        count += length
    }

    /// Lets `fill` write up to `room` bytes behind the present ones; it answers how many it wrote.
    public mutating func append<E: Error>(
        upTo room: Int, _ fill: (UnsafeMutableRawBufferPointer) throws(E) -> Int
    ) throws(E) -> Int {
        reserve(room)
        guard let base = unsafe base else { return 0 }
        let written = try unsafe fill(UnsafeMutableRawBufferPointer(start: base + count, count: room))
        precondition(written >= 0 && written <= room, "more bytes written than there was room for")
        count += written
        return written
    }

    /// Drops the first `length` bytes and moves the rest to the front. O(rest).
    public mutating func removePrefix(_ length: Int) {
        precondition(length >= 0 && length <= count, "removing more than there is")
        guard length > 0, let base = unsafe base else { return }
        count -= length
        if count == 0 { return }
        unsafe base.copyMemory(from: base + length, byteCount: count)
    }

    /// Empties the buffer and keeps its memory.
    @inlinable
    public mutating func removeAll() { clear() }

    /// Empties the buffer and gives its memory back.
    public mutating func release() {
        if let base = unsafe base { unsafe Heap.free(base, capacity) }
        unsafe base = nil
        capacity = 0
        count = 0
    }

    @usableFromInline
    mutating func clear() { count = 0 }

    private mutating func resize(to newCapacity: Int) {
        let rounded = Heap.usableSize(for: newCapacity)
        if let old = unsafe base {
            unsafe base = Heap.reallocate(old, rounded)
        } else {
            unsafe base = Heap.allocate(rounded)
        }
        capacity = rounded
    }
}
