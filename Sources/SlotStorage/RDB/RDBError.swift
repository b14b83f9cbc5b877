/// What is wrong with bytes that should be RDB.
public enum RDBError: Error, Equatable {
    // Any place.
    /// The bytes end before what they announce does.
    case truncated
    /// A form of length or string that does not exist or is out of place here.
    case unknownEncoding
    /// A compressed string that does not give what it announces.
    case badCompression

    // Values.
    /// A type byte that means nothing in this version of the format.
    case unknownType(UInt8)
    /// Something that other servers have and this one does not.
    case unsupported(RDBFeature)
    /// Bytes behind the value.
    case trailingBytes
    case emptyCollection
    /// A member, field or element that comes twice, or is too long.
    case repeatedMember
    case elementTooLong
    /// A score that is not a number.
    case badScore
    /// A field without a value, or a member without a score.
    case unpairedElement
    /// Members that do not come in order where the form wants it.
    case unorderedMembers
    case badZiplist
    case badListpack
    case badIntset
    case badZipmap
    case badQuicklist

    // Files.
    /// Another beginning than `REDIS` and four digits.
    case badMagic
    case unsupportedVersion(Int)
    /// A number that the server has no database for.
    case noSuchDatabase(Int)
    /// A time of expiry with something else than a key behind it.
    case strayExpiry
    /// A key that was in the same database already.
    case repeatedKey
    case badChecksum(stored: UInt64, computed: UInt64)
}

/// What Redis writes into RDB files that no server of its version 2.8 or 3.2 has.
public enum RDBFeature: Equatable, Sendable {
    case stream
    case functions
    /// A value or data of a module; the number spells its name.
    case module(UInt64)
    case unnamedModule
    case expiringHashFields
}

extension RDBError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .truncated: "the data ends in the middle of something"
        case .unknownEncoding: "an encoding of a length or string that does not exist or is out of place"
        case .badCompression: "a compressed string that does not give what it announces"
        case .unknownType(let byte): "an unknown type or operation, \(byte)"
        case .unsupported(let feature): "\(feature), which this server does not have"
        case .trailingBytes: "bytes behind the end of the value"
        case .emptyCollection: "a collection without elements"
        case .repeatedMember: "the same member or field twice"
        case .elementTooLong: "an element that is too long"
        case .badScore: "a score that is not a number"
        case .unpairedElement: "a field without a value, or a member without a score"
        case .unorderedMembers: "members of a sorted set that are out of order"
        case .badZiplist: "a damaged ziplist"
        case .badListpack: "a damaged listpack"
        case .badIntset: "a damaged intset"
        case .badZipmap: "a damaged zipmap"
        case .badQuicklist: "a damaged quicklist"
        case .badMagic: "not an RDB file: it does not begin with REDIS and a version"
        case .unsupportedVersion(let version): "version \(version) of the format, which this server cannot read"
        case .noSuchDatabase(let number): "database \(number), and the server is configured for fewer ('databases')"
        case .strayExpiry: "a time of expiry without a key behind it"
        case .repeatedKey: "the same key twice"
        case .badChecksum(let stored, let computed):
            "a wrong checksum: \(Self.hexadecimal(stored)) is stored, \(Self.hexadecimal(computed)) computed"
        }
    }

    private static func hexadecimal(_ number: UInt64) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}

extension RDBFeature: CustomStringConvertible {
    public var description: String {
        switch self {
        case .stream: "a stream"
        case .functions: "a library of functions"
        case .module(let id): "data of the module '\(Self.moduleName(id))'"
        case .unnamedModule: "data of a module"
        case .expiringHashFields: "a hash with fields that expire"
        }
    }

    /// The nine characters of a module's name, six bits each from the highest on, above ten bits of a version
    /// (`moduleTypeEncodeId` of Redis 4).
    private static func moduleName(_ id: UInt64) -> String {
        let characters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
        return String((0..<9).map { characters[Int(id >> UInt64(58 - 6 * $0) & 63)] })
    }
}
