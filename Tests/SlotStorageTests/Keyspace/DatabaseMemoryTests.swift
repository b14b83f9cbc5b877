import Memory
import Testing

@testable import SlotStorage
import TestSupport

/// What keys cost, and that it comes back.
struct DatabaseMemoryTests {
    private static let count = 100_000

    /// 16 bytes, alone or ten of a tag.
    private static func key(_ number: Int, tagged: Bool) -> [UInt8] {
        let digits = String(number + 1_000_000)
        let text = tagged ? "{\(number / 10 + 1_000_000)}:\(digits.suffix(6))" : "key:00000\(digits)"
        return [UInt8](text)
    }

    /// Bytes a key for keys and values of 16 bytes.
    private func bytesPerKey(tagged: Bool, expiry: Database.Expiry) -> Double {
        let value = [UInt8]("value of sixteen")
        let counter = MemoryCounter()
        var database = Database(number: 0)
        let before = counter.balance
        for number in 0..<Self.count {
            let key = Self.key(number, tagged: tagged)
            if key.count != 16 || value.count != 16 { fail("a key of \(key.count) bytes") }
            database.setString(key.raw, value.raw, expiry: expiry)
        }
        let taken = counter.balance - before
        if database.count != Self.count { fail("\(database.count) keys") }
        return Double(taken) / Double(Self.count)
    }

    @Test func keysWithoutExpiry() {
        let bytes = bytesPerKey(tagged: false, expiry: .none)
        #expect(bytes <= 64)
    }

    @Test func keysWithExpiry() {
        let bytes = bytesPerKey(tagged: false, expiry: .at(1_700_000_000_000))
        #expect(bytes <= 80)
    }

    @Test func taggedKeysInGroupsOfTen() {
        let bytes = bytesPerKey(tagged: true, expiry: .none)
        #expect(bytes <= 80)
    }

    @Test func removingEveryKeyGivesEverythingBackButTheSlots() {
        let keys = (0..<20_000).map { Self.key($0, tagged: $0 % 2 == 0) }
        let long = [UInt8](repeating: 0x6c, count: 2000)
        var database = Database(number: 0)
        let left = bytesLeft {
            for (number, key) in keys.enumerated() {
                database.setString(
                    key.raw, number % 3 == 0 ? long.raw : key.raw, expiry: number % 5 == 0 ? .at(9) : .none)
            }
            for key in keys where !database.remove(key.raw) { fail("lost") }
        }
        #expect(left == 0)
        check(database.count == 0)
    }

    @Test(arguments: [false, true])
    func detachingGivesEverythingBack(_ slotBySlot: Bool) {
        let keys = (0..<10_000).map { Self.key($0, tagged: $0 % 2 == 0) }
        let long = [UInt8](repeating: 0x6c, count: 2000)
        let left = bytesLeft {
            var database = Database(number: 0)
            for key in keys { database.setString(key.raw, long.raw, expiry: .at(7)) }
            if slotBySlot {
                for slot in 0..<SlotTag.slotCount {
                    let expected = database.count(inSlot: slot)
                    let detached = database.detach(slot: slot).count
                    if detached != expected || database.count(inSlot: slot) != 0 { fail("slot \(slot)") }
                }
            } else {
                let detached = database.detachAll().count
                if detached != keys.count { fail("\(detached) detached") }
            }
            if database.count != 0 || database.expiringCount != 0 { fail("\(database.count) keys are left") }
            // The database goes on.
            database.setString(long.raw, long.raw)
            if database.count != 1 || database.find(long.raw) == nil { fail("not to be used any more") }
        }
        #expect(left == 0)
    }

    @Test func aDatabaseThatEndsFreesItsKeys() {
        let keys = (0..<5000).map { Self.key($0, tagged: $0 % 2 == 0) }
        let long = [UInt8](repeating: 0x6c, count: 2000)
        let left = bytesLeft {
            var keyspace = Keyspace(databaseCount: 16, hashSeed: 0)
            for (number, key) in keys.enumerated() { keyspace[number % 16].setString(key.raw, long.raw) }
        }
        #expect(left == 0)
    }
}
