import Memory
import Testing

@testable import SlotStorage
import TestSupport

/// What callers must not do ends the process, before anything is damaged.
struct DatabaseMisuseTests {
    @Test func aPinnedKeyIsNotChanged() async {
        await #expect(processExitsWith: .failure) {
            var database = Database(number: 0)
            let key = Pinned.key(in: &database)
            database.setString(key.raw, key.raw)
        }
        await #expect(processExitsWith: .failure) {
            var database = Database(number: 0)
            let key = Pinned.key(in: &database)
            database.remove(key.raw)
        }
        await #expect(processExitsWith: .failure) {
            var database = Database(number: 0)
            let key = Pinned.key(in: &database)
            database.setExpiry(key.raw, 1)
        }
        await #expect(processExitsWith: .failure) {
            var database = Database(number: 0)
            let key = Pinned.key(in: &database)
            database.modifyString(key.raw, minimumLength: 4) { _ in }
        }
    }

    @Test func aKeyThatIsNotThereIsNotMoved() async {
        await #expect(processExitsWith: .failure) {
            var database = Database(number: 0)
            let (old, new) = ([UInt8]("old"), [UInt8]("new"))
            database.rename(old.raw, to: new.raw)
        }
        await #expect(processExitsWith: .failure) {
            var keyspace = Keyspace(databaseCount: 2, hashSeed: 0)
            let key = [UInt8]("k")
            keyspace.move(key.raw, from: 0, to: 1)
        }
    }

    @Test func aDatabaseThatIsNotThere() async {
        await #expect(processExitsWith: .failure) {
            let keyspace = Keyspace(databaseCount: 2, hashSeed: 0)
            _ = keyspace[2].count
        }
    }

    /// Readers go on while a key is pinned.
    @Test func aPinnedKeyIsRead() {
        var database = Database(number: 0)
        let key = Pinned.key(in: &database)
        check(database.find(key.raw)?.integer == 1)
        database.find(key.raw)?.isPinned = false
        check(database.remove(key.raw))
    }
}

private enum Pinned {
    static func key(in database: inout Database) -> [UInt8] {
        let key = [UInt8]("k")
        database.setInteger(key.raw, 1)
        database.find(key.raw)?.isPinned = true
        return key
    }
}
