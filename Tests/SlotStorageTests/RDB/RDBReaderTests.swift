import Memory
import Testing

@testable import SlotStorage
import TestSupport

struct RDBReaderTests {
    /// The string at the front of `bytes`, or why there is none.
    private func string(_ bytes: [UInt8]) -> Result<[UInt8], RDBError> {
        var reader = RDBReader(bytes.raw)
        do throws(RDBError) {
            let value = try reader.readString()
            defer { value.free() }
            return .success(Payload.text(of: value))
        } catch {
            return .failure(error)
        }
    }

    private func length(_ bytes: [UInt8]) -> Result<Int, RDBError> {
        var reader = RDBReader(bytes.raw)
        do throws(RDBError) { return .success(try reader.readLength()) } catch { return .failure(error) }
    }

    private func type(_ bytes: [UInt8], version: Int) -> RDBError? {
        var reader = RDBReader(bytes.raw, version: version)
        do throws(RDBError) {
            try reader.readTypeAndValue(limits: EncodingLimits()).free()
            return nil
        } catch {
            return error
        }
    }

    /// Every form that a string may have, well-formed.
    static let wellFormed: [([UInt8], String)] = [
        ([0x00], ""), ([0x03, 0x62, 0x61, 0x72], "bar"), ([0x40, 0x03, 0x62, 0x61, 0x72], "bar"),
        ([0x80, 0, 0, 0, 3, 0x62, 0x61, 0x72], "bar"), ([0x81, 0, 0, 0, 0, 0, 0, 0, 3, 0x62, 0x61, 0x72], "bar"),
        ([0xc0, 0x01], "1"), ([0xc0, 0xff], "-1"),
        ([0xc0, 0x80], "-128"),
        ([0xc1, 0xff, 0x7f], "32767"), ([0xc1, 0x00, 0x80], "-32768"), ([0xc2, 0xff, 0xff, 0xff, 0x7f], "2147483647"),
        ([0xc2, 0, 0, 0, 0x80], "-2147483648"),
        // LZF: a literal of one, then a back reference by one of twelve bytes.
        ([0xc3, 0x05, 0x0d, 0x00, 0x61, 0xe0, 0x03, 0x00], "aaaaaaaaaaaaa"),
        // LZF: literals alone.
        ([0xc3, 0x04, 0x03, 0x02, 0x62, 0x61, 0x72], "bar"),
    ]

    @Test(arguments: wellFormed)
    func everyForm(_ bytes: [UInt8], _ text: String) {
        #expect(string(bytes) == .success([UInt8](text)))
        #expect(string(bytes + [0xff, 0xff]) == .success([UInt8](text)), "what follows does not matter")
        for length in 0..<bytes.count {
            #expect(string(Array(bytes[..<length])) == .failure(.truncated), "\(length) of \(bytes)")
        }
    }

    @Test func formsThatDoNotExist() {
        for first in UInt8.min...UInt8.max where (first > 0x81 && first < 0xc0) || first > 0xc3 {
            #expect(string([first] + [UInt8](repeating: 0, count: 300)) == .failure(.unknownEncoding))
        }
        for first in UInt8(0xc0)...0xc3 {
            #expect(length([first, 0, 0, 0, 0]) == .failure(.unknownEncoding), "a length is no integer")
        }
        #expect(length([0x7f, 0xff]) == .success(16_383))
        #expect(length([0x81, 0, 0, 0, 1, 0, 0, 0, 2]) == .success(1 << 32 + 2))
        #expect(length([0x81] + [UInt8](repeating: 0xff, count: 8)) == .success(.max), "more than there can be")
    }

