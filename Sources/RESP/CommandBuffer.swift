public import Memory

/// Commands as a client sends them, one behind the other: what replicas get, and what append-only files are made of.
///
/// Each command is ``array(_:)`` with the number of its arguments, the name included, and as many ``bulk(_:)``.
public struct CommandBuffer: ~Copyable, Sendable {
    private var buffer = ByteBuffer()

    public init() {}

    public var bytes: RawSpan {
        @_lifetime(borrow self)
        get { buffer.bytes }
    }

    public var count: Int { buffer.count }

    public var isEmpty: Bool { buffer.isEmpty }

    // MARK: Writing

    /// Begins a command of `count` arguments.
    public mutating func array(_ count: Int) { appendHeader(UInt8(ascii: "*"), count) }

    public mutating func bulk(_ argument: RawSpan) {
        buffer.reserve(argument.byteCount + 32)
        appendHeader(UInt8(ascii: "$"), argument.byteCount)
        buffer.append(argument)
        buffer.append(UInt8(ascii: "\r"))
        buffer.append(UInt8(ascii: "\n"))
    }

    public mutating func bulk(_ argument: StaticString) { bulk(argument.bytes) }

    /// An argument that spells `number`.
    public mutating func bulk(decimal number: Int64) { number.withDigits { bulk($0) } }

    /// An argument of eight bytes, the lowest of `word` first.
    public mutating func bulk(littleEndian word: UInt64) {
        appendHeader(UInt8(ascii: "$"), 8)
        for shift in stride(from: 0, to: 64, by: 8) { buffer.append(UInt8(truncatingIfNeeded: word >> UInt64(shift))) }
        buffer.append(UInt8(ascii: "\r"))
        buffer.append(UInt8(ascii: "\n"))
    }

    /// The command that a request is, whatever form it came in.
    public mutating func append(_ request: borrowing Request) {
        array(request.count)
        for index in 0..<request.count { bulk(request[index]) }
    }

    /// Bytes that are commands already.
    public mutating func append(encoded bytes: RawSpan) { buffer.append(bytes) }

    /// Appends these commands to `other`.
    public func copy(to other: inout CommandBuffer) { other.append(encoded: bytes) }

    private mutating func appendHeader(_ kind: UInt8, _ number: Int) {
        buffer.append(kind)
        if number < 10 {
            buffer.append(UInt8(ascii: "0") + UInt8(number))
        } else {
            Int64(number).withDigits { buffer.append($0) }
        }
        buffer.append(UInt8(ascii: "\r"))
        buffer.append(UInt8(ascii: "\n"))
    }

    // MARK: Emptying

    /// Forgets the commands and keeps the memory for the next ones, unless it is more than `limit` bytes.
    public mutating func removeAll(keepingUpTo limit: Int = .max) {
        if buffer.capacity > limit { buffer.release() } else { buffer.removeAll() }
    }

    /// Moves everything behind what is in `target`. Where that is empty the two exchange their memory.
    public mutating func move(to target: inout ByteBuffer) {
        if target.isEmpty {
            swap(&buffer, &target)
        } else {
            target.append(buffer.bytes)
        }
        buffer.removeAll()
    }

    /// Hands out what was written, and begins anew.
    public mutating func take() -> ByteBuffer {
        var taken = ByteBuffer()
        swap(&taken, &buffer)
        return taken
    }
}
