import Memory
import Testing

@testable import SlotStorage
import TestSupport

/// Large values are not freed by whoever removes or overwrites them.
struct DiscardsTests {
    private let limits = EncodingLimits()

    /// A value of every type with `count` elements, in its large form.
    private func values(_ count: Int) -> [Value] {
        var (hash, set) = (HashValue.emptyTable(), SetValue.emptyTable())
        var list = ListValue.emptyChunks()
        var tree = MemberTree()
        for number in 0..<count {
            let text = [UInt8]("element \(number)")
            _ = hash.set(text.raw, text.raw, limits)
            _ = set.insert(text.raw, limits)
            list.push([UInt8](repeating: 0x78, count: 100).raw, to: .tail, limits)
            tree.insert(text.raw, score: Double(number))
        }
        return [hash.value, set.value, list.value, SortedSetValue(tree).value]
    }

    @Test func largeValuesAreHandedOut() {
        let key = [UInt8]("k")
        let left = bytesLeft {
            for (index, value) in values(5000).enumerated() {
                var keyspace = Keyspace(databaseCount: 2, hashSeed: 0)
                let size = value.estimatedSize
                keyspace[1].set(key.raw, value)
                if index % 2 == 0 {
                    keyspace[1].remove(key.raw)
                } else {
                    keyspace[1].setInteger(key.raw, 1)
                }
                check(keyspace.hasDiscards && keyspace.discardedBytes == size)
                let taken = keyspace.takeDiscards()
                check(taken.count == 1 && taken.bytes == size)
                check(!keyspace.hasDiscards && keyspace.discardedBytes == 0)
            }
        }
        #expect(left == 0)
    }

    @Test func smallValuesAreFreedAtOnce() {
        let key = [UInt8]("k")
        let left = bytesLeft {
            var keyspace = Keyspace(databaseCount: 1, hashSeed: 0)
            for value in values(50) + [Value(copying: [UInt8](repeating: 0, count: 100_000).raw)] {
                keyspace[0].set(key.raw, value)
                keyspace[0].remove(key.raw)
                check(!keyspace.hasDiscards)
            }
        }
        #expect(left == 0)
    }

    /// jemalloc gives back such a block to the system at once, which takes time.
    @Test func aVeryLongStringIsLarge() {
        let key = [UInt8]("k")
        let left = bytesLeft {
            var keyspace = Keyspace(databaseCount: 1, hashSeed: 0)
            keyspace[0].setString(key.raw, [UInt8](repeating: 0, count: 20 << 20).raw)
            keyspace[0].setString(key.raw, key.raw)
            check(keyspace.takeDiscards().count == 1)
        }
        #expect(left == 0)
    }

    @Test func whatNobodyTakesIsFreedWithTheKeyspace() {
        let key = [UInt8]("k")
        let left = bytesLeft {
            var keyspace = Keyspace(databaseCount: 1, hashSeed: 0)
            for value in values(200) { keyspace[0].set(key.raw, value) }
            for value in values(200) { keyspace.discard(value) }
        }
        #expect(left == 0)
    }

    /// The estimate is what eviction reckons with until the memory is free.
    @Test func theEstimatedSizeIsAboutRight() {
        for value in values(20_000) {
            let estimate = value.estimatedSize
            let counter = MemoryCounter()
            let before = counter.balance
            value.free()
            let ratio = Double(estimate) / Double(before - counter.balance)
            #expect((0.85...1.15).contains(ratio), "\(value.type): \(ratio)")
        }
    }

    @Test func theEstimatedSizeOfDetachedKeysIsAboutRight() {
        var keyspace = Keyspace(databaseCount: 1, hashSeed: 0)
        let counter = MemoryCounter()
        let before = counter.balance
        for number in 0..<20_000 {
            let key = [UInt8]("key:\(number)")
            keyspace[0].setString(key.raw, [UInt8](repeating: 0x78, count: 40).raw)
        }
        let size = counter.balance - before
        let estimate = keyspace[0].detachAll().estimatedSize
        let ratio = Double(estimate) / Double(size)
        #expect((0.7...1.3).contains(ratio), "\(ratio)")
    }
}
