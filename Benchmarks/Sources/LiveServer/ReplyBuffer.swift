/// Received bytes, and the replies in them, of which the last may still be incomplete.
struct ReplyBuffer {
    private var bytes: [UInt8] = []
    /// Where the next reply begins.
    private var position = 0

    /// Adds received bytes, and forgets those whose replies were taken.
    mutating func append(_ received: UnsafeMutableBufferPointer<UInt8>.SubSequence) {
        if position > 0 {
            bytes.removeFirst(position)
            position = 0
        }
        unsafe bytes.append(contentsOf: received)
    }

    /// Takes the next reply; nil, and nothing is taken, when it is not complete.
    ///
    /// - Throws: `ServerFailure` for bytes that are no reply.
    mutating func next() throws -> Reply? {
        let start = position
        let reply = try takeValue()
        if reply == nil { position = start }
        return reply
    }

    private mutating func takeValue() throws -> Reply? {
        guard let line = takeLine() else { return nil }
        guard let kind = bytes[line].first else { throw ServerFailure("an empty line where a reply begins") }
        let rest = line.dropFirst()
        switch kind {
        case UInt8(ascii: "+"): return .status(text(rest))
        case UInt8(ascii: "-"): return .error(text(rest))
        case UInt8(ascii: ":"): return .integer(try number(rest))
        case UInt8(ascii: "$"): return takeBulk(length: try number(rest))
        case UInt8(ascii: "*"): return try takeArray(count: try number(rest))
        default: throw ServerFailure("a reply cannot begin with byte \(kind)")
        }
    }

    /// The range of the next line without its CR LF.
    private mutating func takeLine() -> Range<Int>? {
        guard let end = bytes[position...].firstIndex(of: UInt8(ascii: "\r")), end + 1 < bytes.count else { return nil }
        defer { position = end + 2 }
        return position..<end
    }

    private mutating func takeBulk(length: Int) -> Reply? {
        guard length >= 0 else { return .bulk(nil) }
        guard position + length + 2 <= bytes.count else { return nil }
        defer { position += length + 2 }
        return .bulk(text(position..<position + length))
    }

    private mutating func takeArray(count: Int) throws -> Reply? {
        guard count >= 0 else { return .array(nil) }
        var elements: [Reply] = []
        elements.reserveCapacity(count)
        for _ in 0..<count {
            guard let element = try takeValue() else { return nil }
            elements.append(element)
        }
        return .array(elements)
    }

    private func text(_ range: Range<Int>) -> String {
        String(decoding: bytes[range], as: UTF8.self)
    }

    private func number(_ range: Range<Int>) throws -> Int {
        guard let value = Int(text(range)) else { throw ServerFailure("not a number in a reply: \(text(range))") }
        return value
    }
}
