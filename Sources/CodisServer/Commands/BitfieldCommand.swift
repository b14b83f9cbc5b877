import Memory
import RESP
import SlotStorage

/// `BITFIELD key [GET type offset] [SET type offset value] [INCRBY type offset increment] [OVERFLOW WRAP|SAT|FAIL] ...`
/// of Redis 3.2: integers of any width at any bit of a string.
extension Server {
    mutating func bitfield(_ request: Request, _ client: Client) throws(CommandError) {
        guard let steps = try bitfieldSteps(request, client) else { return }
        let key = request[1]
        var results: [Int64?] = []
        let written = steps.filter(\.isWrite).map(\.field)
        if let end = written.map(\.end).max(), let start = written.map(\.offset).min() {
            _ = try stringForWriting(key, client)
            keyspace[client.state.database].modifyString(key, minimumLength: (end + 7) / 8) { bits in
                for step in steps { results.append(step.run(on: &bits)) }
            }
            // As in Redis each step that may write counts, and the key as one that changed.
            changed(key, in: client.state.database)
            dirty += steps.count { $0.isWrite } - 1
            notify(.string, "setbit", key, in: client.state.database)
            propagateBytes(start / 8..<(end + 7) / 8, of: key, in: client.state.database)
        } else if let entry = try stringForReading(key, client) {
            entry.withString { bits in
                for step in steps { results.append(step.field.value(in: bits)) }
            }
        } else {
            results = steps.map { _ in 0 }
        }
        client.reply.array(results.count)
        for result in results {
            if let result { client.reply.integer(result) } else { client.reply.null() }
        }
    }

    /// `nil` when an error was replied.
    private func bitfieldSteps(_ request: Request, _ client: Client) throws(CommandError) -> [BitfieldStep]? {
        var steps: [BitfieldStep] = []
        var overflow = BitfieldStep.Overflow.wrap
        var index = 2
        while index < request.count {
            let (word, rest) = (request[index], request.count - index - 1)
            if word.equalsIgnoringCase("overflow"), rest >= 1 {
                guard let named = BitfieldStep.Overflow(request[index + 1]) else {
                    client.reply.append("-ERR Invalid OVERFLOW type specified\r\n")
                    return nil
                }
                overflow = named
                index += 2
                continue
            }
            let isGet = word.equalsIgnoringCase("get")
            let isIncrement = word.equalsIgnoringCase("incrby")
            guard isGet || isIncrement || word.equalsIgnoringCase("set"), rest >= (isGet ? 2 : 3) else {
                throw .syntax
            }
            guard var field = Bitfield(type: request[index + 1]) else {
                client.reply.append(
                    """
                    -ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is.\r\n
                    """)
                return nil
            }
            field.offset = try bitfieldOffset(request[index + 2], width: field.width)
            var action = BitfieldStep.Action.get
            if !isGet {
                let number = try request[index + 3].integer()
                action = isIncrement ? .increment(number) : .set(number)
            }
            steps.append(BitfieldStep(field: field, action: action, overflow: overflow))
            index += isGet ? 3 : 4
        }
        return steps
    }

    /// A number of bits, or with `#` before it of fields.
    private func bitfieldOffset(_ argument: RawSpan, width: Int) throws(CommandError) -> Int {
        let isCounted = argument.byteCount > 0 && argument[0] == UInt8(ascii: "#")
        let digits = argument.extracting((isCounted ? 1 : 0)..<argument.byteCount)
        let number = try digits.integer(orThrow: .bitOffset)
        let (offset, isTooLarge) = number.multipliedReportingOverflow(by: isCounted ? Int64(width) : 1)
        guard !isTooLarge, offset >= 0, offset / 8 < Self.longestString else { throw .bitOffset }
        return Int(offset)
    }
}

/// An integer among the bits of a string.
private struct Bitfield {
    let isSigned: Bool
    /// Bits: 1 to 64 of a signed one, 1 to 63 of one without sign.
    let width: Int
    var offset = 0

    /// From `i16`, `u8` and so on.
    init?(type: RawSpan) {
        guard type.byteCount > 1, let width = Int64(canonical: type.extracting(1..<type.byteCount)), width >= 1
        else { return nil }
        switch type[0] {
        case UInt8(ascii: "i") where width <= 64: isSigned = true
        case UInt8(ascii: "u") where width <= 63: isSigned = false
        default: return nil
        }
        self.width = Int(width)
    }

    /// The bit behind the last one.
    var end: Int { offset + width }

    /// All values that fit.
    var range: ClosedRange<Int128> {
        let count = Int128(1) << Int128(width)
        return isSigned ? -count / 2...count / 2 - 1 : 0...count - 1
    }

    /// The value that the lowest bits of `number` mean.
    func wrapped(_ number: Int128) -> Int64 {
        let low = UInt64(truncatingIfNeeded: number) << UInt64(64 - width)
        return isSigned
            ? Int64(bitPattern: low) >> Int64(64 - width) : Int64(bitPattern: low >> UInt64(64 - width))
    }

    /// Bits behind the end of the string are clear.
    func value(in bits: RawSpan) -> Int64 {
        var number: UInt64 = 0
        for index in offset..<end { number = number << 1 | (bits.bit(at: index) ? 1 : 0) }
        return wrapped(Int128(number))
    }

    func write(_ value: Int64, to bits: inout MutableRawSpan) {
        for index in offset..<end {
            _ = bits.setBit(at: index, to: value >> Int64(end - 1 - index) & 1 == 1)
        }
    }
}

/// One of the things a BITFIELD does.
private struct BitfieldStep {
    enum Action {
        case get
        case set(Int64)
        case increment(Int64)
    }

    /// What becomes of a value that does not fit.
    enum Overflow {
        case wrap
        case saturate
        case fail

        init?(_ name: RawSpan) {
            if name.equalsIgnoringCase("wrap") {
                self = .wrap
            } else if name.equalsIgnoringCase("sat") {
                self = .saturate
            } else if name.equalsIgnoringCase("fail") {
                self = .fail
            } else {
                return nil
            }
        }
    }

    let field: Bitfield
    let action: Action
    let overflow: Overflow

    var isWrite: Bool {
        if case .get = action { false } else { true }
    }

    /// The reply: the value there was, or after an increment the new one; `nil` when it was left as it was.
    func run(on bits: inout MutableRawSpan) -> Int64? {
        let old = field.value(in: bits.bytes)
        switch action {
        case .get:
            return old
        case .set(let number):
            // A field without sign takes the number's bits as they are, so that a negative one is large.
            let wanted = field.isSigned ? Int128(number) : Int128(UInt64(bitPattern: number))
            guard let value = fitted(wanted) else { return nil }
            field.write(value, to: &bits)
            return old
        case .increment(let number):
            guard let value = fitted(Int128(old) + Int128(number)) else { return nil }
            field.write(value, to: &bits)
            return value
        }
    }

    private func fitted(_ number: Int128) -> Int64? {
        if field.range.contains(number) { return field.wrapped(number) }
        switch overflow {
        case .wrap: return field.wrapped(number)
        case .saturate: return field.wrapped(min(max(number, field.range.lowerBound), field.range.upperBound))
        case .fail: return nil
        }
    }
}
