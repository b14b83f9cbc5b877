import Foundation
import Testing

extension IntegrationTests.ReplicationTests {
    /// Each pairing that the protocol allows: the data set, the stream, and going on after a cut.
    @Suite struct PairingTests {
        /// Keys of every type and encoding.
        static func fill(_ master: Node) throws {
            for index in 0..<200 { try master.call("SET", "key:\(index)", "value \(index)") }
            try master.call("SET", "number", 12345)
            try master.call("SET", "long", Bytes(repeating: 120, count: 70_000))
            try master.call("SET", "binary", (0...255).map { UInt8($0) })
            try master.call("SETEX", "ends", 1000, "v")
            for index in 0..<1000 {
                try master.call("RPUSH", "list", index)
                try master.call("SADD", "set", "member \(index)")
                try master.call("HSET", "hash", "field \(index)", index)
                try master.call("ZADD", "sorted", index, "member \(index)")
            }
            try master.call("RPUSH", "short list", 1, "two", 3)
            try master.call("SADD", "integers", 1, 2, 300_000)
            try master.call("HSET", "short hash", "f", "v")
            try master.call("ZADD", "short sorted", "1.5", "a")
            try master.call("SELECT", 5)
            try master.call("SET", "elsewhere", "v")
            try master.call("SELECT", 0)
        }

        /// Changes that do not reach a replica as they were said.
        static func change(_ master: Node) throws {
            try master.call("INCR", "counter")
            try master.call("INCRBYFLOAT", "float", "1.5")
            try master.call("HINCRBYFLOAT", "hash", "float", "2.25")
            for _ in 0..<20 { try master.call("SPOP", "set") }
            try master.call("SET", "soon", "v", "EX", 500)
            try master.call("EXPIRE", "number", 500)
            try master.call("PEXPIRE", "list", 400_000)
            try master.call("SETEX", "again", 100, "v")
            try master.call("INCRBYFLOAT", "again counter", 1)
            try master.call("EXPIRE", "counter", 1000)
            try master.call("APPEND", "long", "more")
            try master.call("LTRIM", "list", 0, 400)
            try master.call("RPOPLPUSH", "list", "other list")
            try master.call("DEL", "key:1", "key:2")
            try master.call("RENAME", "key:3", "renamed")
            try master.call("MULTI")
            try master.call("SELECT", 7)
            try master.call("SET", "in a transaction", 1)
            try master.call("SELECT", 0)
            try master.call("INCR", "counter")
            try master.call("EXEC")
            try master.call("SET", "gone", "v", "PX", 1)
            usleep(5_000)
            try master.call("GET", "gone")
        }

        @Test("a full resync and the stream behind it", arguments: Pairing.all)
        func fullResync(_ pairing: Pairing) throws {
            let master = try pairing.master.start()
            let replica = try pairing.replica.start()
            try replica.call("SET", "old", "data")
            try Self.fill(master)
            try replica.follow(master)
            try replica.waitUntilLinked()
            try Self.change(master)
            try waitUntilSame(master, replica)
            #expect(try replica.call("EXISTS", "old") == .integer(0))
            #expect(try master.number("connected_slaves") == 1)
            // Both count alike, and the master knows it.
            try waitUntil(within: .seconds(30)) {
                let info = try master.info()
                let offset = try #require(info["master_repl_offset"])
                return info["slave0"]?.contains("offset=\(offset),") ?? false
            }
            try master.process.stop()
        }

        @Test("a streamed snapshot", arguments: Pairing.all.filter { $0.master != .redis2_8 })
        func disklessResync(_ pairing: Pairing) throws {
            let master = try pairing.master.start([
                "repl-diskless-sync": ["yes"], "repl-diskless-sync-delay": ["0"],
            ])
            let replica = try pairing.replica.start()
            try Self.fill(master)
            try replica.follow(master)
            try replica.waitUntilLinked()
            try Self.change(master)
            try waitUntilSame(master, replica)
        }

        @Test("after a cut the stream goes on where it was", arguments: Pairing.all)
        func partialResync(_ pairing: Pairing) throws {
            let master = try pairing.master.start()
            let replica = try pairing.replica.start()
            let relay = try Relay(to: master.process.address)
            try master.call("SET", "before", 1)
            try replica.follow(host: relay.host, port: relay.port)
            try replica.waitUntilLinked()
            for round in 1...3 {
                try Self.change(master)
                relay.cutConnections()
                try Self.change(master)
                try waitUntil(within: .seconds(30)) { try master.number("sync_partial_ok", in: "stats") >= round }
                try waitUntilSame(master, replica)
            }
            #expect(try master.number("sync_full", in: "stats") == 1)
        }

        @Test("masters and replicas with passwords", arguments: Pairing.all)
        func passwords(_ pairing: Pairing) throws {
            let master = try Node(
                pairing.master.start(["requirepass": ["secret"]]).process, pairing.master, password: "secret")
            let replica = try pairing.replica.start()
            try master.call("SET", "a", 1)
            try replica.follow(master)
            // Without the right password there is no link.
            usleep(300_000)
            #expect(try !replica.isLinked)
            try replica.call("CONFIG", "SET", "masterauth", "secret")
            try replica.waitUntilLinked()
            try waitUntilSame(master, replica)
        }
    }
}
