import Memory
import Testing

@testable import SlotStorage
import TestSupport

struct RDBSetTests {
    /// Made by Redis 2.8.17, without the version and checksum.
    static let written: [(String, [String], ValueEncoding)] = [
        ("0b140400000003000000feffffff0100000070110100", ["-2", "1", "70000"], .integerSet),
        ("0201036f6e65", ["one"], .table),
        ("0202c00c036f6e65", ["12", "one"], .table),
    ]

    @Test(arguments: written)
    func whatRedisWrites(_ hexadecimal: String, _ members: [String], _ encoding: ValueEncoding) throws {
        let bytes = [UInt8](hexadecimal: hexadecimal)
        let value = try Collections.read(bytes, EncodingLimits()).get()
        defer { value.free() }
        #expect(value.memberTexts == members)
        #expect(value.encoding == encoding)
        if members.count == 1 || encoding == .integerSet { #expect(Collections.written(value) == bytes) }
        #expect(
            try Collections.read(Collections.written(value), EncodingLimits()).map(\.membersAndFree).get() == members)
        for length in 0..<bytes.count {
            #expect(throws: RDBError.self) { try Collections.read(Array(bytes[..<length]), EncodingLimits()).get() }
        }
    }

    @Test func limitsDecideTheEncoding() throws {
        for count in [1, 5, 6, 30] {
            for kept in [0, 512] {
                let set = SetValue.make((0..<count).map { [UInt8]("\($0 - 3)") }, SetValueTests.limits(kept))
                let bytes = Collections.written(set.value)
                set.free()
                let value = try Collections.read(bytes, SetValueTests.limits(5)).get()
                #expect(value.encoding == (count > 5 ? .table : .integerSet))
                #expect(value.membersAndFree == (0..<count).map { "\($0 - 3)" }.sorted())
            }
        }
    }

    @Test func whatNoSetMayBe() {
        for limit in [0, 1, 512] {
            let limits = SetValueTests.limits(limit)
            #expect(Collections.read([2, 0], limits).failure == .emptyCollection, "no member")
            #expect(Collections.read([2, 2, 1, 0x61, 1, 0x61], limits).failure == .repeatedMember, "one twice")
            #expect(Collections.read([2, 2, 0xc0, 0x07, 1, 0x37], limits).failure == .repeatedMember, "7 and 7")
            #expect(Collections.read([2, 0x80, 0xff, 0xff, 0xff, 0xff, 1, 0x61], limits).failure == .truncated)
            for integers: [UInt8] in [
                [2, 0, 0, 0, 2, 0, 0, 0, 1, 0, 1, 0], [2, 0, 0, 0, 2, 0, 0, 0, 2, 0, 1, 0],
                [3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0], [2, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0], [], [2, 0, 0, 0],
            ] {
                #expect(Collections.read([11] + Collections.string(integers), limits).failure == .badIntset)
            }
            let none = [11] + Collections.string([2, 0, 0, 0, 0, 0, 0, 0])
            #expect(Collections.read(none, limits).failure == .emptyCollection)
        }
    }

    @Test func mutations() {
        let sets = Self.written.map { [UInt8](hexadecimal: $0.0) }
        Collections.fuzz("RDBSetTests.mutations", sets) { !$0.memberTexts.isEmpty }
    }
}
