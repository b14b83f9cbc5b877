import Memory

/// Reads MessagePack and pushes its values on a Lua stack.
struct MessagePackReader: ~Copyable, ~Escapable {
    /// Values between two questions whether the script is to end and has room for more.
    private static let valuesAtOnce = 4096
    /// Arrays and maps within each other; cjson has this bound, too.
    private static let deepest = 1000

    private let bytes: RawSpan
    private(set) var place: Int
    private let stack: LuaStack
    private var valuesLeft = MessagePackReader.valuesAtOnce
    private var depth = 0

    @_lifetime(copy bytes)
    init(_ bytes: RawSpan, from place: Int, _ stack: LuaStack) {
        self.bytes = bytes
        self.place = place
        self.stack = stack
    }

    var isAtEnd: Bool { place == bytes.byteCount }

    /// Pushes the value at the present place; the failure if there is one.
    mutating func push() -> MessagePackFailure? {
        guard depth <= Self.deepest, stack.hasRoom(for: 3) else { return .tooDeep }
        depth += 1
        defer { depth -= 1 }
        if let failure = countValue() { return failure }
        guard let head = take(1) else { return .missingBytes }
        switch UInt8(head) {
        case 0x00...0x7f, 0xe0...0xff: return push(Double(Int8(truncatingIfNeeded: head)))
        case 0x80...0x8f: return pushMap(Int(head & 15))
        case 0x90...0x9f: return pushArray(Int(head & 15))
        case 0xa0...0xbf: return pushText(Int(head & 31))
        case 0xc0: stack.pushNil()
        case 0xc2: stack.push(false)
        case 0xc3: stack.push(true)
        case 0xca: return push(take(4).map { Double(Float(bitPattern: UInt32($0))) })
        case 0xcb: return push(take(8).map { Double(bitPattern: $0) })
        case 0xcc: return push(take(1).map { Double($0) })
        case 0xcd: return push(take(2).map { Double($0) })
        case 0xce: return push(take(4).map { Double($0) })
        case 0xcf: return push(take(8).map { Double($0) })
        case 0xd0: return push(take(1).map { Double(Int8(truncatingIfNeeded: $0)) })
        case 0xd1: return push(take(2).map { Double(Int16(truncatingIfNeeded: $0)) })
        case 0xd2: return push(take(4).map { Double(Int32(truncatingIfNeeded: $0)) })
        case 0xd3: return push(take(8).map { Double(Int64(bitPattern: $0)) })
        case 0xd9: return pushText(takeCount(1))
        case 0xda: return pushText(takeCount(2))
        case 0xdb: return pushText(takeCount(4))
        case 0xdc: return pushArray(takeCount(2))
        case 0xdd: return pushArray(takeCount(4))
        case 0xde: return pushMap(takeCount(2))
        case 0xdf: return pushMap(takeCount(4))
        default: return .badFormat
        }
        return nil
    }

    private mutating func countValue() -> MessagePackFailure? {
        valuesLeft -= 1
        guard valuesLeft == 0 else { return nil }
        valuesLeft = Self.valuesAtOnce
        if stack.withServer({ $0.endOfScript() }) != nil { return .interrupted }
        return stack.mayHold(0) ? nil : .outOfMemory
    }

    /// The next `size` bytes as a number, the first being the highest.
    private mutating func take(_ size: Int) -> UInt64? {
        guard bytes.byteCount - place >= size else { return nil }
        var number: UInt64 = 0
        for _ in 0..<size {
            number = number << 8 | UInt64(bytes[place])
            place += 1
        }
        return number
    }

    private mutating func takeCount(_ size: Int) -> Int? { take(size).map { Int($0) } }

    private func push(_ number: Double?) -> MessagePackFailure? {
        guard let number else { return .missingBytes }
        stack.push(number)
        return nil
    }

    private mutating func pushText(_ length: Int?) -> MessagePackFailure? {
        guard let length, length <= bytes.byteCount - place else { return .missingBytes }
        guard stack.mayHold(length) else { return .outOfMemory }
        stack.push(bytes.extracting(place..<(place + length)))
        place += length
        return nil
    }

    private mutating func pushArray(_ count: Int?) -> MessagePackFailure? {
        guard let count else { return .missingBytes }
        stack.pushTable()
        for number in stride(from: 1, through: count, by: 1) {
            if let failure = push() { return failure }
            stack.setElement(number, ofTableAt: -2)
        }
        return nil
    }

    private mutating func pushMap(_ count: Int?) -> MessagePackFailure? {
        guard let count else { return .missingBytes }
        stack.pushTable()
        for _ in 0..<count {
            if let failure = push() { return failure }
            if let failure = push() { return failure }
            if stack.type(at: -2) == .nil { return .nilKey }
            if stack.type(at: -2) == .number, stack.number(at: -2).isNaN { return .notANumberKey }
            stack.setPair(inTableAt: -3)
        }
        return nil
    }
}
