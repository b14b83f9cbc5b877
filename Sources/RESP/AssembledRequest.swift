internal import Memory

/// A request that is put together argument by argument, and then another with the same memory.
public struct AssembledRequest: ~Copyable {
    private var bytes = ByteBuffer()
    private var arguments = ArgumentList()

    /// Arguments lie within 4 GiB; no request of sense has more than this many bytes.
    public static var longest: Int { 1 << 30 }
    /// Bytes of memory that are kept for the next request.
    private static var keptMemory: Int { 64 * 1024 }

    public init() {}

    /// How many bytes the arguments have together.
    public var byteCount: Int { bytes.count }

    /// Begins another request.
    public mutating func removeAll() {
        if bytes.capacity > Self.keptMemory { bytes.release() } else { bytes.removeAll() }
        arguments.removeAll()
    }

    /// Adds an argument; traps beyond ``longest`` bytes in all. O(length).
    public mutating func append(_ argument: RawSpan) {
        precondition(argument.byteCount <= Self.longest - bytes.count, "a request without end")
        arguments.append(ArgumentRange(offset: bytes.count, length: argument.byteCount))
        bytes.append(argument)
    }

    /// The request as handlers take it; it cannot outlive what it was put together in.
    public var request: Request {
        @_lifetime(borrow self)
        get { Request(input: bytes.bytes, ranges: arguments.ranges) }
    }
}
