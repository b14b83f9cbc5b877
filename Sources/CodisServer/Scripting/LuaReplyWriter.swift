import Memory
import RESP

/// Makes the reply of EVAL from the value that a script returns.
///
/// Strings are bulks, numbers integers without their fraction, tables arrays up to their first nil, or what their field
/// `err` or `ok` says; `true` is 1, everything else nothing. Fields are read raw.
struct LuaReplyWriter {
    /// Tables within tables; a table may even contain itself.
    private static let deepest = 1000
    /// Bytes of strings and elements; a table may contain another many times.
    private static let longest = LuaMachine.memoryLimit

    /// Values between two questions whether the script is to end.
    private static let valuesAtOnce = 50_000

    private let stack: LuaStack
    private var length = 0
    private var valuesLeft = LuaReplyWriter.valuesAtOnce
    /// Why there is no reply.
    private(set) var failure = Failure.tooLarge

    enum Failure {
        case tooLarge
        case stopped(ScriptRun.End)
    }

    init(_ stack: LuaStack) { self.stack = stack }

    /// Writes the value on top of the stack. `false` when it is nested too deeply or too long, or the script was told to
    /// end; what was written must then be dropped.
    mutating func write(to reply: inout ReplyBuffer, _ server: inout Server, depth: Int = 0) -> Bool {
        length += 8
        guard length <= Self.longest, mayGoOn(&server) else { return false }
        switch stack.type(at: -1) {
        case .string:
            let bytes = stack.bytes(at: -1)
            length += bytes.byteCount
            guard length <= Self.longest else { return false }
            reply.bulk(bytes)
        case .number: reply.integer(Self.integer(stack.number(at: -1)))
        case .boolean where stack.boolean(at: -1): reply.integer(1)
        case .table: return writeTable(to: &reply, &server, depth: depth)
        default: reply.null()
        }
        return true
    }

    private mutating func mayGoOn(_ server: inout Server) -> Bool {
        valuesLeft -= 1
        guard valuesLeft == 0 else { return true }
        valuesLeft = Self.valuesAtOnce
        guard let end = server.endOfScript() else { return true }
        failure = .stopped(end)
        return false
    }

    private mutating func writeTable(to reply: inout ReplyBuffer, _ server: inout Server, depth: Int) -> Bool {
        guard depth < Self.deepest, stack.hasRoom(for: 4) else { return false }
        if writeLine("err", UInt8(ascii: "-"), to: &reply) || writeLine("ok", UInt8(ascii: "+"), to: &reply) {
            return true
        }
        let count = elementCount
        reply.array(count)
        for number in stride(from: 1, through: count, by: 1) {
            stack.pushElement(number, ofTableAt: -1)
            defer { stack.pop() }
            guard write(to: &reply, &server, depth: depth + 1) else { return false }
        }
        return true
    }

    /// Elements up to the first nil.
    private var elementCount: Int {
        var count = 0
        while true {
            stack.pushElement(count + 1, ofTableAt: -1)
            defer { stack.pop() }
            if stack.type(at: -1) == .nil { return count }
            count += 1
        }
    }

    /// Writes the string in a field as a line, if there is one.
    private func writeLine(_ field: StaticString, _ kind: UInt8, to reply: inout ReplyBuffer) -> Bool {
        stack.pushField(field, ofTableAt: -1)
        defer { stack.pop() }
        guard stack.type(at: -1) == .string else { return false }
        reply.append(kind)
        reply.append(line: stack.bytes(at: -1))
        reply.append("\r\n")
        return true
    }

    /// C's conversion on x86: what does not fit is the smallest number.
    private static func integer(_ number: Double) -> Int64 { Int64(exactly: number.rounded(.towardZero)) ?? .min }
}

extension ReplyBuffer {
    /// Text within a line: its line breaks become blanks.
    mutating func append(line text: RawSpan) {
        for index in 0..<text.byteCount {
            let byte = text[index]
            append(byte == 13 || byte == 10 ? 32 : byte)
        }
    }
}
