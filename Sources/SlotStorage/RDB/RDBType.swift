/// The type byte before a value in RDB files and payloads.
public enum RDBType: UInt8, Sendable {
    case string = 0
    case list = 1
    case set = 2
    /// Scores are text.
    case sortedSet = 3
    case hash = 4
    /// Scores are eight bytes of IEEE 754, little-endian.
    case sortedSet2 = 5
    /// A hash as Redis 2.4 kept small ones.
    case hashZipmap = 9
    case listZiplist = 10
    case setIntset = 11
    case sortedSetZiplist = 12
    case hashZiplist = 13
    /// A list as Redis 3.2 keeps them: ziplists, one behind the other.
    case listQuicklist = 14
    case hashListpack = 16
    case sortedSetListpack = 17
    /// A list as Redis 7 keeps them: listpacks, and large elements by themselves.
    case listQuicklist2 = 18
    case setListpack = 20

    /// The type that `byte` means in a version of the format.
    init(_ byte: UInt8, version: Int) throws(RDBError) {
        if let type = RDBType(rawValue: byte), version >= type.firstVersion {
            self = type
        } else if let (feature, firstVersion) = Self.unsupported(byte), version >= firstVersion {
            throw .unsupported(feature)
        } else {
            throw .unknownType(byte)
        }
    }

    /// The version of the format that the type came with. Files up to version 6 are not told apart: Redis 2.8 takes all
    /// of its types in each.
    private var firstVersion: Int {
        switch self {
        case .string, .list, .set, .sortedSet, .hash, .hashZipmap, .listZiplist, .setIntset, .sortedSetZiplist,
            .hashZiplist:
            1
        case .listQuicklist: 7
        case .sortedSet2: 8
        case .hashListpack, .sortedSetListpack, .listQuicklist2: 10
        case .setListpack: 11
        }
    }

    /// What the types stand for that are refused by name, and since which version.
    private static func unsupported(_ byte: UInt8) -> (RDBFeature, firstVersion: Int)? {
        switch byte {
        case 6, 7: (.unnamedModule, 8)
        case 15: (.stream, 9)
        case 19: (.stream, 10)
        case 21: (.stream, 11)
        case 22...25: (.expiringHashFields, 12)
        default: nil
        }
    }
}
