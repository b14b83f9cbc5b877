import Memory
import Testing

@testable import SlotStorage
import TestSupport

struct KeyspaceTests {
    @Test func databasesAreApart() {
        let key = [UInt8]("k")
        var keyspace = Keyspace(databaseCount: 16, hashSeed: 0)
        for number in 0..<16 { keyspace[number].setInteger(key.raw, Int64(number)) }
        for number in 0..<16 {
            let entry = keyspace[number].find(key.raw)
            check(keyspace[number].number == number && entry?.integer == Int64(number))
        }
        let count = keyspace.databaseCount
        #expect(count == 16)
    }

    @Test(arguments: ["12", "text", "", String(repeating: "long", count: 1000)])
    func movingTakesValueAndExpiryAlong(_ text: String) {
        let (key, value) = ([UInt8]("{t}k"), [UInt8](text))
        for expiry: Database.Expiry in [.none, .at(77)] {
            var keyspace = Keyspace(databaseCount: 2, hashSeed: 0)
            keyspace[0].setString(key.raw, value.raw, expiry: expiry)
            keyspace.move(key.raw, from: 0, to: 1)
            var model = ModelDatabase()
            model.set(key, value, expiry)
            let complaint = keyspace[0].complaint(expecting: ModelDatabase()) ?? keyspace[1].complaint(expecting: model)
            #expect(complaint == nil)
        }
    }

    @Test func theAccessClockIsSetEverywhere() {
        var keyspace = Keyspace(databaseCount: 3, hashSeed: 0)
        keyspace.setAccessClock(55)
        let clocks = [keyspace[0].accessClock, keyspace[1].accessClock, keyspace[2].accessClock]
        #expect(clocks == [55, 55, 55])
        keyspace.setAccessClock(7, countsUses: true)
        let counting = (0..<3).allSatisfy { keyspace[$0].countsUses && keyspace[$0].accessClock == 7 }
        #expect(counting)
    }
}
