internal import Memory

/// A value as DUMP gives it and RESTORE and SLOTSRESTORE take it: type byte, value in RDB encoding, version (2 bytes,
/// little-endian), CRC-64 of all that (8 bytes, little-endian).
public enum ValuePayload {
    /// What is wrong with a payload.
    public enum Failure: Error, Equatable {
        /// Too short, of a version that is not read, or with another checksum.
        case versionOrChecksum
        /// The checksum is right and the content is not a value.
        case badFormat
    }

    /// The newest version that is read: up to RDB 7, what codis-server 3.2 sends.
    public static let newestVersion = 7

    private static let footerLength = 10

    /// Appends the payload of an entry's value to what `writer` has. O(n).
    public static func write(_ entry: Entry, to writer: inout RDBWriter) {
        writer.writePayload(entry)
    }

    /// Whether version and checksum are right. O(n).
    public static func verify(_ payload: RawSpan) throws(Failure) {
        let length = payload.byteCount
        guard length >= footerLength, version(of: payload) <= newestVersion else { throw .versionOrChecksum }
        var crc: UInt64 = 0
        for index in 0..<8 { crc |= UInt64(payload[length - 8 + index]) << UInt64(8 * index) }
        guard CRC64.checksum(payload.extracting(0..<(length - 8))) == crc else { throw .versionOrChecksum }
    }

    private static func version(of payload: RawSpan) -> Int {
        Int(payload[payload.byteCount - 10]) | Int(payload[payload.byteCount - 9]) << 8
    }

    /// The value of a payload whose version and checksum are right. Bytes behind the value, and lengths that run into
    /// the footer, are errors. O(n).
    public static func decode(
        _ payload: RawSpan, limits: EncodingLimits
    ) throws(Failure) -> Value {
        try verify(payload)
        let content = payload.extracting(0..<(payload.byteCount - footerLength))
        // Nobody writes version 0, and Redis takes it.
        var reader = RDBReader(content, version: max(version(of: payload), 1))
        do {
            let value = try reader.readTypeAndValue(limits: limits)
            guard reader.isAtEnd else {
                value.free()
                throw Failure.badFormat
            }
            return value
        } catch {
            throw .badFormat
        }
    }
}
