internal import Memory

/// The bytes of a long string in an allocation of their own: 16 bytes of header, then the string, then room to grow.
///
///     8 bytes   length      8 bytes   capacity      n bytes   the string
@safe
@usableFromInline
@frozen
struct StringBlock: BitwiseCopyable {
    @usableFromInline let base: UnsafeMutableRawPointer

    @usableFromInline static let headerSize = 16

    @inlinable
    init(_ base: UnsafeMutableRawPointer) { unsafe self.base = base }

    /// A block with `count` uninitialised bytes, and `spare` more to grow into.
    static func allocate(count: Int, spare: Int = 0) -> StringBlock {
        let size = Heap.usableSize(for: headerSize + count + spare)
        let block = unsafe StringBlock(Heap.allocate(size))
        unsafe block.base.storeBytes(of: size - headerSize, toByteOffset: 8, as: Int.self)
        block.count = count
        return block
    }

    func free() { unsafe Heap.free(base, capacity + Self.headerSize) }

    @usableFromInline
    var count: Int {
        @inlinable get { unsafe base.load(as: Int.self) }
        nonmutating set { unsafe base.storeBytes(of: newValue, as: Int.self) }
    }

    var capacity: Int { unsafe base.load(fromByteOffset: 8, as: Int.self) }

    @usableFromInline
    var start: UnsafeMutableRawPointer {
        @inlinable get { unsafe base + Self.headerSize }
    }

    @usableFromInline
    var bytes: RawSpan {
        @_lifetime(borrow self)
        @inlinable
        get { unsafe _overrideLifetime(RawSpan(_unsafeStart: start, byteCount: count), borrowing: self) }
    }

    /// The same string in a block of at least `capacity`, the old one gone.
    func grown(to capacity: Int) -> StringBlock {
        let size = Heap.usableSize(for: Self.headerSize + capacity)
        let moved = unsafe StringBlock(Heap.reallocate(base, size))
        unsafe moved.base.storeBytes(of: size - Self.headerSize, toByteOffset: 8, as: Int.self)
        return moved
    }
}
