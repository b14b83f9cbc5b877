/// What is not a DUMP payload.
struct BadPayload: Error {
    var reason: String
}

/// A value as a DUMP payload holds it, without the way it is packed: two payloads of the same value are equal.
///
/// It reads the encodings of RDB versions 1 to 7, which Redis 2.8 and 3.2 write. This is a second implementation
/// on purpose: the server under test must not judge itself.
enum DumpedValue: Equatable {
    case string(Bytes)
    case list([Bytes])
    case set(Set<Bytes>)
    case hash([Bytes: Bytes])
    /// Scores by their bits, so that NaN equals itself.
    case sortedSet([Bytes: UInt64])

    /// Reads a payload: type, value, RDB version, CRC-64.
    init(payload: Bytes) throws {
        guard payload.count >= 10 else { throw BadPayload(reason: "too short") }
        let body = Bytes(payload.dropLast(8))
        guard crc64(body) == littleEndian(payload.suffix(8)) else { throw BadPayload(reason: "checksum") }
        var reader = RDBReader(Bytes(body.dropLast(2)))
        self = try reader.value(try reader.byte())
        guard reader.isAtEnd else { throw BadPayload(reason: "bytes left over") }
    }

    /// A payload of RDB version 6 that holds a short string as it is, to be restored.
    static func payload(ofString bytes: Bytes) -> Bytes {
        precondition(bytes.count < 64, "only lengths of one byte")
        return sealed([0, UInt8(bytes.count)] + bytes)
    }

    /// A payload of RDB version 6 around a type and a body.
    static func sealed(_ body: Bytes) -> Bytes {
        let versioned = body + [6, 0]
        let checksum = crc64(versioned)
        return versioned + (0..<8).map { UInt8(truncatingIfNeeded: checksum >> (8 * $0)) }
    }
}

/// The checksum of DUMP payloads and RDB files: CRC-64 of Jones' polynomial, reflected, from 0.
private func crc64(_ bytes: Bytes) -> UInt64 {
    bytes.reduce(0) { crc, byte in crcTable[Int(UInt8(truncatingIfNeeded: crc) ^ byte)] ^ (crc >> 8) }
}

private let crcTable: [UInt64] = (0..<256).map { index in
    (0..<8).reduce(UInt64(index)) { crc, _ in crc & 1 == 1 ? (crc >> 1) ^ 0x95AC_9329_AC4B_C9B5 : crc >> 1 }
}

private func littleEndian(_ bytes: some BidirectionalCollection<UInt8>) -> UInt64 {
    bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
}

private func bigEndian(_ bytes: some Collection<UInt8>) -> UInt64 {
    bytes.reduce(0) { $0 << 8 | UInt64($1) }
}

/// The little-endian number of any width as decimal digits.
private func signedDigits(_ bytes: some BidirectionalCollection<UInt8>) -> Bytes {
    let unused = 64 - 8 * bytes.count
    return Bytes(text: String(Int64(bitPattern: littleEndian(bytes) << UInt64(unused)) >> Int64(unused)))
}

private struct RDBReader {
    private let data: Bytes
    private var position = 0

    init(_ data: Bytes) {
        self.data = data
    }

    var isAtEnd: Bool { position == data.count }

    mutating func take(_ count: Int) throws -> ArraySlice<UInt8> {
        guard count >= 0, count <= data.count - position else { throw BadPayload(reason: "cut short") }
        defer { position += count }
        return data[position..<position + count]
    }

    mutating func byte() throws -> UInt8 {
        guard let byte = try take(1).first else { throw BadPayload(reason: "cut short") }
        return byte
    }

    /// A length, or the number of a special string encoding.
    mutating func length() throws -> (Int, isSpecial: Bool) {
        let first = try byte()
        switch first >> 6 {
        case 0: return (Int(first & 63), false)
        case 1: return (Int(first & 63) << 8 | Int(try byte()), false)
        case 2: return (Int(bigEndian(try take(4))), false)
        default: return (Int(first & 63), true)
        }
    }

    mutating func count() throws -> Int {
        let (number, isSpecial) = try length()
        if isSpecial { throw BadPayload(reason: "special encoding where a count belongs") }
        return number
    }

    mutating func string() throws -> Bytes {
        let (number, isSpecial) = try length()
        guard isSpecial else { return Bytes(try take(number)) }
        switch number {
        case 0...2: return signedDigits(try take(1 << number))
        case 3:
            let packed = try count()
            let size = try count()
            let out = try unpackLZF(take(packed))
            guard out.count == size else { throw BadPayload(reason: "LZF length") }
            return out
        default: throw BadPayload(reason: "string encoding \(number)")
        }
    }

