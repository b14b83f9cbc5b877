import Foundation
import Testing

extension IntegrationTests.ReplicationTests {
    /// What clients of a replica may do and see.
    @Suite struct ReplicaTests {
        private func pair(_ directives: KeyValuePairs<String, [String]> = [:]) throws -> (master: Node, replica: Node) {
            let master = try Kind.own.start()
            let replica = try Kind.own.start(directives)
            try master.call("SET", "key", "v")
            try replica.follow(master)
            try replica.waitUntilLinked()
            return (master, replica)
        }

        @Test("a replica is read only unless it is told otherwise")
        func readOnly() throws {
            let (_, replica) = try pair()
            let refusal = Reply.error("READONLY You can't write against a read only slave.")
            #expect(try replica.call("SET", "a", 1) == refusal)
            #expect(try replica.call("SLOTSDEL", 1) == refusal)
            #expect(try replica.call("FLUSHALL") == refusal)
            #expect(try replica.call("GET", "key") == .bulk("v"))
            try replica.call("MULTI")
            #expect(try replica.call("SET", "a", 1) == refusal)
            #expect(try replica.call("EXEC").errorText?.hasPrefix("EXECABORT") == true)
            try replica.call("CONFIG", "SET", "slave-read-only", "no")
            #expect(try replica.call("SET", "a", 1) == .ok)
            #expect(try replica.call("GET", "a") == .bulk("1"))
        }

        @Test("without its master a replica serves what it has, or refuses to")
        func staleData() throws {
            let (master, replica) = try pair()
            master.process.kill()
            try waitUntil(within: .seconds(30)) { try !replica.isLinked }
            #expect(try replica.call("GET", "key") == .bulk("v"))
            try replica.call("CONFIG", "SET", "slave-serve-stale-data", "no")
            #expect(
                try replica.call("GET", "key")
                    == .error("MASTERDOWN Link with MASTER is down and slave-serve-stale-data is set to 'no'."))
            for words in [
                ["INFO"], ["PING"], ["CONFIG", "GET", "port"], ["PUBLISH", "c", "m"], ["SLAVEOF", "NO", "ONE"],
            ] {
                #expect(try replica.connection.call(words.map { Bytes(text: $0) }).errorText == nil, "\(words)")
            }
            #expect(try replica.call("GET", "key") == .bulk("v"))
        }

        @Test("a key whose time has passed is gone for readers, and stays until the master says so")
        func expiry() throws {
            let (master, replica) = try pair()
            try master.call("DEBUG", "SET-ACTIVE-EXPIRE", 0)
            try master.call("SET", "soon", "v", "PX", 50)
            try master.call("SET", "later", "v", "PX", 500_000)
            try master.call("HSET", "h", "f", "v")
            try master.call("PEXPIRE", "h", 50)
            try waitUntil(within: .seconds(30)) { try replica.call("EXISTS", "later") == .integer(1) }
            usleep(150_000)
            for words in [["GET", "soon"], ["HGET", "h", "f"], ["GETRANGE", "soon", "0", "-1"]] {
                let reply = try replica.connection.call(words.map { Bytes(text: $0) })
                #expect([.bulk(nil), .bulk("")].contains(reply), "\(words): \(reply)")
            }
            #expect(try replica.call("EXISTS", "soon") == .integer(0))
            #expect(try replica.call("TTL", "soon") == .integer(-2))
            #expect(try replica.call("TYPE", "h") == .status("none"))
            #expect(try replica.call("DBSIZE") == .integer(4))
            // The master comes across them and tells.
            #expect(try master.call("GET", "soon") == .bulk(nil))
            #expect(try master.call("HGET", "h", "f") == .bulk(nil))
            try waitUntil(within: .seconds(30)) { try replica.call("DBSIZE") == .integer(2) }
        }

        @Test("while the snapshot comes, the old data is served and the server answers")
        func loading() throws {
            let master = try Kind.own.start()
            for start in 0..<50 {
                let pairs = (0..<2000).flatMap {
                    [Bytes(text: "key:\(start):\($0)"), Bytes(repeating: 120, count: 40)]
                }
                try master.connection.call([Bytes(text: "MSET")] + pairs)
            }
            let relay = try Relay(
                to: master.process.address, fault: .init(effect: .stall, direction: .toClient, bytes: 1_000_000))
            let replica = try Kind.own.start()
            try replica.call("SET", "old", "data")
            try replica.follow(host: relay.host, port: relay.port)
            try waitUntil(within: .seconds(30)) { try replica.info()["master_sync_in_progress"] == "1" }
            #expect(try replica.call("PING") == .status("PONG"))
            #expect(try replica.call("GET", "old") == .bulk("data"))
            #expect(try replica.call("DBSIZE") == .integer(1))
            #expect(try replica.info()["master_link_status"] == "down")
            relay.cutConnections()
            try replica.waitUntilLinked()
            #expect(try replica.call("DBSIZE") == .integer(100_000))
            #expect(try replica.call("GET", "old") == .bulk(nil))
            try waitUntilSame(master, replica)
        }

