import Foundation
import Testing

extension IntegrationTests.ReplicationTests {
    /// What a master does for its replicas, and what these may not do to it.
    @Suite struct MasterTests {
        private func pair(_ directives: KeyValuePairs<String, [String]> = [:]) throws -> (master: Node, replica: Node) {
            let master = try Kind.own.start(directives)
            let replica = try Kind.own.start()
            try replica.follow(master)
            try replica.waitUntilLinked()
            return (master, replica)
        }

        @Test(
            "replicas that come together share a snapshot, and one that is late joins or gets the next",
            arguments: [false, true])
        func sharing(isStreamed: Bool) throws {
            let master = try Kind.own.start([
                "repl-diskless-sync": [isStreamed ? "yes" : "no"], "repl-diskless-sync-delay": ["3600"],
            ])
            try PairingTests.fill(master)
            let replicas = try (0..<3).map { _ in try Kind.own.start() }
            for replica in replicas { try replica.follow(master) }
            try waitUntil(within: .seconds(30)) { try master.number("connected_slaves") == 3 }
            try master.call("CONFIG", "SET", "repl-diskless-sync-delay", 0)
            for replica in replicas { try replica.waitUntilLinked() }
            let late = try Kind.own.start()
            try late.follow(master)
            try late.waitUntilLinked()
            try PairingTests.change(master)
            try waitUntilSame(master, replicas[0], replicas[1], replicas[2], late)
            #expect(try master.number("connected_slaves") == 4)
            if isStreamed {
                #expect(master.process.log.components(separatedBy: "Starting BGSAVE for SYNC").count == 3)
            }
        }

        @Test("a replica that does not read slows nobody and is given up at its limit")
        func slowReplica() throws {
            let (master, replica) = try pair(["client-output-buffer-limit": ["slave", "2mb", "0", "0"]])
            replica.process.freeze()
            defer { replica.process.thaw() }
            let value = Bytes(repeating: 120, count: 100_000)
            for index in 0..<400 {
                #expect(try master.call("SET", "key", value) == .ok)
                if index % 20 == 0, try master.number("connected_slaves") == 0 { break }
            }
            try waitUntil(within: .seconds(30)) { try master.number("connected_slaves") == 0 }
            #expect(master.process.log.contains("for overcoming of output buffer limits"))
            replica.process.thaw()
            try replica.waitUntilLinked()
            try waitUntilSame(master, replica)
        }

