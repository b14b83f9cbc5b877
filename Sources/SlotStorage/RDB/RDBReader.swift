internal import CLZF
internal import Memory

/// What is wrong with bytes that should be RDB.
public enum RDBError: Error, Equatable {
    /// The bytes end before the value does.
    case truncated
    /// An encoding that does not exist or is out of place here.
    case unknownEncoding
    /// A value type that this server does not know.
    case unknownType
    /// A compressed string that does not give what it announces.
    case badCompression
    /// Bytes behind the value.
    case trailingBytes
    /// A collection without elements, or with the same one twice, or whose bytes are not of the form they announce.
    case badCollection
}

/// Reads values in RDB encoding from a run of bytes.
///
/// It believes no length before the bytes are there; nothing is allocated because a length says so, but for LZF,
/// which announces what it expands to and is bounded by what such a stream can expand to at most.
public struct RDBReader: ~Escapable {
    private let input: RawSpan
    /// The next byte to be read.
    public private(set) var offset = 0

    @_lifetime(copy input)
    public init(_ input: RawSpan) { self.input = input }

    public var isAtEnd: Bool { offset == input.byteCount }

    /// The type byte and the value behind it.
    public mutating func readTypeAndValue(limits: EncodingLimits) throws(RDBError) -> Value {
        guard let type = RDBType(rawValue: try readByte()) else { throw .unknownType }
        return try readValue(type, limits: limits)
    }

    public mutating func readValue(_ type: RDBType, limits: EncodingLimits) throws(RDBError) -> Value {
        switch type {
        case .string: try readString()
        case .hash, .hashZiplist, .hashZipmap: try readHash(type, limits: limits)
        case .set, .setIntset: try readSet(type, limits: limits)
        case .list, .listZiplist, .listQuicklist: try readList(type, limits: limits)
        case .sortedSet, .sortedSetZiplist: try readSortedSet(type, limits: limits)
        }
    }

    private enum StringForm {
        case bytes(Int)
        case integer(Int64)
        case compressed
    }

    /// A string, as a value.
    public mutating func readString() throws(RDBError) -> Value {
        switch try readStringForm() {
        case .bytes(let length): return Value(copying: try take(length))
        case .integer(let number): return Value(integer: number)
        case .compressed:
            let plain = try expand()
            return Value(copying: plain.bytes)
        }
    }

    private mutating func readStringForm() throws(RDBError) -> StringForm {
        let first = try readByte()
        switch first >> 6 {
        case 0: return .bytes(Int(first & 0x3f))
        case 1: return .bytes(Int(first & 0x3f) << 8 | Int(try readByte()))
        case 2:
            guard first == 0x80 else { throw .unknownEncoding }
            return .bytes(try readBigEndian(4))
        default:
            switch first & 0x3f {
            case 0: return .integer(Int64(Int8(bitPattern: try readByte())))
            case 1: return .integer(Int64(Int16(truncatingIfNeeded: try readLittleEndian(2))))
            case 2: return .integer(Int64(Int32(truncatingIfNeeded: try readLittleEndian(4))))
            case 3: return .compressed
            default: throw .unknownEncoding
            }
        }
    }

    /// A string, as bytes to look at.
    @_lifetime(copy self)
    mutating func readText() throws(RDBError) -> RDBText {
        switch try readStringForm() {
        case .bytes(let length): return RDBText(within: try take(length))
        case .integer(let number): return RDBText(number.withDigits { ByteBuffer(copying: $0) })
        case .compressed: return RDBText(try expand())
        }
    }

    /// A length where no special string form is allowed.
    public mutating func readLength() throws(RDBError) -> Int {
        guard case .bytes(let length) = try readStringForm() else { throw .unknownEncoding }
        return length
    }

    private mutating func expand() throws(RDBError) -> ByteBuffer {
        let compressedLength = try readLength()
        let length = try readLength()
        let source = try take(compressedLength)
        // Two bytes of LZF announce at most a back reference of 8 more, three bytes one of 264.
        guard length > 0, compressedLength > 0, length <= compressedLength * 132 else { throw .badCompression }
        var plain = ByteBuffer()
        let written = unsafe plain.append(upTo: length) { target in
            unsafe source.withUnsafeBytes { source in
                unsafe Int(
                    lzf_decompress(source.baseAddress, UInt32(source.count), target.baseAddress, UInt32(length)))
            }
        }
        guard written == length else { throw .badCompression }
        return plain
    }

    mutating func readByte() throws(RDBError) -> UInt8 {
        guard offset < input.byteCount else { throw .truncated }
        defer { offset += 1 }
        return input[offset]
    }

    private mutating func readBigEndian(_ bytes: Int) throws(RDBError) -> Int {
        var value = 0
        for _ in 0..<bytes { value = value << 8 | Int(try readByte()) }
        return value
    }

    private mutating func readLittleEndian(_ bytes: Int) throws(RDBError) -> UInt64 {
        var value: UInt64 = 0
        for index in 0..<bytes { value |= UInt64(try readByte()) << UInt64(8 * index) }
        return value
    }

    @_lifetime(copy self)
    mutating func take(_ length: Int) throws(RDBError) -> RawSpan {
        guard length <= input.byteCount - offset else { throw .truncated }
        defer { offset += length }
        return input.extracting(offset..<(offset + length))
    }
}

/// A string that was read: a part of the input, or bytes of its own where it was compressed or a number.
struct RDBText: ~Copyable, ~Escapable {
    private let part: RawSpan
    private let own: ByteBuffer

    @_lifetime(copy part)
    init(within part: RawSpan) {
        self.part = part
        own = ByteBuffer()
    }

    @_lifetime(immortal)
    init(_ own: consuming ByteBuffer) {
        part = RawSpan()
        self.own = own
    }

    var bytes: RawSpan {
        @_lifetime(borrow self)
        get { own.isEmpty ? part : own.bytes }
    }
}
