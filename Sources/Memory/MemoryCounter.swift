internal import CJemalloc

/// How much the threads of the process have allocated and not freed, in bytes: what `used_memory` shows.
///
/// jemalloc keeps for each thread the bytes it ever allocated and ever freed, and tells where it keeps them
/// (`thread.allocatedp`, jemalloc(3)). Reading two words a thread is all the bookkeeping there is; the hot path pays
/// nothing. A block that one thread allocates and another frees is right in the sum.
@safe
public struct MemoryCounter: ~Copyable {
    private let allocated: UnsafeMutablePointer<UInt64>
    private let freed: UnsafeMutablePointer<UInt64>

    /// The counter of the calling thread. Read it from any thread while that thread lives; another thread's reading
    /// may be a few operations old.
    public init() {
        unsafe allocated = Self.counter("thread.allocatedp")
        unsafe freed = Self.counter("thread.deallocatedp")
    }

    /// Bytes that this thread ever allocated.
    public var allocatedBytes: Int { unsafe Int(truncatingIfNeeded: allocated.pointee) }

    /// Bytes allocated less bytes freed by this thread; negative for a thread that frees what others allocated.
    public var balance: Int { unsafe Int(truncatingIfNeeded: allocated.pointee &- freed.pointee) }

    private static func counter(_ name: String) -> UnsafeMutablePointer<UInt64> {
        var pointer: UnsafeMutablePointer<UInt64>?
        var size = MemoryLayout<UInt>.size
        let failure = unsafe mallctl(name, &pointer, &size, nil, 0)
        guard failure == 0, let pointer = unsafe pointer else {
            preconditionFailure("jemalloc was built without statistics: \(name)")
        }
        return unsafe pointer
    }
}

/// jemalloc's own totals in bytes, for INFO. Each reading refreshes its statistics: some microseconds.
public struct AllocatorStatistics: Sendable {
    /// In live allocations of the program.
    public let allocated: Int
    /// In pages that hold live allocations.
    public let active: Int
    /// Physically resident, as far as jemalloc knows.
    public let resident: Int
    /// In mapped chunks.
    public let mapped: Int

    public static func current() -> AllocatorStatistics {
        var epoch: UInt64 = 1
        _ = unsafe mallctl("epoch", nil, nil, &epoch, MemoryLayout<UInt64>.size)
        return AllocatorStatistics(
            allocated: read("stats.allocated"), active: read("stats.active"),
            resident: read("stats.resident"), mapped: read("stats.mapped"))
    }

    /// jemalloc's version, as `5.3.0`.
    public static var version: String {
        var text: UnsafePointer<CChar>?
        var size = MemoryLayout<UInt>.size
        guard unsafe mallctl("version", &text, &size, nil, 0) == 0, let text = unsafe text else { return "unknown" }
        let full = unsafe String(cString: text)
        return String(full.prefix { $0 != "-" })
    }

    private static func read(_ name: String) -> Int {
        var value = 0
        var size = MemoryLayout<Int>.size
        let failure = unsafe mallctl(name, &value, &size, nil, 0)
        return failure == 0 ? value : 0
    }
}
