internal import Memory

/// A `BucketTable` in an allocation of its own: what the payload of a hash or set in table form points to.
///
/// A plain word with manual ownership, like the values that hold it.
@safe
struct TableBlock<Element: BucketElement>: BitwiseCopyable {
    private let base: UnsafeMutablePointer<BucketTable<Element>>

    /// A block with an empty table.
    static func make() -> TableBlock {
        let size = MemoryLayout<BucketTable<Element>>.size
        let base = unsafe Heap.allocate(size).bindMemory(to: BucketTable<Element>.self, capacity: 1)
        unsafe base.initialize(to: BucketTable<Element>())
        return unsafe TableBlock(base: base)
    }

    /// The block whose address `payload` is.
    init(payload: UInt64) {
        // Payloads are made below only, from addresses.
        unsafe base = UnsafeMutablePointer(bitPattern: UInt(payload)).unsafelyUnwrapped
    }

    private init(base: UnsafeMutablePointer<BucketTable<Element>>) { unsafe self.base = base }

    /// The block's address.
    var payload: UInt64 { unsafe UInt64(UInt(bitPattern: base)) }

    /// The table, changed in place.
    var table: BucketTable<Element> {
        @inline(__always)
        unsafeAddress { unsafe UnsafePointer(base) }
        @inline(__always)
        nonmutating unsafeMutableAddress { unsafe base }
    }

    /// Gives back the table. Its elements are the caller's to free before.
    func free() {
        unsafe base.deinitialize(count: 1)
        unsafe Heap.free(base, MemoryLayout<BucketTable<Element>>.size)
    }
}
