import Foundation
import Testing

extension IntegrationTests {
    /// Snapshots of the data set: read at the start, checked, and what becomes of damaged ones.
    @Suite struct RDBTests {}
}

/// RDB files of real servers, and files put together by hand.
enum RDBFiles {
    static let folder = Package.root.appendingPathComponent("Tests/Fixtures/rdb")

    static func bytes(_ writer: String, _ name: String) throws -> Bytes {
        Bytes(try Data(contentsOf: folder.appendingPathComponent("\(writer)/\(name).rdb")))
    }

    /// Two databases, a time of expiry, and types of Redis 2.8.
    static let small: Bytes = sealed(
        [254, 0] + entry(0, "string", string("value"))
            + [252] + littleEndian(4_102_444_800_000, 8) + entry(0, "later", [0xc1, 0x10, 0x27])
            + entry(1, "list", [2] + string("a") + string("b")) + [254, 3] + entry(2, "set", [1] + string("m"))
            + entry(4, "hash", [1] + string("field") + string(String(repeating: "v", count: 40))))

    /// The places in ``small`` up to which it makes sense, with the number of keys before.
    static let smallEnds: [(offset: Int, keys: Int)] = [
        (9, 0), (11, 0), (25, 1), (44, 2), (55, 3), (57, 3), (65, 4), (119, 5),
    ]

    static func entry(_ type: UInt8, _ key: String, _ value: Bytes) -> Bytes { [type] + string(key) + value }

    /// Under 64 bytes.
    static func string(_ text: String) -> Bytes { [UInt8(text.utf8.count)] + Bytes(text: text) }

    static func littleEndian(_ number: UInt64, _ count: Int) -> Bytes {
        (0..<count).map { UInt8(truncatingIfNeeded: number >> UInt64(8 * $0)) }
    }

    /// A file of version 6 without a checksum.
    static func sealed(_ body: Bytes) -> Bytes {
        Bytes(text: "REDIS0006") + body + [255] + Bytes(repeating: 0, count: 8)
    }
}
