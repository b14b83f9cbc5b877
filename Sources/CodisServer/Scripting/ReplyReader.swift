import Memory

/// Goes through replies of this server, which are well-formed.
struct ReplyReader: ~Escapable {
    private let bytes: RawSpan
    private var position = 0

    @_lifetime(copy bytes)
    init(_ bytes: RawSpan) { self.bytes = bytes }

    /// `+`, `-`, `:`, `$` or `*`
    mutating func kind() -> UInt8 {
        defer { position += 1 }
        return bytes[position]
    }

    /// The number on the rest of the line.
    mutating func number() -> Int {
        var index = position
        let isNegative = bytes[index] == UInt8(ascii: "-")
        if isNegative { index += 1 }
        var magnitude: UInt64 = 0
        while bytes[index] != 13 {
            magnitude = magnitude &* 10 &+ UInt64(bytes[index] &- 48)
            index += 1
        }
        position = index + 2
        return Int(truncatingIfNeeded: isNegative ? 0 &- magnitude : magnitude)
    }

    /// The rest of the line.
    @_lifetime(copy self)
    mutating func line() -> RawSpan {
        // Every line of a reply has an end.
        let end = bytes.firstIndex(of: 13, from: position) ?? bytes.byteCount
        defer { position = end + 2 }
        return bytes.extracting(position..<end)
    }

    /// The string of `length` bytes that begins here.
    @_lifetime(copy self)
    mutating func string(_ length: Int) -> RawSpan {
        defer { position += length + 2 }
        return bytes.extracting(position..<(position + length))
    }
}
