/// A reply of a server, as RESP has it.
enum Reply: Hashable, Sendable {
    case status(Bytes)
    case error(Bytes)
    case integer(Int)
    /// A bulk string; nil is the null bulk, `$-1`.
    case bulk(Bytes?)
    /// An array; nil is the null array, `*-1`.
    case array([Reply]?)

    static func status(_ text: String) -> Reply { .status(Bytes(text: text)) }
    static func error(_ text: String) -> Reply { .error(Bytes(text: text)) }
    static func bulk(_ text: String) -> Reply { .bulk(Bytes(text: text)) }

    static let ok = Reply.status("OK")

    /// The kind of reply, in words.
    var kind: String {
        switch self {
        case .status: "status"
        case .error: "error"
        case .integer: "integer"
        case .bulk(let bytes): bytes == nil ? "nil bulk" : "bulk"
        case .array(let items): items == nil ? "nil array" : "array"
        }
    }

    /// The bytes of a status, error or bulk; nil for every other reply.
    var bytes: Bytes? {
        switch self {
        case .status(let bytes), .error(let bytes): bytes
        case .bulk(let bytes): bytes
        case .integer, .array: nil
        }
    }

    /// The text of an error reply; nil for every other reply.
    var errorText: String? {
        if case .error(let bytes) = self { bytes.latin1 } else { nil }
    }

    /// The items of an array; nil for every other reply.
    var items: [Reply]? {
        if case .array(let items) = self { items } else { nil }
    }

    /// The value of an integer reply; nil for every other reply.
    var integerValue: Int? {
        if case .integer(let value) = self { value } else { nil }
    }

    /// The reply as it travels.
    var encoded: Bytes {
        switch self {
        case .status(let bytes): return Bytes(text: "+") + bytes + [13, 10]
        case .error(let bytes): return Bytes(text: "-") + bytes + [13, 10]
        case .integer(let value): return Bytes(text: ":\(value)\r\n")
        case .bulk(nil): return Bytes(text: "$-1\r\n")
        case .bulk(let bytes?): return Bytes(text: "$\(bytes.count)\r\n") + bytes + [13, 10]
        case .array(nil): return Bytes(text: "*-1\r\n")
        case .array(let items?): return items.reduce(into: Bytes(text: "*\(items.count)\r\n")) { $0 += $1.encoded }
        }
    }
}

extension Reply: CustomStringConvertible {
    var description: String { shown(limit: 12) }

    private func shown(limit: Int) -> String {
        switch self {
        case .status(let bytes): return bytes.latin1
        case .error(let bytes): return "(error) " + bytes.latin1
        case .integer(let value): return "(integer) \(value)"
        case .bulk(let bytes): return bytes?.shown() ?? "(nil)"
        case .array(nil): return "(nil array)"
        case .array(let items?):
            let inner = items.prefix(limit).map { $0.shown(limit: 6) }.joined(separator: ", ")
            return "[" + inner + (items.count > limit ? ", ...(\(items.count) items)]" : "]")
        }
    }
}

/// Bytes that are no RESP reply.
struct NotRESP: Error, CustomStringConvertible {
    var found: Bytes
    var description: String { "not a RESP reply: \(found.shown())" }
}

/// Takes bytes as they come and gives the replies that are complete in them.
struct ReplyParser {
    private var buffer = Bytes()
    private var position = 0

    /// What was received and is not part of a reply yet given.
    var unread: ArraySlice<UInt8> { buffer[position...] }

    mutating func append(_ bytes: Bytes) {
        buffer.removeFirst(position)
        position = 0
        buffer += bytes
    }

    /// Gives up what was received and not yet read.
    mutating func takeUnread() -> Bytes {
        defer {
            buffer = []
            position = 0
        }
        return Bytes(unread)
    }

    /// The next reply with its bytes as they came, or nil while it is incomplete.
    mutating func next() throws -> (reply: Reply, raw: Bytes)? {
        guard let (reply, end) = try parse(at: position) else { return nil }
        let raw = Bytes(buffer[position..<end])
        position = end
        return (reply, raw)
    }

    private func parse(at start: Int) throws -> (Reply, end: Int)? {
        guard let line = line(at: start) else { return nil }
        let next = line.endIndex + 2
        let rest = Bytes(line.dropFirst())
        switch line.first {
        case UInt8(ascii: "+"): return (.status(rest), next)
        case UInt8(ascii: "-"): return (.error(rest), next)
        case UInt8(ascii: ":"): return (.integer(try number(rest)), next)
        case UInt8(ascii: "$"):
            let count = try number(rest)
            if count < 0 { return (.bulk(nil), next) }
            guard buffer.count >= next + count + 2 else { return nil }
            return (.bulk(Bytes(buffer[next..<next + count])), next + count + 2)
        case UInt8(ascii: "*"):
            let count = try number(rest)
            if count < 0 { return (.array(nil), next) }
            var items: [Reply] = []
            var position = next
            for _ in 0..<count {
                guard let (item, end) = try parse(at: position) else { return nil }
                items.append(item)
                position = end
            }
            return (.array(items), position)
        default: throw NotRESP(found: Bytes(buffer[start...].prefix(60)))
        }
    }

    /// The line that begins at `start`, without its end, or nil while that has not come.
    private func line(at start: Int) -> ArraySlice<UInt8>? {
        var index = start
        while index + 1 < buffer.count {
            if buffer[index] == 13 && buffer[index + 1] == 10 { return buffer[start..<index] }
            index += 1
        }
        return nil
    }

    private func number(_ digits: Bytes) throws -> Int {
        guard let value = Int(digits.latin1) else { throw NotRESP(found: digits) }
        return value
    }
}
