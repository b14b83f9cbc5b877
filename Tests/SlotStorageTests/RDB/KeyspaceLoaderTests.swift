import Memory
import Testing

@testable import SlotStorage
import TestSupport

struct KeyspaceLoaderTests {
    /// Loads a file in slices of so many steps.
    private static func load(
        _ file: [UInt8], steps: Int = 1000, now: Int64? = nil
    ) throws(RDBFileError) -> KeyspaceLoader {
        var loader = KeyspaceLoader(databaseCount: 16, limits: EncodingLimits(), dropsKeysExpiredBefore: now)
        loader.append(file.raw)
        loader.endInput()
        while try loader.load(atMost: steps) != .complete {}
        return loader
    }

    @Test(arguments: [1, 2, 1000])
    func everyKeyIsInItsDatabase(_ steps: Int) throws {
        let loader = try Self.load(RDBFile.everything, steps: steps)
        let (keys, expired) = (loader.keys, loader.expiredKeys)
        #expect(keys == 22 && expired == 0)
        let keyspace = loader.finish()
        let counts = (0..<16).map { keyspace[$0].count }
        #expect(counts[0] == 12 && counts[3] == 10 && counts.reduce(0, +) == 22)
        let expiring = keyspace[0].expiringCount
        #expect(expiring == 2)
        let short = keyspace[0].find([UInt8]("short").raw)?.stringCopy
        let long = keyspace[0].find([UInt8]("long").raw)?.encoding
        let number = keyspace[0].find([UInt8]("number").raw)?.encoding
        #expect(short == [UInt8]("text") && long == .block && number == .integer)
    }

    @Test func expiredKeysAreDroppedOrKept() throws {
        var body: [UInt8] = []
        for (type, value): (UInt8, [UInt8]) in [
            (0, RDBFile.string("v")), (0, RDBFile.string(String(repeating: "v", count: 5000))),
            (1, [1] + RDBFile.string("e")), (13, RDBFile.ziplist(["f", "v"])),
        ] {
            for time: UInt64 in [1000, 2000, 3000] {
                body +=
                    [252] + Payload.littleEndian(time, 8) + RDBFile.entry(type, "\(type) \(value.count) \(time)", value)
            }
        }
        let file = RDBFile.file(body)
        let master = try Self.load(file, now: 2000)
        let (kept, dropped) = (master.keys, master.expiredKeys)
        #expect(kept == 8 && dropped == 4)
        let replica = try Self.load(file)
        let all = replica.keys
        #expect(all == 12)
    }

    @Test func theSameKeyTwiceIsRefused() throws {
        let key = RDBFile.entry(0, "k", RDBFile.string("v"))
        let list = RDBFile.entry(10, "k", RDBFile.ziplist(["a"]))
        for (first, second) in [(key, key), (key, list), (list, key), (list, list)] {
            do throws(RDBFileError) {
                _ = try Self.load(RDBFile.file([254, 2] + first + second))
                fail("the same key twice")
            } catch {
                let expected = RDBFileError(
                    offset: 11 + first.count, cause: .repeatedKey, key: [UInt8]("k"), database: 2)
                #expect(error == expected)
            }
            _ = try Self.load(RDBFile.file([254, 2] + first + [254, 1] + second))
        }
    }

    @Test func checksumsNeedNotBeRight() throws {
        var file = RDBFile.everything
        file[file.count - 1] ^= 1
        for verifies in [true, false] {
            var loader = KeyspaceLoader(
                databaseCount: 16, limits: EncodingLimits(), dropsKeysExpiredBefore: nil, verifiesChecksum: verifies)
            loader.append(file.raw)
            do throws(RDBFileError) {
                let progress = try loader.load(atMost: .max)
                #expect(progress == .complete && !verifies)
            } catch {
                #expect(verifies && error.offset == file.count - 8)
            }
        }
    }

    @Test func nothingIsLeftOfAFileThatIsGivenUp() {
        let file = RDBFile.everything
        let left = bytesLeft {
            for length in stride(from: 0, to: file.count, by: 7) {
                do { _ = try Self.load(Array(file[..<length])) } catch {}
            }
        }
        // The test library keeps a little of each error.
        #expect(left < 2_000_000)
    }
}
