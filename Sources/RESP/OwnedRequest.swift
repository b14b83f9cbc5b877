internal import Memory

/// A request that outlives the bytes it was parsed from: a copy of its arguments, one behind the other, and where each
/// of them lies.
///
/// What stood between the arguments on the wire is left out, so a copy is no larger than what it says.
public struct OwnedRequest: ~Copyable {
    private var bytes = ByteBuffer()
    private var arguments = ArgumentList()

    /// Copies every argument. O(bytes).
    public init(copying request: borrowing Request) {
        bytes.reserveExactly(request.byteCount)
        for index in 0..<request.count {
            let argument = request[index]
            arguments.append(ArgumentRange(offset: bytes.count, length: argument.byteCount))
            bytes.append(argument)
        }
    }

    /// The request as handlers take it; it cannot outlive its owner.
    public var request: Request {
        @_lifetime(borrow self)
        get { Request(input: bytes.bytes, ranges: arguments.ranges) }
    }
}
