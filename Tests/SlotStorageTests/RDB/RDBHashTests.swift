import Memory
import Testing

@testable import SlotStorage
import TestSupport

struct RDBHashTests {
    /// Made by Redis 2.8.17, without the version and checksum: type, value; the fields; the encoding.
    static let written: [(String, [String: String], ValueEncoding)] = [
        (
            "0d1f1f0000001a000000040000046e616d65060576616c756507016e03c03930ff",
            ["name": "value", "n": "12345"], .compactList
        ),
        ("0402026263c3091e017878e011000178780161c001", ["a": "1", "bc": String(repeating: "x", count: 30)], .table),
    ]

    @Test(arguments: written)
    func whatRedisWrites(_ hexadecimal: String, _ fields: [String: String], _ encoding: ValueEncoding) throws {
        var limits = EncodingLimits()
        if encoding == .table { limits.hashMaxZiplistEntries = 1 }
        let bytes = [UInt8](hexadecimal: hexadecimal)
        let value = try Collections.read(bytes, limits).get()
        defer { value.free() }
        #expect(value.fields == fields)
        #expect(value.encoding == encoding)
        // A table has an order of its own.
        if encoding == .compactList { #expect(Collections.written(value) == bytes) }
        #expect(try Collections.read(Collections.written(value), limits).map(\.fieldsAndFree).get() == fields)
        for length in 0..<bytes.count {
            #expect(throws: RDBError.self) { try Collections.read(Array(bytes[..<length]), limits).get() }
        }
    }

    @Test func zipmaps() throws {
        let long = [UInt8](repeating: 0x6c, count: 300)
        let zipmap: [UInt8] =
            [2] + [3, 0x66, 0x6f, 0x6f, 3, 2, 0x62, 0x61, 0x72, 0, 0] + [1, 0x78, 254, 44, 1, 0, 0, 0] + long + [255]
        let value = try Collections.read([9] + Collections.string(zipmap), EncodingLimits()).get()
        #expect(value.fields == ["foo": "bar", "x": String(repeating: "l", count: 300)])
        #expect(value.encoding == .table, "a value of 300 bytes")
        value.free()
        var counted = zipmap
        counted[0] = 254
        #expect(
            Collections.read([9] + Collections.string(counted), EncodingLimits()).map(\.fieldsAndFree.count)
                == .success(2))
        for wrong in [0, 1, 3, 253] as [UInt8] {
            counted[0] = wrong
            #expect(Collections.read([9] + Collections.string(counted), EncodingLimits()).failure == .badZipmap)
        }
        for length in 0..<zipmap.count {
            let cut = Collections.string(Array(zipmap[..<length]))
            #expect(Collections.read([9] + cut, EncodingLimits()).failure == .badZipmap)
        }
        let twice: [UInt8] = [2, 1, 0x61, 1, 0, 0x62, 1, 0x61, 1, 0, 0x63, 255]
        #expect(Collections.read([9] + Collections.string(twice), EncodingLimits()).failure == .repeatedMember)
        #expect(Collections.read([9] + Collections.string([0, 255]), EncodingLimits()).failure == .emptyCollection)
    }

    @Test func limitsDecideTheEncoding() throws {
        for count in [1, 2, 5, 6, 30] {
            for kept in [0, 512] {
                var hash = HashValue.empty()
                var limits = EncodingLimits()
                limits.hashMaxZiplistEntries = kept
                for number in 0..<count { hash.set([UInt8]("f\(number)").raw, [UInt8]("v").raw, limits) }
                let bytes = Collections.written(hash.value)
                hash.free()
                limits.hashMaxZiplistEntries = 5
                let value = try Collections.read(bytes, limits).get()
                #expect(value.encoding == (count > 5 ? .table : .compactList))
                #expect(value.fieldsAndFree.count == count)
            }
        }
        // A field that is too long, among others, in the form with single strings.
        var bytes: [UInt8] = [4, 3, 1, 0x61, 1, 0x31, 0x40, 65]
        bytes += [UInt8](repeating: 0x62, count: 65) + [1, 0x32, 1, 0x63, 1, 0x33]
        let value = try Collections.read(bytes, EncodingLimits()).get()
        #expect(value.encoding == .table)
        #expect(value.fieldsAndFree == ["a": "1", String(repeating: "b", count: 65): "2", "c": "3"])
    }

    @Test func whatNoHashMayBe() {
        for entries in [0, 1, 512] {
            var limits = EncodingLimits()
            limits.hashMaxZiplistEntries = entries
            let twice: [UInt8] = [4, 2, 1, 0x61, 1, 0x31, 1, 0x61, 1, 0x32]
            #expect(Collections.read(twice, limits).failure == .repeatedMember, "the same field twice")
            #expect(Collections.read([4, 0], limits).failure == .emptyCollection, "no field")
            #expect(Collections.read([4, 0x80, 0xff, 0xff, 0xff, 0xff, 1, 0x61], limits).failure == .truncated)
            let refused: [([String], RDBError)] = [
                (["a"], .unpairedElement), (["a", "1", "b"], .unpairedElement), ([], .emptyCollection),
                (["a", "1", "a", "2"], .repeatedMember), (["7", "1", "b", "2", "7", "3"], .repeatedMember),
            ]
            for (texts, failure) in refused {
                var list = CompactList.make()
                for text in texts { list.append([UInt8](text).raw) }
                let bytes = [13] + Collections.string(list.bytes.array)
                list.free()
                #expect(Collections.read(bytes, limits).failure == failure, "\(texts)")
            }
        }
    }

    @Test func mutations() {
        var hashes = Self.written.map { [UInt8](hexadecimal: $0.0) }
        hashes.append(
            [9] + Collections.string([2, 3, 0x66, 0x6f, 0x6f, 3, 2, 0x62, 0x61, 0x72, 0, 0, 1, 0x78, 1, 0, 0x79, 255]))
        hashes.append([4, 3, 1, 0x61, 0xc0, 0x05, 0xc1, 0x10, 0x27, 0, 2, 0x62, 0x63, 1, 0x64])
        Collections.fuzz("RDBHashTests.mutations", hashes) { !$0.fields.isEmpty }
    }
}
