public import Memory

/// The kinds of reply of Redis' protocol, version 2.
extension ReplyBuffer {
    @inlinable
    public mutating func ok() { append("+OK\r\n") }

    /// `+text`
    @inlinable
    public mutating func status(_ text: StaticString) {
        append(UInt8(ascii: "+"))
        append(text)
        append("\r\n")
    }

    public mutating func status(_ text: RawSpan) {
        append(UInt8(ascii: "+"))
        append(text)
        append("\r\n")
    }

    /// `-text`, where `text` begins with its code. Line breaks within become blanks, so that an error is one line.
    public mutating func error(_ text: String) {
        append(UInt8(ascii: "-"))
        for byte in text.utf8 { append(byte == 13 || byte == 10 ? 32 : byte) }
        append("\r\n")
    }

    @inlinable
    public mutating func integer(_ value: Int) { appendHeader(UInt8(ascii: ":"), Int64(value)) }

    @inlinable
    public mutating func integer(_ value: Int64) { appendHeader(UInt8(ascii: ":"), value) }

    /// A bulk string; O(n).
    @inlinable
    public mutating func bulk(_ bytes: RawSpan) {
        appendHeader(UInt8(ascii: "$"), Int64(bytes.byteCount))
        append(bytes)
        append("\r\n")
    }

    @inlinable
    public mutating func bulk(_ text: StaticString) { bulk(text.bytes) }

    public mutating func bulk(_ text: String) {
        var copy = text
        copy.withUTF8 { unsafe bulk($0.span.bytes) }
    }

    public mutating func bulk(_ bytes: [UInt8]) { unsafe bulk(bytes.span.bytes) }

    /// A bulk string that spells `value`.
    @inlinable
    public mutating func bulk(decimal value: Int64) {
        let width = value.decimalWidth
        appendHeader(UInt8(ascii: "$"), Int64(width))
        let place = unsafe advance(width + 2)
        unsafe Self.writeDecimal(value, to: place, width: width)
        unsafe place.storeBytes(of: 0x0a0d, toByteOffset: width, as: UInt16.self)
    }

    /// Begins a bulk string of `length` bytes, which must follow, and a line break behind them.
    public mutating func beginBulk(_ length: Int) { appendHeader(UInt8(ascii: "$"), Int64(length)) }

    /// The bulk that stands for nothing.
    @inlinable
    public mutating func null() { append(version == .resp2 ? "$-1\r\n" : "_\r\n") }

    @inlinable
    public mutating func nullArray() { append(version == .resp2 ? "*-1\r\n" : "_\r\n") }

    /// Opens an array; `count` replies must follow.
    @inlinable
    public mutating func array(_ count: Int) { appendHeader(UInt8(ascii: "*"), Int64(count)) }

    // MARK: What RESP3 has and RESP2 shows in another form

    /// Opens a map; `count` keys must follow, each with its value. In RESP2 an array of both.
    public mutating func map(_ count: Int) {
        if version == .resp2 { array(2 * count) } else { appendHeader(UInt8(ascii: "%"), Int64(count)) }
    }

    /// Opens a set; `count` members must follow. In RESP2 an array.
    public mutating func set(_ count: Int) {
        appendHeader(version == .resp2 ? UInt8(ascii: "*") : UInt8(ascii: "~"), Int64(count))
    }

    /// Opens a message that nobody has asked for; `count` parts must follow. In RESP2 an array.
    public mutating func push(_ count: Int) {
        appendHeader(version == .resp2 ? UInt8(ascii: "*") : UInt8(ascii: ">"), Int64(count))
    }

    /// Opens a list of pairs; each is ``pair()`` and two replies. In RESP2 an array of both.
    public mutating func pairs(_ count: Int) { array(version == .resp2 ? 2 * count : count) }

    /// Opens one of the pairs of ``pairs(_:)``.
    public mutating func pair() { if version != .resp2 { array(2) } }

    /// A floating-point number that `text` spells. In RESP2 a bulk string.
    public mutating func double(_ text: RawSpan) {
        if version == .resp2 { return bulk(text) }
        append(UInt8(ascii: ","))
        append(text)
        append("\r\n")
    }
}
