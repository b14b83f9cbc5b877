import Memory
import Testing

@testable import SlotStorage
import TestSupport

struct RDBFileReaderTests {
    private static func contents(_ body: [UInt8], version: Int = 6) -> Result<[RDBFile.Item], RDBFileError> {
        RDBFile.contents(of: RDBFile.file(version: version, body))
    }

    /// Why a file is refused, and where that begins.
    private static func failure(_ file: [UInt8]) -> (cause: RDBError, offset: Int)? {
        guard case .failure(let error) = RDBFile.contents(of: file) else { return nil }
        return (error.cause, error.offset)
    }

    @Test func everything() throws {
        let items = try RDBFile.contents(of: RDBFile.everything).get()
        #expect(items.map(\.database) == Array(repeating: 0, count: 12) + Array(repeating: 3, count: 10))
        let values = Dictionary(items.map { ("\($0.database) \($0.key)", $0.value) }, uniquingKeysWith: { $1 })
        #expect(
            values == [
                "0 short": "text", "0 number": "12345", "0 long": String(repeating: "long", count: 700),
                "0 packed": "aaaaaaaaaaaaa", "0 expires": "later", "0 idle": "later", "0 frequent": "now",
                "0 list": #"list ["a", "12", "bcd"]"#, "0 set": #"set ["12", "b"]"#,
                "0 zset": #"zset ["c: -inf", "a: 1.5", "b: inf"]"#, "0 hash": #"hash ["f: v", "g: 1"]"#,
                "0 zset2": #"zset ["a: 2.5"]"#, "3 zipmap": #"hash ["f: v"]"#, "3 ziplist": #"list ["a", "7"]"#,
                "3 hash": #"hash ["f: v"]"#, "3 intset": #"set ["1", "5"]"#, "3 zset": #"zset ["a: 1.0", "b: 1.5"]"#,
                "3 quicklist": #"list ["a", "b", "c"]"#, "3 listpack": #"hash ["f: v", "g: 4000000000"]"#,
                "3 zset listpack": #"zset ["a: -300.0", "b: 2.5"]"#, "3 quicklist2": #"list ["a", "100", "plain"]"#,
                "3 set listpack": #"set ["-1", "a"]"#,
            ])
        let expiring = items.filter { $0.expiry != nil }
        #expect(expiring.map(\.key) == ["expires", "idle"])
        #expect(expiring.map(\.expiry) == [4_000_000_000_000, 2_000_000_000_000])
    }

    @Test func piecesOfEverySize() throws {
        let whole = try RDBFile.contents(of: RDBFile.everything).get()
        for size in Array(1...300) + [1000, 3000] {
            #expect(RDBFile.contents(of: RDBFile.everything, pieces: size) == .success(whole), "pieces of \(size)")
        }
    }

    /// Neither a cut file nor one with a wrong bit is taken for a whole one.
    @Test func everyTruncationAndEveryBit() {
        let file = RDBFile.everything
        for length in 0..<file.count {
            #expect(Self.failure(Array(file[..<length]))?.cause == .truncated, "\(length) bytes")
        }
        for index in file.indices {
            for bit in 0..<8 {
                var damaged = file
                damaged[index] ^= 1 << UInt8(bit)
                #expect(Self.failure(damaged) != nil, "bit \(bit) of byte \(index)")
            }
        }
    }

    /// Long strings come in pieces, compressed or not, and so do collections of many parts.
    @Test func longValues() throws {
        let long = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 * $0 / 7) }
        let plain = [0x80] + Payload.littleEndian(UInt64(long.count).byteSwapped >> 32, 4) + long
        var writer = RDBWriter()
        writer.writeString([UInt8](repeating: 0x61, count: 300_000).raw)
        let elements = (0..<5000).flatMap { RDBFile.string("element \($0)") }
        let file = RDBFile.file(
            RDBFile.entry(0, "plain", plain) + RDBFile.entry(0, "packed", writer.output.bytes.array)
                + RDBFile.entry(1, "list", [0x53, 0x88] + elements) + RDBFile.entry(0, "last", RDBFile.string("v")))
        let text = String(decoding: long, as: UTF8.self)
        for size in [100, 997, 65_536, 65_537, 199_999, 500_000] {
            let items = try RDBFile.contents(of: file, pieces: size).get()
            #expect(items.map(\.key) == ["plain", "packed", "list", "last"])
            check(
                items[0].value == text && items[1].value == String(repeating: "a", count: 300_000), "pieces of \(size)")
            check(items[2].value.hasSuffix("\"element 4999\"]"), "pieces of \(size)")
        }
        for length in stride(from: 10, to: file.count, by: 1009) {
            check(Self.failure(Array(file[..<length]))?.cause == .truncated, "\(length) bytes")
        }
    }

    // MARK: Header and end

    @Test func versions() {
        let key = RDBFile.entry(0, "k", RDBFile.string("v"))
        for version in 0...300 {
            let isRead = (1...12).contains(version)
            let failure = Self.failure(RDBFile.file(version: version, key))
            #expect(failure?.cause == (isRead ? nil : .unsupportedVersion(version)))
        }
        for magic in ["REDIX0006", "redis0006", "REDIS-006", "REDIS   6", "REDIS0x06", "REDIS6   "] {
            #expect(Self.failure([UInt8](magic) + [255, 0, 0, 0, 0, 0, 0, 0, 0])?.cause == .badMagic, "\(magic)")
        }
    }

    @Test func checksums() {
        let key = RDBFile.entry(0, "k", RDBFile.string("v"))
        for version in 1...12 {
            let file = RDBFile.file(version: version, key)
            guard version >= 5 else {
                #expect(Self.failure(file + [1, 2, 3]) == nil, "no checksum before version 5")
                continue
            }
            #expect(Self.failure(file.dropLast(8) + [UInt8](repeating: 0, count: 8)) == nil, "not made")
            var wrong = file
            wrong[wrong.count - 1] ^= 1
            guard case .badChecksum(let stored, let computed)? = Self.failure(wrong)?.cause else {
                return fail("version \(version): a wrong checksum")
            }
            #expect(stored ^ computed == 1 << 56 && Self.failure(wrong)?.offset == file.count - 8)
        }
    }

    @Test func whatFollowsTheFileIsLeft() throws {
        let file = RDBFile.file(RDBFile.entry(0, "k", RDBFile.string("v")))
        let rest = [UInt8]("*1\r\n$4\r\nPING\r\n")
        for size in 1...(file.count + rest.count) {
            var reader = RDBFileReader(databaseCount: 16, limits: EncodingLimits())
            let all = file + rest
            var offset = 0
            reading: while true {
                switch try reader.next() {
                case .needsInput:
                    let end = min(offset + size, all.count)
                    reader.append(all.raw.extracting(offset..<end))
                    offset = end
                case .end: break reading
                default: break
                }
            }
            let (unread, read) = (reader.unread.array, reader.bytesRead)
            #expect(unread == Array(all[file.count..<offset]) && read == file.count, "pieces of \(size)")
        }
    }

    // MARK: Operations

    @Test func databases() {
        let key = RDBFile.entry(0, "k", RDBFile.string("v"))
        for number in 0..<16 {
            #expect((try? Self.contents([254, UInt8(number)] + key).get())?.map(\.database) == [number])
        }
        for number: [UInt8] in [[16], [0x40, 0xff], [0x80, 0xff, 0xff, 0xff, 0xff]] {
            let failure = Self.failure(RDBFile.file([254] + number + key))
            guard case .noSuchDatabase? = failure?.cause else { return fail("\(number)") }
            #expect(failure?.offset == 9)
        }
        #expect(Self.failure(RDBFile.file([254, 0xc0, 1] + key))?.cause == .unknownEncoding)
    }

    @Test func expiryBelongsToTheNextKey() throws {
        let key = RDBFile.entry(0, "k", RDBFile.string("v"))
        let other = RDBFile.entry(0, "o", RDBFile.string("v"))
        let seconds: [UInt8] = [253, 1, 0, 0, 0]
        let milliseconds: [UInt8] = [252, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]
        #expect(try Self.contents(seconds + key + other).get().map(\.expiry) == [1000, nil])
        #expect(try Self.contents(milliseconds + key + other).get().map(\.expiry) == [.max, nil])
        #expect(try Self.contents([253, 0xff, 0xff, 0xff, 0xff] + key).get().map(\.expiry) == [-1000])
        for operation: [UInt8] in [[254, 1] + key, []] {
            let failure = Self.failure(RDBFile.file(seconds + operation))
            #expect(failure?.cause == .strayExpiry && failure?.offset == 14)
        }
    }

    /// Operations mean nothing in versions before they came, and what others have is refused by its name.
    @Test func operationsOfNewerVersions() {
        let operations: [(UInt8, version: Int, [UInt8], RDBError?)] = [
            (251, 7, [1, 2], nil), (250, 7, [1, 0x61, 1, 0x62], nil), (249, 9, [1], nil), (248, 9, [1], nil),
            (247, 9, [0x81] + moduleName, .unsupported(.module(0x4a71_7927_2e7c_6001))),
            (246, 10, [], .unsupported(.functions)), (245, 10, [], .unsupported(.functions)),
            (244, 12, [1, 2, 3], nil),
        ]
        let key = RDBFile.entry(0, "k", RDBFile.string("v"))
        for (byte, version, arguments, failure) in operations {
            #expect(Self.failure(RDBFile.file(version: version, [byte] + arguments + key))?.cause == failure, "\(byte)")
            let older = Self.failure(RDBFile.file(version: version - 1, [byte] + arguments + key))
            #expect(older?.cause == .unknownType(byte) && older?.offset == 9)
        }
    }

    /// The identifier of a module's type, big-endian.
    private let moduleName: [UInt8] = [0x4a, 0x71, 0x79, 0x27, 0x2e, 0x7c, 0x60, 0x01]

    // MARK: Errors

    @Test func errorsSayWhereAndInWhichKey() {
        let good = RDBFile.entry(0, "good", RDBFile.string("v"))
        let bad = RDBFile.entry(2, "b\u{1}d", [2] + RDBFile.string("a") + RDBFile.string("a"))
        guard case .failure(let error) = Self.contents([254, 7] + good + bad) else {
            return fail("the same member twice")
        }
        // The second member: behind header, database, the good key, type, key, count, the first member.
        #expect(
            error
                == RDBFileError(
                    offset: 9 + 2 + 8 + 1 + 4 + 1 + 2, cause: .repeatedMember, key: [98, 1, 100], database: 7))
        #expect(error.description == #"at byte 27, in key 'b\x01d' of database 7: the same member or field twice"#)
        guard case .failure(let other) = Self.contents([254, 7] + good + [100]) else { return fail("type 100") }
        #expect(other.key == nil && other.description == "at byte 19: an unknown type or operation, 100")
    }

    @Test func moduleNames() {
        #expect(RDBFeature.module(0x4a71_7927_2e7c_6001).description == "data of the module 'SnF5Jy58Y'")
    }

    /// A reader that waits for what a lying length announces takes no memory for it.
    @Test func lyingLengthsAllocateNothing() throws {
        let lies: [[UInt8]] = [
            [0, 1, 0x6b, 0x80, 0x7f, 0xff, 0xff, 0xff], [0, 0x80, 0x7f, 0xff, 0xff, 0xff, 0x61],
            [1, 1, 0x6b, 0x80, 0xff, 0xff, 0xff, 0xff, 0], [2, 1, 0x6b, 0x80, 0xff, 0xff, 0xff, 0xff, 0],
            [4, 1, 0x6b, 0x80, 0xff, 0xff, 0xff, 0xff, 0], [3, 1, 0x6b, 0x80, 0xff, 0xff, 0xff, 0xff, 0],
            [0, 1, 0x6b, 0xc3, 0x80, 0xff, 0xff, 0xff, 0xff, 0x80, 0xff, 0xff, 0xff, 0xff],
        ]
        for lie in lies {
            let file = [UInt8]("REDIS0006") + lie
            let allocated = bytesAllocated {
                if RDBFile.contents(of: file, pieces: 3) == .success([]) { fail("\(lie)") }
            }
            #expect(allocated < 200_000, "\(lie)")
        }
    }
}
