import Memory

/// Writes values of a Lua stack as MessagePack.
struct MessagePackWriter: ~Copyable {
    /// Tables within tables; what lies deeper is nil, so that a table may contain itself.
    private static let deepest = 16
    /// Values between two questions whether the script is to end.
    private static let valuesAtOnce = 50_000

    private let stack: LuaStack
    private(set) var output = ByteBuffer()
    private var valuesLeft = MessagePackWriter.valuesAtOnce

    init(_ stack: LuaStack) { self.stack = stack }

    /// Writes the value on top of the stack; the failure if there is one.
    mutating func write(depth: Int = 0) -> MessagePackFailure? {
        valuesLeft -= 1
        if valuesLeft == 0 {
            valuesLeft = Self.valuesAtOnce
            if stack.withServer({ $0.endOfScript() }) != nil { return .interrupted }
        }
        switch stack.type(at: -1) {
        case .string: write(stack.bytes(at: -1))
        case .number: write(stack.number(at: -1))
        case .boolean: output.append(stack.boolean(at: -1) ? 0xc3 : 0xc2)
        case .table where depth < Self.deepest: return writeTable(depth: depth)
        default: output.append(0xc0)
        }
        return stack.mayHold(output.count) ? nil : .outOfMemory
    }

    // MARK: Numbers and strings

    private mutating func write(_ number: Double) {
        if let integer = Int64(exactly: number) {
            write(integer)
        } else if Double(Float(number)) == number {
            output.append(0xca)
            append(UInt64(Float(number).bitPattern), 4)
        } else {
            output.append(0xcb)
            append(number.bitPattern, 8)
        }
    }

    private mutating func write(_ integer: Int64) {
        let bits = UInt64(bitPattern: integer)
        switch integer {
        case 0...127, -32 ... -1: output.append(UInt8(truncatingIfNeeded: integer))
        case 128...0xff: append(0xcc, bits, 1)
        case 0x100...0xffff: append(0xcd, bits, 2)
        case 0x1_0000...0xffff_ffff: append(0xce, bits, 4)
        case 0x1_0000_0000...: append(0xcf, bits, 8)
        case -0x80 ..< -32: append(0xd0, bits, 1)
        case -0x8000 ..< -0x80: append(0xd1, bits, 2)
        case -0x8000_0000 ..< -0x8000: append(0xd2, bits, 4)
        default: append(0xd3, bits, 8)
        }
    }

    private mutating func write(_ text: RawSpan) {
        let length = UInt64(text.byteCount)
        switch length {
        case ..<32: output.append(0xa0 | UInt8(length))
        case ..<0x100: append(0xd9, length, 1)
        case ..<0x1_0000: append(0xda, length, 2)
        default: append(0xdb, length, 4)
        }
        output.append(text)
    }

    private mutating func append(_ head: UInt8, _ bits: UInt64, _ size: Int) {
        output.append(head)
        append(bits, size)
    }

    /// The lower `size` bytes, the highest first.
    private mutating func append(_ bits: UInt64, _ size: Int) {
        for digit in (0..<size).reversed() { output.append(UInt8(truncatingIfNeeded: bits >> UInt64(8 * digit))) }
    }

    // MARK: Tables

    private mutating func writeTable(depth: Int) -> MessagePackFailure? {
        guard stack.hasRoom(for: 3) else { return .tooDeep }
        let (count, isArray) = measure()
        return isArray ? writeArray(count, depth: depth) : writeMap(count, depth: depth)
    }

    /// How many pairs there are, and whether their keys are the numbers from 1 on.
    private func measure() -> (count: Int, isArray: Bool) {
        var count = 0
        var largest = 0
        var isArray = true
        stack.pushNil()
        while stack.pushNext(ofTableAt: -2) {
            stack.pop()
            count += 1
            guard isArray else { continue }
            let key = stack.type(at: -1) == .number ? Int(exactly: stack.number(at: -1)) ?? 0 : 0
            if key > 0 { largest = max(largest, key) } else { isArray = false }
        }
        return (count, isArray && largest == count)
    }

    private mutating func writeArray(_ count: Int, depth: Int) -> MessagePackFailure? {
        writeHead(count, short: 0x90, medium: 0xdc, long: 0xdd)
        for number in stride(from: 1, through: count, by: 1) {
            stack.pushElement(number, ofTableAt: -1)
            defer { stack.pop() }
            if let failure = write(depth: depth + 1) { return failure }
        }
        return nil
    }

    private mutating func writeMap(_ count: Int, depth: Int) -> MessagePackFailure? {
        writeHead(count, short: 0x80, medium: 0xde, long: 0xdf)
        stack.pushNil()
        while stack.pushNext(ofTableAt: -2) {
            stack.push(valueAt: -2)
            if let failure = write(depth: depth + 1) { return failure }
            stack.pop()
            if let failure = write(depth: depth + 1) { return failure }
            stack.pop()
        }
        return nil
    }

    private mutating func writeHead(_ count: Int, short: UInt8, medium: UInt8, long: UInt8) {
        switch count {
        case ..<16: output.append(short | UInt8(count))
        case ..<0x1_0000: append(medium, UInt64(count), 2)
        default: append(long, UInt64(count), 4)
        }
    }
}
