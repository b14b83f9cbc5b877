import Memory

/// 64 KiB that all clients read into: what is left of a request at the end of a turn is copied to the client itself, so
/// that idle clients hold no buffer. A handle to memory that is never given back.
@safe
struct ReadArea {
    static let size = 64 * 1024

    private let base: UnsafeMutableRawPointer

    init() { unsafe base = Heap.allocate(Self.size) }

    /// Where to read to.
    var target: UnsafeMutableRawBufferPointer { unsafe UnsafeMutableRawBufferPointer(start: base, count: Self.size) }

    /// The first `count` bytes; good until the next read.
    @_lifetime(borrow self)
    func bytes(_ count: Int) -> RawSpan {
        unsafe _overrideLifetime(RawSpan(_unsafeStart: base, byteCount: count), borrowing: self)
    }
}
