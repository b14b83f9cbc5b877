internal import Memory

/// The argument ranges of the request being parsed: a growable array without a reference count.
///
/// It keeps room for ``keptCapacity`` ranges between requests, so that a connection which sends small commands never
/// allocates, and gives back what a larger one needed.
@safe
@frozen
public struct ArgumentList: ~Copyable {
    @usableFromInline var base: UnsafeMutablePointer<ArgumentRange>?
    @usableFromInline var capacity = 0
    public internal(set) var count = 0

    /// 16 ranges of 8 bytes are kept for each connection.
    static let keptCapacity = 16

    public init() { unsafe base = nil }

    deinit {
        if let base = unsafe base { unsafe Heap.free(base, capacity * MemoryLayout<ArgumentRange>.stride) }
    }

    /// The ranges in order; the view cannot outlive the list.
    @inlinable
    public var ranges: Span<ArgumentRange> {
        @_lifetime(borrow self)
        get {
            guard let base = unsafe base else { return Span() }
            return unsafe _overrideLifetime(Span(_unsafeStart: base, count: count), borrowing: self)
        }
    }

    mutating func append(_ range: ArgumentRange) {
        if count == capacity { grow() }
        if let base = unsafe base { unsafe (base + count).initialize(to: range) }
        count += 1
    }

    mutating func removeAll() {
        count = 0
        if capacity > Self.keptCapacity { release() }
    }

    private mutating func release() {
        if let base = unsafe base { unsafe Heap.free(base, capacity * MemoryLayout<ArgumentRange>.stride) }
        unsafe base = nil
        capacity = 0
    }

    private mutating func grow() {
        let newCapacity = max(Self.keptCapacity, capacity * 2)
        let bytes = newCapacity * MemoryLayout<ArgumentRange>.stride
        let block: UnsafeMutableRawPointer
        if let old = unsafe base {
            unsafe block = Heap.reallocate(old, bytes)
        } else {
            unsafe block = Heap.allocate(bytes)
        }
        unsafe base = block.assumingMemoryBound(to: ArgumentRange.self)
        capacity = newCapacity
    }
}
