import Foundation
import Synchronization
import Testing

extension IntegrationTests.ReplicationTests {
    /// Replicas that become masters, and who follows them then.
    @Suite struct PromotionTests {
        /// A master that says nothing by itself, and that holds its writers until it is told to follow.
        private func patientMaster() throws -> Node {
            try Kind.own.start(["repl-ping-slave-period": ["3600"], "repl-handover-timeout": ["60000"]])
        }

        private func follow(_ replica: Node, _ master: Node) throws {
            try replica.follow(master)
            try replica.waitUntilLinked()
        }

        @Test("a chain counts alike, and hands the stream on as it came")
        func chain() throws {
            let nodes = try (0..<4).map { _ in try Kind.own.start() }
            try PairingTests.fill(nodes[0])
            try nodes[0].call("SELECT", 9)
            try nodes[0].call("SET", "in the ninth", 1)
            for index in 1..<4 { try follow(nodes[index], nodes[index - 1]) }
            // Those who join later find the stream in another database than the first.
            try nodes[0].call("SET", "more", 1)
            let late = try Kind.own.start()
            try follow(late, nodes[2])
            try nodes[0].call("SET", "even more", 1)
            try waitUntilSame(nodes[0], nodes[1], nodes[2], nodes[3], late)
            let id = try nodes[0].info()["master_replid"]
            for node in nodes[1...] {
                #expect(try node.info()["master_replid"] == id)
                #expect(try node.number("master_repl_offset") == nodes[0].number("master_repl_offset"))
            }
        }

        @Test("a real replica of a replica gets the stream in the right database", arguments: Kind.allCases)
        func foreignChainEnd(_ kind: Kind) throws {
            let master = try Kind.own.start()
            let middle = try Kind.own.start()
            try follow(middle, master)
            try master.call("SELECT", 9)
            try master.call("SET", "first", 1)
            try waitUntilSame(master, middle)
            let end = try kind.start()
            try follow(end, middle)
            try master.call("SET", "second", 1)
            try waitUntilSame(master, middle, end)
            try end.call("SELECT", 9)
            #expect(try end.call("GET", "second") == .bulk("1"))
        }

        @Test("siblings, chained replicas and the old master follow a promoted replica without a full resync")
        func siblings() throws {
            let master = try patientMaster()
            let chosen = try Kind.own.start()
            let sibling = try Kind.own.start()
            let chained = try Kind.own.start()
            try PairingTests.fill(master)
            try follow(chosen, master)
            try follow(sibling, master)
            try follow(chained, chosen)
            try PairingTests.change(master)
            let before = try chosen.number("sync_full", in: "stats")
            try chosen.promote()
            try follow(sibling, chosen)
            try follow(master, chosen)
            try PairingTests.change(chosen)
            try waitUntilSame(chosen, master, sibling, chained)
            #expect(try chosen.number("sync_full", in: "stats") == before)
            #expect(try chosen.number("sync_partial_ok", in: "stats") >= 3)
        }

        @Test("real replicas that know PSYNC2 follow a promoted replica without a full resync")
        func foreignSibling() throws {
            let master = try patientMaster()
            let chosen = try Kind.own.start()
            let sibling = try Kind.redis7_0.start()
            try master.call("SET", "a", 1)
            try follow(chosen, master)
            try follow(sibling, master)
            try master.call("SET", "b", 1)
            try waitUntilSame(master, chosen, sibling)
            try chosen.promote()
            try follow(sibling, chosen)
            try chosen.call("SET", "c", 1)
            try waitUntilSame(chosen, sibling)
            #expect(try chosen.number("sync_full", in: "stats") == 0)
        }

        @Test("a promoted real Redis is followed without a full resync")
        func foreignMaster() throws {
            let master = try patientMaster()
            let chosen = try Kind.redis7_0.start()
            let sibling = try Kind.own.start()
            try master.call("SET", "a", 1)
            try follow(chosen, master)
            try follow(sibling, master)
            try waitUntilSame(master, chosen, sibling)
            try chosen.promote()
            try follow(sibling, chosen)
            try follow(master, chosen)
            try chosen.call("SET", "c", 1)
            try waitUntilSame(chosen, sibling, master)
            #expect(try chosen.number("sync_full", in: "stats") == 0)
        }

        @Test("a promotion under load loses nothing that was acknowledged")
        func handover() throws {
            for _ in 0..<3 {
                let master = try patientMaster()
                let chosen = try Kind.own.start(["repl-handover-timeout": ["60000"]])
                let chained = try Kind.redis7_0.start()
                try follow(chosen, master)
                try follow(chained, chosen)
                let stop = Atomic(false)
                let process = master.process
                let writers = (0..<4).map { number in
                    Running { () -> Int in
                        let connection = try process.connect()
                        var count = 0
                        while !stop.load(ordering: .relaxed) {
                            guard try connection.call("INCR", "counter:\(number)").integerValue != nil else { break }
                            count += 1
                        }
                        return count
                    }
                }
                usleep(100_000)
                try chosen.promote()
                try master.follow(chosen)
                stop.store(true, ordering: .relaxed)
                let counts = try writers.map { try $0.value() }
                for (number, count) in counts.enumerated() {
                    #expect(count > 0)
                    #expect(try chosen.call("GET", "counter:\(number)") == .bulk(String(count)))
                }
                try master.waitUntilLinked()
                // The order to turn is for the chosen one alone, whatever it has executed while it did so.
                try waitUntilSame(master, chosen, chained)
                #expect(try chained.info()["role"] == "slave")
                #expect(try chosen.number("sync_full", in: "stats") == 1)
                #expect(chosen.process.log.contains("The master has handed over"))
            }
        }

        @Test("a master that is not told to follow goes on after repl-handover-timeout")
        func handoverWithoutEnd() throws {
            let master = try Kind.own.start(["repl-handover-timeout": ["200"]])
            let chosen = try Kind.own.start()
            try follow(chosen, master)
            try chosen.promote()
            #expect(try master.call("GET", "a") == .bulk(nil))
            #expect(try master.call("SET", "a", 1) == .ok)
            #expect(try master.info()["role"] == "master")
            #expect(try chosen.call("GET", "a") == .bulk(nil))
        }

        @Test("a master that hangs does not keep its replica from turning")
        func hungMaster() throws {
            let master = try Kind.own.start()
            let chosen = try Kind.own.start(["repl-handover-timeout": ["300"]])
            try follow(chosen, master)
            master.process.freeze()
            defer { master.process.thaw() }
            try chosen.promote()
            #expect(try chosen.call("SET", "a", 1) == .ok)
            #expect(chosen.process.log.contains("did not hand over within 300 ms"))
        }

        @Test("a promotion in a transaction is one, too")
        func handoverInTransaction() throws {
            let master = try Kind.own.start()
            let chosen = try Kind.own.start()
            try follow(chosen, master)
            for index in 0..<1000 { try master.connection.send(command("SET", "key:\(index)", index)) }
            for _ in 0..<1000 { #expect(try master.connection.receive() == .ok) }
            try chosen.call("MULTI")
            try chosen.call("SLAVEOF", "NO", "ONE")
            try chosen.call("DBSIZE")
            #expect(try chosen.call("EXEC") == .array([.ok, .integer(1000)]))
        }
    }
}