    mutating func strings(_ each: Int = 1) throws -> [Bytes] {
        let total = try count() * each
        return try (0..<total).map { _ in try string() }
    }

    mutating func score() throws -> Double {
        switch try byte() {
        case 253: return .nan
        case 254: return .infinity
        case 255: return -.infinity
        case let size: return try parsedScore(Bytes(take(Int(size))))
        }
    }

    mutating func value(_ type: UInt8) throws -> DumpedValue {
        switch type {
        case 0: return .string(try string())
        case 1: return .list(try strings())
        case 2: return .set(Set(try strings()))
        case 3:
            var scores: [Bytes: UInt64] = [:]
            for _ in 0..<(try count()) {
                let member = try string()
                scores[member] = try score().bitPattern
            }
            return .sortedSet(scores)
        case 4: return .hash(pairs(try strings(2)))
        case 9: return .hash(pairs(try zipmap(string())))
        case 10: return .list(try ziplist(string()))
        case 11: return .set(Set(try intset(string())))
        case 12:
            let flat = pairs(try ziplist(string()))
            return .sortedSet(try flat.mapValues { try parsedScore($0).bitPattern })
        case 13: return .hash(pairs(try ziplist(string())))
        case 14: return .list(try strings().flatMap(ziplist))
        default: throw BadPayload(reason: "value type \(type)")
        }
    }
}

private func parsedScore(_ digits: Bytes) throws -> Double {
    guard let score = Double(digits.latin1) else { throw BadPayload(reason: "score") }
    return score
}

private func pairs(_ flat: [Bytes]) -> [Bytes: Bytes] {
    let names = stride(from: 0, to: flat.count - 1, by: 2).map { (flat[$0], flat[$0 + 1]) }
    return Dictionary(names) { $1 }
}

private func unpackLZF(_ data: ArraySlice<UInt8>) throws -> Bytes {
    var reader = RDBReader(Bytes(data))
    var out = Bytes()
    while !reader.isAtEnd {
        let control = Int(try reader.byte())
        if control < 32 {
            out += try reader.take(control + 1)
            continue
        }
        var size = control >> 5
        if size == 7 { size += Int(try reader.byte()) }
        let start = out.count - ((control & 31) << 8 | Int(try reader.byte())) - 1
        guard start >= 0 else { throw BadPayload(reason: "LZF reference") }
        for index in start..<start + size + 2 { out.append(out[index]) }
    }
    return out
}

private func intset(_ blob: Bytes) throws -> [Bytes] {
    var reader = RDBReader(blob)
    let width = Int(littleEndian(try reader.take(4)))
    let count = Int(littleEndian(try reader.take(4)))
    guard [2, 4, 8].contains(width) else { throw BadPayload(reason: "intset width") }
    return try (0..<count).map { _ in signedDigits(try reader.take(width)) }
}

private func ziplist(_ blob: Bytes) throws -> [Bytes] {
    var reader = RDBReader(blob)
    var out: [Bytes] = []
    _ = try reader.take(10)
    while true {
        // Each entry begins with the length of the one before, in 1 or 5 bytes; 255 ends the list.
        let previous = try reader.byte()
        if previous == 255 { return out }
        if previous == 254 { _ = try reader.take(4) }
        let head = try reader.byte()
        switch head {
        case 0xC0: out.append(signedDigits(try reader.take(2)))
        case 0xD0: out.append(signedDigits(try reader.take(4)))
        case 0xE0: out.append(signedDigits(try reader.take(8)))
        case 0xF0: out.append(signedDigits(try reader.take(3)))
        case 0xFE: out.append(signedDigits(try reader.take(1)))
        case 0xF1...0xFD: out.append(Bytes(text: String(head & 15 - 1)))
        case 0x00...0x3F: out.append(Bytes(try reader.take(Int(head))))
        case 0x40...0x7F: out.append(Bytes(try reader.take(Int(head & 63) << 8 | Int(reader.byte()))))
        case 0x80: out.append(Bytes(try reader.take(Int(bigEndian(reader.take(4))))))
        default: throw BadPayload(reason: "ziplist entry")
        }
    }
}

private func zipmap(_ blob: Bytes) throws -> [Bytes] {
    var reader = RDBReader(blob)
    var out: [Bytes] = []
    _ = try reader.byte()
    while true {
        let head = try reader.byte()
        if head == 255 { return out }
        let size = head == 254 ? Int(littleEndian(try reader.take(4))) : Int(head)
        // A value, every second string, may be followed by unused bytes.
        let free = out.count % 2 == 1 ? Int(try reader.byte()) : 0
        out.append(Bytes(try reader.take(size)))
        _ = try reader.take(free)
    }
}