        @Test("a streamed snapshot that its replica does not read makes no writer wait, and counts for its limit")
        func unreadSnapshot() throws {
            let master = try Kind.own.start([
                "repl-diskless-sync": ["yes"], "repl-diskless-sync-delay": ["0"], "rdbcompression": ["no"],
            ])
            // Too long to be written at once: each has to be in the snapshot before it may change.
            let value = Bytes(repeating: 120, count: 100_000)
            for index in 0..<600 { try master.call("SET", "key:\(index)", value) }
            let replica = try master.process.connect()
            #expect(try replica.call("REPLCONF", "capa", "eof") == .ok)
            try replica.send(command("PSYNC", "?", "-1"))
            try waitUntil(within: .seconds(30)) { try master.number("sync_full", in: "stats") == 1 }
            for index in 0..<600 { #expect(try master.call("APPEND", "key:\(index)", "y") == .integer(100_001)) }
            #expect(try master.number("connected_slaves") == 1)
            try master.call("CONFIG", "SET", "client-output-buffer-limit", "slave 1mb 0 0")
            try waitUntil(within: .seconds(30)) { try master.number("connected_slaves") == 0 }
            #expect(try master.call("SAVE") == .ok)
        }

        @Test("writes are refused while too few replicas are near")
        func goodReplicas() throws {
            let (master, replica) = try pair()
            try master.call("CONFIG", "SET", "min-slaves-to-write", 1)
            try master.call("CONFIG", "SET", "min-slaves-max-lag", 10)
            try waitUntil(within: .seconds(30)) { try master.call("SET", "a", 1) == .ok }
            #expect(try master.info()["min_slaves_good_slaves"] == "1")
            replica.process.kill()
            try waitUntil(within: .seconds(30)) {
                try master.call("SET", "a", 1) == .error("NOREPLICAS Not enough good slaves to write.")
            }
            #expect(try master.call("GET", "a") == .bulk("1"))
            try master.call("CONFIG", "SET", "min-slaves-to-write", 0)
            #expect(try master.call("SET", "a", 2) == .ok)
        }

        @Test("WAIT answers when enough replicas have what was written, or when the time is up")
        func wait() throws {
            let (master, replica) = try pair()
            let second = try Kind.redis3_2.start()
            try second.follow(master)
            try second.waitUntilLinked()
            try master.call("SET", "a", 1)
            #expect(try master.call("WAIT", 2, 10_000) == .integer(2))
            #expect(try replica.call("GET", "a") == .bulk("1"))
            #expect(try second.call("GET", "a") == .bulk("1"))
            #expect(try master.call("WAIT", 3, 50) == .integer(2))
            replica.process.freeze()
            defer { replica.process.thaw() }
            try master.call("SET", "a", 2)
            #expect(try master.call("WAIT", 2, 3000) == .integer(1))
            replica.process.thaw()
            #expect(try replica.call("WAIT", 1, 0).errorText == "ERR WAIT cannot be used with slave instances.")
        }

        @Test("an unread WAIT is over when its client goes")
        func waitingClient() throws {
            let (master, _) = try pair()
            try master.call("SET", "a", 1)
            let other = try master.process.connect()
            try other.send(command("WAIT", 5, 0))
            try waitUntil(within: .seconds(30)) { try master.number("blocked_clients", in: "clients") == 1 }
            other.close()
            try waitUntil(within: .seconds(30)) { try master.number("blocked_clients", in: "clients") == 0 }
        }

        @Test("SYNC as old replicas and tools use it")
        func sync() throws {
            let master = try Kind.own.start()
            try PairingTests.fill(master)
            let connection = try master.process.connect()
            try connection.send(command("SYNC"))
            var bytes = Bytes()
            while !bytes.contains(10) || bytes.first == 10 {
                bytes += try connection.receiveSome()
                while bytes.first == 10 { bytes.removeFirst() }
            }
            #expect(bytes.first == UInt8(ascii: "$"))
            try master.call("SET", "behind", "it")
            let tail = command("SET", "behind", "it")
            while !Bytes(bytes.suffix(tail.count)).elementsEqual(tail) { bytes += try connection.receiveSome() }
        }

        @Test("a dropped backlog makes for a full resync")
        func backlog() throws {
            let (master, replica) = try pair(["repl-backlog-size": ["16kb"]])
            replica.process.freeze()
            let list = try #require(try master.call("CLIENT", "LIST").bytes?.latin1)
            let line = try #require(list.split(separator: "\n").first { $0.contains("flags=S") })
            let address = try #require(line.split(separator: " ").first { $0.hasPrefix("addr=") }).dropFirst(5)
            try master.call("CLIENT", "KILL", String(address))
            try master.call("SET", "a", Bytes(repeating: 120, count: 40_000))
            replica.process.thaw()
            try waitUntil(within: .seconds(30)) { try master.number("sync_full", in: "stats") == 2 }
            try replica.waitUntilLinked()
            try waitUntilSame(master, replica)
            #expect(try master.number("sync_partial_err", in: "stats") == 1)
        }

        @Test("moved keys go from the replica, restored ones come with the moment of their end")
        func migration() throws {
            let (source, sourceReplica) = try pair()
            let (target, targetReplica) = try pair()
            try source.call("SET", "{a}1", "v", "PX", 500_000)
            try source.call("SET", "{a}2", "w")
            try waitUntil(within: .seconds(30)) { try sourceReplica.call("DBSIZE") == .integer(2) }
            #expect(try source.call("SLOTSMGRTTAGONE", "127.0.0.1", target.port, 5000, "{a}1") == .integer(2))
            try waitUntil(within: .seconds(30)) { try sourceReplica.call("DBSIZE") == .integer(0) }
            try waitUntil(within: .seconds(30)) { try targetReplica.call("DBSIZE") == .integer(2) }
            // In the absolute form there is no drift at all.
            #expect(try targetReplica.call("PEXPIRETIME", "{a}1") == target.call("PEXPIRETIME", "{a}1"))
            try waitUntilSame(target, targetReplica)
        }
    }
}