    @Test func typesThatAreNotKnown() {
        for type in UInt8(5)...255 where !(9...14).contains(type) {
            #expect(self.type([type, 0x00], version: 7) == .unknownType(type))
        }
        for type in UInt8(26)...255 { #expect(self.type([type, 0x00], version: 12) == .unknownType(type)) }
        #expect(type([14, 0x00], version: 6) == .unknownType(14))
        #expect(type([], version: 6) == .truncated)
        #expect(type([0x00, 0x00], version: 6) == nil)
    }

    /// What the types of newer versions are in the version they came with, and in the one before.
    @Test func typesAndVersions() {
        let types: [(UInt8, version: Int, RDBError)] = [
            (5, 8, .emptyCollection), (16, 10, .badListpack), (17, 10, .badListpack), (18, 10, .emptyCollection),
            (20, 11, .badListpack), (6, 8, .unsupported(.unnamedModule)), (7, 8, .unsupported(.unnamedModule)),
            (15, 9, .unsupported(.stream)), (19, 10, .unsupported(.stream)), (21, 11, .unsupported(.stream)),
            (24, 12, .unsupported(.expiringHashFields)), (25, 12, .unsupported(.expiringHashFields)),
        ]
        for (type, version, failure) in types {
            #expect(self.type([type, 0x00], version: version) == failure)
            #expect(self.type([type, 0x00], version: version - 1) == .unknownType(type))
        }
    }

    @Test(
        arguments: [
            // Another length than announced, shorter and longer.
            [0xc3, 0x04, 0x02, 0x02, 0x62, 0x61, 0x72], [0xc3, 0x04, 0x04, 0x02, 0x62, 0x61, 0x72],
            // A back reference before the beginning.
            [0xc3, 0x03, 0x03, 0x20, 0x05, 0x00],
            // A literal and a reference that run over the end.
            [0xc3, 0x02, 0x09, 0x08, 0x61], [0xc3, 0x03, 0x0d, 0x00, 0x61, 0xe0],
            // Nothing, compressed or not.
            [0xc3, 0x00, 0x01], [0xc3, 0x01, 0x00, 0x00],
            // More than so few bytes can give.
            [0xc3, 0x02, 0x80, 0xff, 0xff, 0xff, 0xff, 0x00, 0x61], [0xc3, 0x02, 0x41, 0x09, 0x00, 0x61],
        ] as [[UInt8]])
    func brokenCompression(_ bytes: [UInt8]) { #expect(string(bytes) == .failure(.badCompression)) }

    @Test func lyingLengthsAllocateNothing() {
        let lies: [[UInt8]] = [
            [0x80, 0xff, 0xff, 0xff, 0xff, 0x61], [0x7f, 0xff, 0x61],
            [0xc3, 0x80, 0xff, 0xff, 0xff, 0xff, 0x80, 0xff, 0xff, 0xff, 0xff],
            [0xc3, 0x02, 0x80, 0x10, 0x00, 0x00, 0x00, 0x00, 0x61],
        ]
        for lie in lies {
            let allocated = bytesAllocated {
                if case .success = string(lie) { fail("\(lie) is a string") }
            }
            // What the test library keeps of an error that is thrown.
            #expect(allocated < 4096)
        }
    }

    @Test func valuesFollowEachOther() throws {
        let bytes: [UInt8] = Self.wellFormed.flatMap { form, _ in [0] + form }
        var reader = RDBReader(bytes.raw)
        for (form, text) in Self.wellFormed {
            let start = reader.offset
            let value = try reader.readTypeAndValue(limits: EncodingLimits())
            let (read, end) = (Payload.text(of: value), reader.offset)
            value.free()
            #expect(read == [UInt8](text) && end - start == form.count + 1)
        }
        let isAtEnd = reader.isAtEnd
        #expect(isAtEnd)
    }

    @Test func writtenStringsAreRead() {
        var random = SeededGenerator(for: "RDBReaderTests.written")
        for length in Array(0...300) + [16_383, 16_384, 70_000] {
            for alphabet in [1, 2, 10, 256] {
                let bytes = random.bytes(length).map { UInt8(Int($0) % alphabet) }
                for compresses in [false, true] {
                    var writer = RDBWriter(compresses: compresses)
                    writer.writeString(bytes.raw)
                    let written = writer.output.bytes.array
                    if string(written) != .success(bytes) {
                        return fail("seed \(random.seed), length \(length), alphabet \(alphabet)")
                    }
                }
            }
        }
    }
}
