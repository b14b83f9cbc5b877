import Memory
import SlotStorage
import Testing

@testable import CodisServer
import TestSupport

struct BlockedClientsTests {
    private static func wait(
        _ client: UInt64, _ keys: [String], database: Int = 0, until deadline: Int64? = nil
    ) -> BlockedClients.Wait {
        BlockedClients.Wait(
            client: client, database: database, keys: keys.map { Array($0.utf8) }, end: .head, target: nil,
            deadline: deadline)
    }

    private func queue(_ clients: BlockedClients, _ key: String, _ database: Int = 0) -> [UInt64] {
        let bytes = Array(key.utf8)
        var queue: [UInt64] = []
        while let client = clients.client(at: queue.count, waitingFor: bytes.bytes, in: database) {
            queue.append(client)
        }
        return queue
    }

    private func ready(_ clients: inout BlockedClients) -> [String] {
        clients.takeReadyKeys().map { "\($0.database):\(String(decoding: $0.key, as: UTF8.self))" }
    }

    private func change(_ clients: inout BlockedClients, _ key: String, _ database: Int = 0) {
        let bytes = Array(key.utf8)
        clients.noteChange(of: bytes.bytes, in: database)
    }

    @Test func queuesKeepTheOrderOfArrival() {
        var clients = BlockedClients()
        clients.add(Self.wait(7, ["a", "b"]))
        clients.add(Self.wait(3, ["b"]))
        clients.add(Self.wait(5, ["b", "a"], database: 1))
        clients.add(Self.wait(1, ["b", "c"]))
        #expect(queue(clients, "a") == [7] && queue(clients, "b") == [7, 3, 1] && queue(clients, "c") == [1])
        #expect(queue(clients, "a", 1) == [5] && queue(clients, "d").isEmpty && clients.count == 4)
        clients.remove(7)
        clients.remove(7)
        clients.remove(99)
        #expect(queue(clients, "a").isEmpty && queue(clients, "b") == [3, 1] && clients.wait(of: 7) == nil)
        #expect(clients.wait(of: 1)?.keys == [Array("b".utf8), Array("c".utf8)])
        for client in [3, 1, 5] as [UInt64] { clients.remove(client) }
        #expect(clients.isEmpty && queue(clients, "b").isEmpty)
    }

    @Test func keysGetReadyOnceAndInOrder() {
        var clients = BlockedClients()
        clients.add(Self.wait(1, ["a", "b"]))
        clients.add(Self.wait(2, ["a"], database: 1))
        change(&clients, "x")
        #expect(!clients.hasReadyKeys)
        for (key, database) in [("b", 0), ("a", 1), ("b", 0), ("a", 0), ("b", 1)] { change(&clients, key, database) }
        #expect(clients.hasReadyKeys)
        #expect(ready(&clients) == ["0:b", "1:a", "0:a"])
        #expect(!clients.hasReadyKeys && ready(&clients).isEmpty)
        change(&clients, "b")
        #expect(ready(&clients) == ["0:b"])
    }

    @Test func aReadyKeyOutlivesItsQueue() {
        var clients = BlockedClients()
        clients.add(Self.wait(1, ["a"]))
        change(&clients, "a")
        clients.remove(1)
        #expect(ready(&clients) == ["0:a"])
        clients.add(Self.wait(2, ["a"]))
        change(&clients, "a")
        #expect(ready(&clients) == ["0:a"])
    }

    @Test func timeRunsOut() {
        var clients = BlockedClients()
        #expect(clients.longestWait(from: 0) == .max && clients.takeExpired(at: .max) == nil)
        clients.add(Self.wait(1, ["a"], until: 5_000_000))
        clients.add(Self.wait(2, ["a"]))
        clients.add(Self.wait(3, ["a"], until: 2_000_001))
        #expect(clients.longestWait(from: 0) == 3 && clients.longestWait(from: 9_000_000) == 0)
        #expect(clients.takeExpired(at: 2_000_000) == nil)
        #expect(clients.takeExpired(at: 2_000_001) == 3 && clients.takeExpired(at: 2_000_001) == nil)
        #expect(queue(clients, "a") == [1, 2])
        clients.remove(1)
        #expect(clients.takeExpired(at: .max) == nil && queue(clients, "a") == [2])
        #expect(clients.longestWait(from: .max) == .max, "nothing wakes the loop for one who has gone")
    }

    /// One who comes back does not end with the time of its first waiting.
    @Test func timesOfEarlierWaitingDoNotCount() {
        var clients = BlockedClients()
        clients.add(Self.wait(1, ["a"], until: 10))
        clients.remove(1)
        clients.add(Self.wait(1, ["a"], until: 20))
        #expect(clients.takeExpired(at: 15) == nil && clients.takeExpired(at: 20) == 1)
        clients.add(Self.wait(1, ["a"]))
        #expect(clients.takeExpired(at: .max) == nil && clients.count == 1)
    }

    /// A queue is served long before the times of those who wait: nothing may pile up.
    @Test func timesThatNoLongerCountAreForgotten() {
        var clients = BlockedClients()
        for time in 1...10_000 {
            clients.add(Self.wait(1, ["a"], until: Int64(time)))
            clients.remove(1)
        }
        #expect(clients.deadlines.count < 200)
    }
}

struct DeadlinesTests {
    @Test(arguments: 1..<31)
    func theEarliestComesFirst(_ step: Int) {
        for count in 0...40 {
            var deadlines = Deadlines()
            var expected: [Int64] = []
            for client in 0..<count {
                let time = Int64(client * step % 31)
                deadlines.add(Deadlines.Deadline(time: time, client: UInt64(client)))
                if client % 3 != 0 { expected.append(time) }
            }
            deadlines.compact { $0.client % 3 != 0 }
            #expect(deadlines.count == expected.count)
            var times: [Int64] = []
            while let deadline = deadlines.earliest {
                times.append(deadline.time)
                deadlines.removeEarliest()
            }
            #expect(times == expected.sorted())
        }
    }
}
