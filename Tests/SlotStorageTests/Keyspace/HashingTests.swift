import Memory
import Testing

@testable import SlotStorage
import TestSupport

struct HashingTests {
    @Test func equalBytesHaveEqualHashesWhereverTheyLie() {
        var random = SeededGenerator(for: "HashingTests.equal")
        for length in 0...300 {
            let bytes = random.bytes(length)
            let shifted = [0xaa] + bytes + [0xbb]
            let (one, other) = (Hashing.hash(bytes.raw), Hashing.hash(shifted.raw.extracting(1..<(length + 1))))
            #expect(one == other)
        }
    }

    @Test func bitsAreWellMixed() {
        // Each of 4096 cells should get 16 of 65536; the statistic of 4095 degrees of freedom stays within 7 sigma.
        for shift in [0, 20, 52] {
            var cells = [Int](repeating: 0, count: 4096)
            for number in 0..<65_536 { cells[Int(Hashing.hash(UInt64(number)) >> UInt64(shift) & 4095)] += 1 }
            let statistic = cells.reduce(0.0) { $0 + Double(($1 - 16) * ($1 - 16)) / 16 }
            #expect(statistic < 4095 + 7 * 90.5, "numbers, bits from \(shift)")
            cells = [Int](repeating: 0, count: 4096)
            for number in 0..<65_536 {
                let key = [UInt8]("key:\(number)")
                cells[Int(Hashing.hash(key.raw) >> UInt64(shift) & 4095)] += 1
            }
            let ofKeys = cells.reduce(0.0) { $0 + Double(($1 - 16) * ($1 - 16)) / 16 }
            #expect(ofKeys < 4095 + 7 * 90.5, "keys, bits from \(shift)")
        }
    }

    /// The seed is one for the process, so it is changed in a process of its own.
    @Test func theSeedDecidesEveryHash() async {
        await #expect(processExitsWith: .success) {
            let key = [UInt8]("key")
            let before = (Hashing.hash(key.raw), Hashing.hash(17))
            Hashing.setSeed(0x1234_5678_9abc_def0)
            let after = (Hashing.hash(key.raw), Hashing.hash(17))
            precondition(before.0 != after.0 && before.1 != after.1, "the seed is not used")
            var keyspace = Keyspace(databaseCount: 1, hashSeed: 99)
            precondition(Hashing.hash(key.raw) != after.0, "the keyspace does not set the seed")
            keyspace[0].setString(key.raw, key.raw)
            precondition(keyspace[0].find(key.raw) != nil, "the key is lost")
        }
    }
}
