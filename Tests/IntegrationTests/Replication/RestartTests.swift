import Foundation
import Testing

extension IntegrationTests.ReplicationTests {
    /// Servers that end and come again go on in the stream where their RDB file was written.
    @Suite struct RestartTests {
        @Test("a replica that was restarted goes on without a full resync", arguments: [false, true])
        func replica(hasAppendOnlyFile: Bool) throws {
            let master = try Kind.own.start()
            let file = Bytes(text: "slaveof 127.0.0.1 \(master.port)\n")
            let replica = try Node(
                ServerProcess.start(
                    ["save": ["900", "1"], "appendonly": [hasAppendOnlyFile ? "yes" : "no"]],
                    files: ["redis.conf": file]))
            try PairingTests.fill(master)
            try replica.waitUntilLinked()
            // The file that was there before the full resync has another data set.
            try waitUntil(within: .seconds(30)) {
                let info = try replica.info("persistence")
                return info["aof_rewrite_scheduled"] == "0" && info["aof_rewrite_in_progress"] == "0"
            }
            try master.call("SELECT", 3)
            try PairingTests.change(master)
            try waitUntilSame(master, replica)
            try replica.process.stop()
            try master.call("SET", "meanwhile", 1)
            try replica.process.restart()
            try replica.reconnect()
            try replica.waitUntilLinked()
            try waitUntilSame(master, replica)
            #expect(try master.number("sync_full", in: "stats") == 1)
            #expect(try master.number("sync_partial_ok", in: "stats") == 1)
            #expect(replica.process.log.contains("Successful partial resynchronization with master."))
        }

        @Test("replicas of a master that was restarted go on without a full resync", arguments: [Kind.own, .redis7_0])
        func master(_ kind: Kind) throws {
            let master = try Kind.own.start(["save": ["900", "1"]])
            let replica = try kind.start()
            try PairingTests.fill(master)
            try replica.follow(master)
            try replica.waitUntilLinked()
            try PairingTests.change(master)
            try master.call("SET", "soon", "v", "PX", 10)
            try waitUntil(within: .seconds(30)) {
                try replica.number("slave_repl_offset") == master.number("master_repl_offset")
            }
            try master.process.stop()
            try master.process.restart()
            try master.reconnect()
            try replica.waitUntilLinked()
            try master.call("SET", "again", 1)
            try master.call("GET", "soon")
            try waitUntilSame(master, replica)
            #expect(try master.number("sync_full", in: "stats") == 0)
            #expect(try master.number("sync_partial_ok", in: "stats") == 1)
        }

        @Test("an append-only file has the master's data set after a full resync, and before it what it had")
        func appendOnlyFile() throws {
            let master = try Kind.own.start()
            let replica = try Kind.own.start(["appendonly": ["yes"]])
            try replica.call("SET", "key", "a string")
            try master.call("RPUSH", "key", "a list")
            try replica.follow(master)
            try replica.waitUntilLinked()
            // Nothing of the stream gets behind the old data set.
            for round in 0..<5 {
                for index in 0..<20 { try master.call("RPUSH", "key", "\(round).\(index)") }
                try replica.process.restart(abruptly: true)
                try replica.reconnect()
                try replica.follow(master)
                try replica.waitUntilLinked()
            }
            try waitUntilSame(master, replica)
            try waitUntil(within: .seconds(30)) {
                let info = try replica.info("persistence")
                return info["aof_rewrite_scheduled"] == "0" && info["aof_rewrite_in_progress"] == "0"
            }
            try replica.promote()
            try replica.process.stop()
            try replica.process.restart()
            try replica.reconnect()
            try waitUntilSame(master, replica)
        }

        @Test("DEBUG RELOAD and DEBUG LOADAOF leave the stream as it is")
        func reload() throws {
            let master = try Kind.own.start(["appendonly": ["yes"]])
            let replica = try Kind.own.start()
            try PairingTests.fill(master)
            try replica.follow(master)
            try replica.waitUntilLinked()
            for reload in ["RELOAD", "LOADAOF"] {
                try PairingTests.change(master)
                #expect(try master.call("DEBUG", reload) == .ok)
                try PairingTests.change(master)
                try waitUntilSame(master, replica)
                #expect(try replica.isLinked)
            }
            #expect(try master.number("sync_full", in: "stats") == 1)
        }

        @Test("a place that belongs to another file is none")
        func otherFile() throws {
            let master = try Kind.own.start()
            let file = Bytes(text: "slaveof 127.0.0.1 \(master.port)\n")
            let replica = try Node(ServerProcess.start(["save": ["900", "1"]], files: ["redis.conf": file]))
            try master.call("SET", "a", 1)
            try replica.waitUntilLinked()
            try waitUntilSame(master, replica)
            try replica.process.stop()
            let other = try Kind.own.start()
            try other.call("SET", "b", 2)
            try other.call("SAVE")
            let path = replica.process.directory.appendingPathComponent("dump.rdb")
            try FileManager.default.removeItem(at: path)
            try FileManager.default.copyItem(at: other.process.directory.appendingPathComponent("dump.rdb"), to: path)
            try replica.process.restart()
            try replica.reconnect()
            try replica.waitUntilLinked()
            try waitUntilSame(master, replica)
            #expect(try master.number("sync_full", in: "stats") == 2)
        }
    }
}
