internal import CJemalloc

/// jemalloc, as the rest of the server sees it: the only place that asks for raw memory.
///
/// Linking jemalloc replaces `malloc` for the whole process, so what the Swift runtime allocates is counted here too.
/// Running out of memory ends the process, as in Redis.
@safe
public enum Heap {
    /// `count` uninitialised bytes, aligned for any trivial type. The block may be larger: see ``usableSize(for:)``.
    @unsafe
    public static func allocate(_ count: Int) -> UnsafeMutableRawPointer {
        guard let block = unsafe mallocx(max(count, 1), 0) else { outOfMemory(count) }
        return unsafe block
    }

    /// As ``allocate(_:)``, zeroed and aligned to a cache line of 64 bytes.
    @unsafe
    public static func allocateCacheLines(_ count: Int) -> UnsafeMutableRawPointer {
        let zeroedAndAligned = zeroFlag | cacheLineAlignment
        guard let block = unsafe mallocx(count, zeroedAndAligned) else { outOfMemory(count) }
        return unsafe block
    }

    /// Gives back a block of ``allocate(_:)`` that was asked for with `count` bytes, or with any number in its class.
    @unsafe
    public static func free(_ block: UnsafeMutableRawPointer, _ count: Int) {
        unsafe sdallocx(block, max(count, 1), 0)
    }

    /// Gives back a block of ``allocateCacheLines(_:)``.
    @unsafe
    public static func freeCacheLines(_ block: UnsafeMutableRawPointer, _ count: Int) {
        unsafe sdallocx(block, count, cacheLineAlignment)
    }

    /// Moves a block to a size of `count` bytes, in place where jemalloc can.
    @unsafe
    public static func reallocate(_ block: UnsafeMutableRawPointer, _ count: Int) -> UnsafeMutableRawPointer {
        guard let moved = unsafe rallocx(block, max(count, 1), 0) else { outOfMemory(count) }
        return unsafe moved
    }

    /// The bytes that jemalloc sets aside for a request of `count`: the size of its class. O(1).
    public static func usableSize(for count: Int) -> Int {
        // Four classes between two powers of two from 128 bytes up, steps of 16 below (jemalloc(3), "Size classes").
        if count <= 8 { return 8 }
        if count <= 128 { return (count + 15) & ~15 }
        let doubling = Int.bitWidth - (count - 1).leadingZeroBitCount
        let step = 1 << (doubling - 3)
        return (count + step - 1) & ~(step - 1)
    }

    // MALLOCX_ZERO and MALLOCX_LG_ALIGN(6), macros that Swift does not see.
    private static let zeroFlag: Int32 = 0x40
    private static let cacheLineAlignment: Int32 = 6

    private static func outOfMemory(_ count: Int) -> Never {
        fatalError("Out of memory allocating \(count) bytes")
    }
}
