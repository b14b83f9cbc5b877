import Testing

@testable import CodisServer

struct WatchersTests {
    @Test func keysAreToldApartByDatabase() {
        var watchers = Watchers()
        let (here, there) = (WatchedKey(database: 0, bytes: [1]), WatchedKey(database: 1, bytes: [1]))
        watchers.add(7, to: here)
        watchers.add(8, to: here)
        watchers.add(9, to: there)
        #expect(watchers.clients(of: here) == [7, 8] && watchers.clients(of: there) == [9])
        watchers.remove(7, from: here)
        watchers.remove(7, from: there)
        #expect(watchers.clients(of: here) == [8] && watchers.clients(of: there) == [9])
        var seen: [WatchedKey: [UInt64]] = [:]
        watchers.forEach { seen[$0] = $1 }
        #expect(seen == [here: [8], there: [9]])
    }

    @Test func nothingIsKeptForKeysThatNobodyWatches() {
        var watchers = Watchers()
        let key = WatchedKey(database: 0, bytes: [1])
        watchers.add(7, to: key)
        #expect(!watchers.isEmpty)
        watchers.remove(7, from: key)
        watchers.remove(7, from: key)
        #expect(watchers.isEmpty && watchers.clients(of: key) == [])
    }

    @Test func aTransactionWatchesAKeyOnce() {
        let transaction = Transaction()
        let key = WatchedKey(database: 0, bytes: [1])
        let isNew = (0..<2).map { _ in transaction.watch(key) }
        #expect(isNew == [true, false] && transaction.watchedKeys == [key])
        transaction.isOutdated = true
        #expect(!transaction.isEmpty)
        transaction.unwatch()
        #expect(transaction.isEmpty && !transaction.isOutdated)
    }
}
