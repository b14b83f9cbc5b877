internal import Memory

/// Reads a zipmap, the form of small hashes up to Redis 2.4.
///
///     1 byte   number of fields, 254 where they have to be counted
///     for each: length of the field, the field, length of the value, 1 byte: how many bytes behind the value are
///     unused, the value, the unused bytes
///     1 byte   255
///
/// A length is one byte up to 253, else 254 and four bytes, little-endian.
struct Zipmap: ~Escapable {
    private let bytes: RawSpan
    private var offset = 1
    private var fieldsRead = 0

    private static var endMarker: UInt8 { 255 }
    private static var longLength: UInt8 { 254 }

    @_lifetime(copy bytes)
    init(_ bytes: RawSpan) { self.bytes = bytes }

    /// Where the next field and its value are, or `nil` behind the last one.
    mutating func next() throws(RDBError) -> (field: Range<Int>, value: Range<Int>)? {
        guard offset < bytes.byteCount else { throw .badZipmap }
        if bytes[offset] == Self.endMarker {
            let isCounted = bytes[0] < Self.longLength
            guard offset == bytes.byteCount - 1, !isCounted || Int(bytes[0]) == fieldsRead else { throw .badZipmap }
            return nil
        }
        let fieldLength = try readLength()
        let field = try take(fieldLength)
        let valueLength = try readLength()
        let unused = try take(1)
        let value = try take(valueLength)
        _ = try take(Int(bytes[unused.lowerBound]))
        fieldsRead += 1
        return (field, value)
    }

    private mutating func readLength() throws(RDBError) -> Int {
        let first = bytes[try take(1).lowerBound]
        if first < Self.longLength { return Int(first) }
        guard first == Self.longLength else { throw .badZipmap }
        let range = try take(4)
        var length = 0
        for index in range { length |= Int(bytes[index]) << (8 * (index - range.lowerBound)) }
        return length
    }

    private mutating func take(_ length: Int) throws(RDBError) -> Range<Int> {
        // The end marker is not part of any field.
        guard length <= bytes.byteCount - 1 - offset else { throw .badZipmap }
        defer { offset += length }
        return offset..<(offset + length)
    }
}
