import Memory
import Testing

@testable import SlotStorage
import TestSupport

/// What hashes and sets cost, in bytes of jemalloc.
struct CollectionMemoryTests {
    /// Ten fields of 12 bytes with values of 12 bytes under a key of 16. Redis 7.0.15 takes 415 bytes.
    @Test func smallHash() {
        let count = 20_000
        let counter = MemoryCounter()
        var database = Database(number: 0)
        let before = counter.balance
        for number in 0..<count {
            var hash = HashValue.empty()
            for index in 0..<10 {
                hash.set(
                    [UInt8]("field:\(100_000 + index)").raw, [UInt8]("value:\(100_000 + number)").raw, EncodingLimits())
            }
            database.set([UInt8]("hash:\(10_000_000_000 + number)").raw, hash.value)
        }
        let bytes = Double(counter.balance - before) / Double(count)
        print("small hash: \(bytes) bytes")
        #expect(bytes <= 415 * 0.95)
    }

    /// Redis 7.0.15 takes 72 bytes.
    @Test func fieldsOfALargeHash() {
        let count = 200_000
        let counter = MemoryCounter()
        let before = counter.balance
        var hash = HashValue.empty()
        for number in 0..<count {
            hash.set(
                [UInt8]("field:\(100_000 + number)").raw, [UInt8]("value:\(100_000 + number)").raw, EncodingLimits())
        }
        let bytes = Double(counter.balance - before) / Double(count)
        print("field of a large hash: \(bytes) bytes")
        #expect(bytes <= 50)
        hash.free()
    }

    /// Redis 7.0.15 takes 72 bytes for members of 16 bytes, and 2.8 takes 104.
    @Test(arguments: [("member:000", 32.0), ("member:", 48.0), ("1", 16.0)])
    func membersOfALargeSet(_ prefix: String, _ limit: Double) {
        let count = 200_000
        let counter = MemoryCounter()
        let before = counter.balance
        var set = SetValue.empty()
        for number in 0..<count { set.insert([UInt8](prefix + "\(100_000 + number)").raw, EncodingLimits()) }
        let bytes = Double(counter.balance - before) / Double(count)
        print("\(prefix)...: \(bytes) bytes a member")
        #expect(bytes <= limit)
        set.free()
    }
}
