internal import Memory

/// Reads a listpack, the form of small collections from Redis 7 on (`listpack.c`).
///
///     4 bytes   size of all, in bytes
///     2 bytes   number of elements; 65535 when it has to be counted
///     for each: code, content, and the size of both in 1 to 5 bytes, to be read backwards
///     1 byte    255
///
/// Numbers are little-endian. A code with its content is
///
///     0xxxxxxx                     an integer from 0 to 127
///     10xxxxxx                     a string of up to 63 bytes
///     110xxxxx + 1 byte            an integer of 13 bits, the highest first
///     1110xxxx + 1 byte            a string of up to 4095 bytes, the length with the highest bits first
///     11110000 + 4 bytes           a longer string
///     11110001 ... 11110100        an integer of 16, 24, 32, 64 bits
struct Listpack: ~Escapable {
    /// A string as the place where it is, or an integer.
    enum Element {
        case bytes(Range<Int>)
        case integer(Int64)

        /// Bytes of the element's text.
        var length: Int {
            switch self {
            case .bytes(let range): range.count
            case .integer(let number): number.decimalWidth
            }
        }

        /// Bytes of a string, 0 for an integer.
        var stringLength: Int { if case .bytes(let range) = self { range.count } else { 0 } }
    }

    private let bytes: RawSpan
    private var offset = 6
    private var elementsRead = 0

    private static var endMarker: UInt8 { 255 }
    private static var unknownCount: Int { 65535 }

    /// Fails when the frame around the elements is not right.
    @_lifetime(copy bytes)
    init(_ bytes: RawSpan) throws(RDBError) {
        self.bytes = bytes
        let size = bytes.byteCount
        guard size >= 7, Self.littleEndian(bytes, 0, 4) == size, bytes[size - 1] == Self.endMarker else {
            throw .badListpack
        }
    }

    /// The next element, or `nil` behind the last one.
    mutating func next() throws(RDBError) -> Element? {
        let end = bytes.byteCount - 1
        if offset == end {
            let count = Self.littleEndian(bytes, 4, 2)
            guard count == elementsRead || count == Self.unknownCount else { throw .badListpack }
            return nil
        }
        let start = offset
        let element = try readElement()
        try skipSize(of: offset - start)
        elementsRead += 1
        return element
    }

    /// Lets `body` see the text of an element; an integer is spelled out on the stack.
    func withText<Result, E: Error>(of element: Element, _ body: (RawSpan) throws(E) -> Result) throws(E) -> Result {
        switch element {
        case .bytes(let range): return try body(bytes.extracting(range))
        case .integer(let number):
            var digits: [20 of UInt8] = .init(repeating: 0)
            let start = number.writeDecimal(into: &digits)
            // Bytes have no padding that could be seen.
            return try unsafe body(digits.span.bytes.extracting(start..<20))
        }
    }

    /// All elements as a compact list, which is the caller's; `look` sees each before, with its number.
    mutating func convert(_ look: (_ number: Int, _ element: Element) -> Void) throws(RDBError) -> CompactList {
        guard bytes.byteCount <= CompactList.largestSize / 4 else { throw .elementTooLong }
        // Entries are about as long in both forms.
        var builder = CompactListBuilder(reserving: bytes.byteCount + bytes.byteCount / 8)
        while let element = try next() {
            look(builder.count, element)
            switch element {
            case .bytes(let range): builder.append(bytes.extracting(range))
            case .integer(let number): builder.append(number)
            }
        }
        return builder.finish()
    }

    private mutating func readElement() throws(RDBError) -> Element {
        let code = bytes[try take(1).lowerBound]
        switch code {
        case 0..<0x80: return .integer(Int64(code))
        case 0x80..<0xc0: return .bytes(try take(Int(code & 0x3f)))
        case 0xc0..<0xe0:
            let number = Int64(code & 0x1f) << 8 | Int64(bytes[try take(1).lowerBound])
            return .integer((number << 51) >> 51)
        case 0xe0..<0xf0:
            let length = Int(code & 0x0f) << 8 | Int(bytes[try take(1).lowerBound])
            return .bytes(try take(length))
        case 0xf0:
            let range = try take(4)
            return .bytes(try take(Self.littleEndian(bytes, range.lowerBound, 4)))
        case 0xf1: return try readInteger(bytes: 2)
        case 0xf2: return try readInteger(bytes: 3)
        case 0xf3: return try readInteger(bytes: 4)
        case 0xf4: return try readInteger(bytes: 8)
        default: throw .badListpack
        }
    }

    private mutating func readInteger(bytes size: Int) throws(RDBError) -> Element {
        let range = try take(size)
        let unused = 64 - 8 * size
        return .integer((Int64(Self.littleEndian(bytes, range.lowerBound, size)) << unused) >> unused)
    }

    /// Passes over the size behind an element of `size` bytes: seven bits a byte, the lowest last, and all bytes but
    /// the first have the highest bit set.
    private mutating func skipSize(of size: Int) throws(RDBError) {
        // Redis' borders: but for the first, the greatest number of each width has one byte more.
        let width = size <= 127 ? 1 : size < 16_383 ? 2 : size < 2_097_151 ? 3 : size < 268_435_455 ? 4 : 5
        for index in try take(width) {
            let shift = 7 * (offset - 1 - index)
            let isFirst = index == offset - width
            guard bytes[index] == UInt8(size >> shift & 0x7f) | (isFirst ? 0 : 0x80) else { throw .badListpack }
        }
    }

    private mutating func take(_ length: Int) throws(RDBError) -> Range<Int> {
        // The end marker is not part of any element.
        guard length <= bytes.byteCount - 1 - offset else { throw .badListpack }
        defer { offset += length }
        return offset..<(offset + length)
    }

    private static func littleEndian(_ bytes: RawSpan, _ offset: Int, _ size: Int) -> Int {
        var number = 0
        for index in 0..<size { number |= Int(bytes[offset + index]) << (8 * index) }
        return number
    }
}