        @Test("what is published at a master is heard at its replicas, and theirs", arguments: Kind.allCases)
        func messages(_ kind: Kind) throws {
            let (master, replica) = try pair()
            let chained = try kind.start()
            try chained.follow(replica)
            try chained.waitUntilLinked()
            for node in [replica, chained] { try node.call("SUBSCRIBE", "news") }
            try master.call("SET", "a", 1)
            #expect(try master.call("PUBLISH", "news", "hello") == .integer(0))
            for node in [replica, chained] {
                #expect(try node.connection.receive() == .array([.bulk("message"), .bulk("news"), .bulk("hello")]))
            }
        }

        @Test("INFO and ROLE of both sides")
        func fields() throws {
            let (master, replica) = try pair(["slave-priority": ["7"]])
            let offset = try master.number("master_repl_offset")
            try waitUntil(within: .seconds(30)) { try replica.number("slave_repl_offset") == offset }
            let own = try replica.info()
            #expect(own["role"] == "slave")
            #expect(own["master_host"] == "127.0.0.1")
            #expect(own["master_port"] == String(master.port))
            #expect(own["slave_priority"] == "7")
            #expect(own["slave_read_only"] == "1")
            #expect(own["master_link_down_since_seconds"] == nil)
            let other = try master.info()
            #expect(other["role"] == "master")
            #expect(other["slave0"]?.hasPrefix("ip=127.0.0.1,port=\(replica.port),state=online,offset=") == true)
            #expect(other["master_replid"] == own["master_replid"])
            #expect(try master.call("ROLE").items?.first == .bulk("master"))
            #expect(
                try replica.call("ROLE").items?.prefix(4)
                    == [.bulk("slave"), .bulk("127.0.0.1"), .integer(master.port), .bulk("connected")])
            #expect(try master.call("CLIENT", "LIST").bytes?.latin1.contains("flags=S") == true)
            master.process.kill()
            try waitUntil(within: .seconds(30)) { try replica.info()["master_link_down_since_seconds"] != nil }
            try waitUntil(within: .seconds(30)) { try replica.call("ROLE").items?.last == .integer(-1) }
        }

        @Test("SLAVEOF")
        func slaveof() throws {
            let (master, replica) = try pair()
            #expect(
                try replica.call("SLAVEOF", "127.0.0.1", master.port)
                    == .status("OK Already connected to specified master"))
            #expect(
                try replica.call("SLAVEOF", "127.0.0.1", "x") == .error("ERR value is not an integer or out of range"))
            #expect(try replica.call("REPLICAOF", "no", "one") == .ok)
            #expect(try replica.info()["role"] == "master")
            #expect(try replica.call("SET", "a", 1) == .ok)
        }

        @Test("the transaction of dashboards and sentinels leaves its own connection")
        func reconfiguration() throws {
            let master = try Kind.own.start()
            try master.call("SET", "key", "v")
            let replica = try Node(ServerProcess.start(files: ["redis.conf": []]))
            let file = replica.process.configurationFile
            let other = try replica.process.connect()
            try other.call("PING")
            for (words, role) in [(["127.0.0.1", String(master.port)], "slave"), (["NO", "ONE"], "master")] {
                try replica.call("MULTI")
                try replica.call("CONFIG", "SET", "masterauth", "")
                try replica.connection.call((["SLAVEOF"] + words).map { Bytes(text: $0) })
                try replica.call("CONFIG", "REWRITE")
                try replica.call("CLIENT", "KILL", "TYPE", "normal")
                let replies = try #require(try replica.call("EXEC").items)
                #expect(replies.count == 4)
                #expect(replies.allSatisfy { $0.errorText == nil }, "\(replies)")
                #expect(try replica.info()["role"] == role)
                if role == "slave" {
                    try replica.waitUntilLinked()
                    #expect(try String(contentsOf: file, encoding: .utf8).contains("slaveof 127.0.0.1 \(master.port)"))
                } else {
                    #expect(try !String(contentsOf: file, encoding: .utf8).contains("slaveof"))
                }
            }
            #expect(try other.isClosed())
            #expect(try replica.call("GET", "key") == .bulk("v"))
        }
    }
}
