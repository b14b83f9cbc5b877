internal import CLZF
internal import Memory

/// Reads values in RDB encoding from a run of bytes.
///
/// It believes no length before the bytes are there; nothing is allocated because a length says so, but for LZF,
/// which announces what it expands to and is bounded by what such a stream can expand to at most.
public struct RDBReader: ~Escapable {
    /// The newest version of the format whose values are read: that of Redis 7.4.
    public static let newestVersion = 12

    private let input: RawSpan
    /// The next byte to be read.
    public private(set) var offset: Int
    /// Up to where everything was read and taken: after ``RDBError/truncated``, reading can start again there when more
    /// bytes have come.
    private(set) var taken: Int
    /// How many bytes more there have to be at least, after ``RDBError/truncated``.
    private(set) var missing = 0
    /// Which types there may be.
    let version: Int

    @_lifetime(copy input)
    public init(_ input: RawSpan, from offset: Int = 0, version: Int = newestVersion) {
        self.input = input
        self.offset = offset
        self.version = version
        taken = offset
    }

    public var isAtEnd: Bool { offset == input.byteCount }

    /// Notes that what was read up to here has been taken.
    mutating func take() { taken = offset }

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
            var plain = ByteBuffer()
            try expand(into: &plain)
            return Value(copying: plain.bytes)
        }
    }

    private mutating func readStringForm() throws(RDBError) -> StringForm {
        let first = try readByte()
        switch first >> 6 {
        case 0: return .bytes(Int(first & 0x3f))
        case 1: return .bytes(Int(first & 0x3f) << 8 | Int(try readByte()))
        case 2:
            switch first {
            case 0x80: return .bytes(try readBigEndian(4))
            // Redis 4 and later; no more than `Int` holds can be there anyhow.
            case 0x81: return .bytes(Int(clamping: UInt64(bitPattern: Int64(try readBigEndian(8)))))
            default: throw .unknownEncoding
            }
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

    /// A string, its text appended to `buffer`.
    mutating func readString(into buffer: inout ByteBuffer) throws(RDBError) {
        switch try readStringForm() {
        case .bytes(let length): buffer.append(try take(length))
        case .integer(let number): number.withDigits { buffer.append($0) }
        case .compressed: try expand(into: &buffer)
        }
    }

    /// A string: one of up to `limit` bytes goes to `buffer`, which is empty, and the answer is `nil`; otherwise it is a
    /// value. Numbers are values.
    mutating func readString(shortInto buffer: inout ByteBuffer, upTo limit: Int) throws(RDBError) -> Value? {
        switch try readStringForm() {
        case .integer(let number): return Value(integer: number)
        case .bytes(let length):
            let bytes = try take(length)
            guard length <= limit else { return Value(copying: bytes) }
            buffer.append(bytes)
            return nil
        case .compressed:
            try expand(into: &buffer)
            guard buffer.count > limit else { return nil }
            // The memory for a long string is not kept for short ones.
            defer { buffer.release() }
            return Value(copying: buffer.bytes)
        }
    }

    /// The length of a string that is over `limit` and not there as a whole; its bytes begin here then. `nil`, and
    /// nothing is read, where it is another string.
    mutating func readLengthOfLongString(over limit: Int) throws(RDBError) -> Int? {
        let start = offset
        if case .bytes(let length) = try readStringForm(), length > limit, length > input.byteCount - offset {
            return length
        }
        offset = start
        return nil
    }

    /// The bytes that are there, up to `limit`.
    @_lifetime(copy self)
    mutating func takeAvailable(atMost limit: Int) -> RawSpan {
        let length = min(limit, input.byteCount - offset)
        defer { offset += length }
        return input.extracting(offset..<(offset + length))
    }

    /// A string, as bytes to look at.
    @_lifetime(copy self)
    mutating func readText() throws(RDBError) -> RDBText {
        switch try readStringForm() {
        case .bytes(let length): return RDBText(within: try take(length))
        case .integer(let number): return RDBText(number.withDigits { ByteBuffer(copying: $0) })
        case .compressed:
            var plain = ByteBuffer()
            try expand(into: &plain)
            return RDBText(plain)
        }
    }

    /// A length where no special string form is allowed.
    public mutating func readLength() throws(RDBError) -> Int {
        guard case .bytes(let length) = try readStringForm() else { throw .unknownEncoding }
        return length
    }

    private mutating func expand(into plain: inout ByteBuffer) throws(RDBError) {
        let compressedLength = try readLength()
        let length = try readLength()
        let source = try take(compressedLength)
        // Two bytes of LZF announce at most a back reference of 8 more, three bytes one of 264.
        guard length > 0, compressedLength > 0, length <= compressedLength * 132 else { throw .badCompression }
        let written = unsafe plain.append(upTo: length) { target in
            unsafe source.withUnsafeBytes { source in
                unsafe Int(
                    lzf_decompress(source.baseAddress, UInt32(source.count), target.baseAddress, UInt32(length)))
            }
        }
        guard written == length else { throw .badCompression }
    }

    /// Throws where not a single byte more is there.
    mutating func checkForMore() throws(RDBError) {
        guard offset < input.byteCount else {
            missing = 1
            throw .truncated
        }
    }

    mutating func readByte() throws(RDBError) -> UInt8 {
        try checkForMore()
        defer { offset += 1 }
        return input[offset]
    }

    private mutating func readBigEndian(_ bytes: Int) throws(RDBError) -> Int {
        var value = 0
        for _ in 0..<bytes { value = value << 8 | Int(try readByte()) }
        return value
    }

    mutating func readLittleEndian(_ bytes: Int) throws(RDBError) -> UInt64 {
        var value: UInt64 = 0
        for index in 0..<bytes { value |= UInt64(try readByte()) << UInt64(8 * index) }
        return value
    }

    @_lifetime(copy self)
    mutating func take(_ length: Int) throws(RDBError) -> RawSpan {
        guard length <= input.byteCount - offset else {
            missing = length - (input.byteCount - offset)
            throw .truncated
        }
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
