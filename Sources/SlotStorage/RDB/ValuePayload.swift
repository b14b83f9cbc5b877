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
        do throws(Damage) { try checkFooter(payload) } catch { throw .versionOrChecksum }
    }

    /// The value of a payload whose version and checksum are right. Bytes behind the value, and lengths that run into
    /// the footer, are errors. O(n).
    public static func decode(_ payload: RawSpan, limits: EncodingLimits) throws(Failure) -> Value {
        try verify(payload)
        do throws(Damage) { return try readContent(payload, limits: limits) } catch { throw .badFormat }
    }

    /// Whether the type, the first byte of a payload whose version and checksum are right, is one that is read.
    public static func hasKnownType(_ payload: RawSpan) -> Bool {
        var reader = reader(of: payload)
        do throws(RDBError) {
            _ = try reader.readType()
            return true
        } catch {
            return false
        }
    }

    // MARK: Damage

    /// Where a payload stops to make sense, from its first byte on, and why.
    public struct Damage: Error, Equatable {
        public let offset: Int
        public let cause: RDBError
    }

    /// What is wrong with a payload that was refused; `nil` for one in order. For logs: it reads the payload again. O(n).
    public static func damage(in payload: RawSpan) -> Damage? {
        do throws(Damage) {
            try checkFooter(payload)
            try readContent(payload, limits: EncodingLimits()).free()
            return nil
        } catch {
            return error
        }
    }

    private static func checkFooter(_ payload: RawSpan) throws(Damage) {
        let footer = payload.byteCount - footerLength
        guard footer >= 0, let stored = payload.word(at: footer + 2) else { throw Damage(offset: 0, cause: .truncated) }
        let version = version(of: payload)
        guard version <= newestVersion else { throw Damage(offset: footer, cause: .unsupportedVersion(version)) }
        let computed = CRC64.checksum(payload.extracting(0..<(footer + 2)))
        guard stored == computed else {
            throw Damage(offset: footer + 2, cause: .badChecksum(stored: stored, computed: computed))
        }
    }

    private static func readContent(_ payload: RawSpan, limits: EncodingLimits) throws(Damage) -> Value {
        var reader = reader(of: payload)
        let value: Value
        do throws(RDBError) {
            value = try reader.readTypeAndValue(limits: limits)
        } catch {
            throw Damage(offset: reader.taken, cause: error)
        }
        if reader.isAtEnd { return value }
        value.free()
        throw Damage(offset: reader.offset, cause: .trailingBytes)
    }

    @_lifetime(copy payload)
    private static func reader(of payload: RawSpan) -> RDBReader {
        let content = payload.extracting(0..<(payload.byteCount - footerLength))
        // Nobody writes version 0, and Redis takes it.
        return RDBReader(content, version: max(version(of: payload), 1))
    }

    private static func version(of payload: RawSpan) -> Int {
        Int(payload[payload.byteCount - 10]) | Int(payload[payload.byteCount - 9]) << 8
    }
}
