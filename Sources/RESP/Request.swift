/// Where one argument lies within the bytes of a request.
@frozen
public struct ArgumentRange: BitwiseCopyable, Sendable {
    @usableFromInline let offset: UInt32
    @usableFromInline let length: UInt32

    @inlinable
    init(offset: Int, length: Int) {
        self.offset = UInt32(offset)
        self.length = UInt32(length)
    }
}

/// One command with its arguments, as views into the bytes that came from the socket.
///
/// Nothing is copied, and a request cannot outlive its bytes. The first argument is the command's name.
@frozen
public struct Request: ~Escapable {
    @usableFromInline let input: RawSpan
    @usableFromInline let ranges: Span<ArgumentRange>

    @inlinable
    @_lifetime(copy input, copy ranges)
    public init(input: RawSpan, ranges: Span<ArgumentRange>) {
        self.input = input
        self.ranges = ranges
    }

    /// How many arguments there are, the command's name included.
    @inlinable
    public var count: Int { ranges.count }

    /// The argument at `index`; traps when there are fewer.
    @inlinable
    public subscript(index: Int) -> RawSpan {
        @_lifetime(copy self)
        get {
            let range = ranges[index]
            return input.extracting(Int(range.offset)..<(Int(range.offset) + Int(range.length)))
        }
    }

    /// The request that begins with the argument at `count`; traps when there are fewer.
    @_lifetime(copy self)
    public func dropFirst(_ count: Int) -> Request {
        Request(input: input, ranges: ranges.extracting(count..<ranges.count))
    }

    /// The length of the argument at `index`, without looking at it; traps when there are fewer.
    @inlinable
    public func byteCount(at index: Int) -> Int { Int(ranges[index].length) }

    /// The bytes of all arguments together.
    public var byteCount: Int {
        var total = 0
        for index in 0..<count { total += Int(ranges[index].length) }
        return total
    }
}
