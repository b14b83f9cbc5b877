internal import CLZF
public import Memory

/// Writes values in RDB encoding, version 6, which Redis 2.8 and everything later reads.
///
/// Format: `rdb.c` of Redis 2.8. Lengths take 1, 2 or 5 bytes (6, 14 or 32 bits, big-endian, the form in the top two
/// bits of the first byte); `11` in these bits announces an integer of 8, 16 or 32 bits or an LZF-compressed string.
public struct RDBWriter: ~Copyable {
    public static let version = 6

    public internal(set) var output = ByteBuffer()
    /// Whether strings over 20 bytes are compressed where that makes them shorter (`rdbcompression`).
    public var compresses: Bool
    /// Whether compressing is left to another thread: strings that may be worth it lie bare in the output, and are
    /// listed in ``bareStrings``.
    var leavesCompressing = false
    /// In the order of their places.
    var bareStrings: [BareString] = []

    public init(compresses: Bool = true) { self.compresses = compresses }

    /// Empties the output and keeps its memory.
    public mutating func removeAll() {
        output.removeAll()
        bareStrings.removeAll(keepingCapacity: true)
    }

    mutating func reserve(_ count: Int) { output.reserve(count) }

    mutating func append(_ bytes: RawSpan) { output.append(bytes) }

    /// Hands the output out, and begins anew without memory.
    mutating func takeOutput() -> ByteBuffer {
        var taken = ByteBuffer()
        swap(&taken, &output)
        return taken
    }

    /// The type byte and the value. O(n).
    public mutating func writeTypeAndValue(_ entry: Entry) {
        output.append(entry.rdbType.rawValue)
        writeValue(entry)
    }

    /// The value alone. O(n).
    mutating func writeValue(_ entry: Entry) {
        switch entry.type {
        case .string: if entry.encoding == .integer { writeString(entry.integer) } else { writeString(entry.bytes) }
        case .hash: writeValue(entry.hash)
        case .set: writeValue(entry.set)
        case .list: writeValue(entry.list)
        case .sortedSet: writeValue(entry.sortedSet)
        }
    }

    /// The value with the version and checksum that make it a payload of its own.
    mutating func writePayload(_ entry: Entry) {
        let start = output.count
        writeTypeAndValue(entry)
        appendLittleEndian(UInt64(Self.version), bytes: 2)
        let crc = checksum(from: start)
        appendLittleEndian(crc, bytes: 8)
    }

    private func checksum(from start: Int) -> UInt64 {
        CRC64.checksum(output.bytes.extracting(start..<output.count))
    }

    public mutating func writeLength(_ length: Int) {
        if length < 1 << 6 {
            output.append(UInt8(length))
        } else if length < 1 << 14 {
            output.append(UInt8(length >> 8) | 0x40)
            output.append(UInt8(truncatingIfNeeded: length))
        } else {
            output.append(0x80)
            for shift in [24, 16, 8, 0] { output.append(UInt8(truncatingIfNeeded: length >> shift)) }
        }
    }

    /// A string that spells a number: 2, 3 or 5 bytes where 32 bits hold it, else its digits.
    public mutating func writeString(_ number: Int64) {
        if let small = Int8(exactly: number) {
            output.append(0xc0)
            output.append(UInt8(bitPattern: small))
        } else if let medium = Int16(exactly: number) {
            output.append(0xc1)
            appendLittleEndian(UInt64(UInt16(bitPattern: medium)), bytes: 2)
        } else if let large = Int32(exactly: number) {
            output.append(0xc2)
            appendLittleEndian(UInt64(UInt32(bitPattern: large)), bytes: 4)
        } else {
            writeLength(number.decimalWidth)
            var digits: [20 of UInt8] = .init(repeating: 0)
            for index in number.writeDecimal(into: &digits)..<20 { output.append(digits[index]) }
        }
    }

    /// A string: as a number where it is short and spells one, compressed where that helps, else its bytes.
    public mutating func writeString(_ bytes: RawSpan) {
        if bytes.byteCount <= 11, let number = Int64(canonical: bytes), Int32(exactly: number) != nil {
            return writeString(number)
        }
        if isWorthCompressing(bytes.byteCount) {
            if leavesCompressing { return writeBare(bytes) }
            if writeCompressed(bytes) { return }
        }
        writeLength(bytes.byteCount)
        output.append(bytes)
    }

    /// Whether a string of this length is compressed where that makes it shorter.
    func isWorthCompressing(_ length: Int) -> Bool { compresses && length > 20 && length <= Self.longestCompressed }

    /// Longer strings are written as they are: who compresses a string, or reads a compressed one, needs memory for all
    /// of it twice.
    static let longestCompressed = 4 << 20

    private mutating func writeBare(_ bytes: RawSpan) {
        bareStrings.append(BareString(offset: output.count, length: bytes.byteCount))
        output.append(bytes)
    }

    mutating func appendLittleEndian(_ value: UInt64, bytes: Int) {
        for index in 0..<bytes { output.append(UInt8(truncatingIfNeeded: value >> UInt64(8 * index))) }
    }

    /// Four bytes have to be saved to make it worth while, as in Redis.
    private mutating func writeCompressed(_ bytes: RawSpan) -> Bool {
        var compressed = ByteBuffer()
        let room = bytes.byteCount - 4
        let length = unsafe compressed.append(upTo: room) { target in
            unsafe bytes.withUnsafeBytes { source in
                unsafe Int(lzf_compress(source.baseAddress, UInt32(source.count), target.baseAddress, UInt32(room)))
            }
        }
        guard length > 0 else { return false }
        output.append(0xc3)
        writeLength(length)
        writeLength(bytes.byteCount)
        output.append(compressed.bytes)
        return true
    }
}
