import Foundation
import Testing
import TestSupport

extension IntegrationTests.CommandTests {
    /// MULTI, EXEC, DISCARD, WATCH and UNWATCH, as Redis 2.8 does them.
    @Suite struct TransactionTests {
        @Test("queue, execute, discard")
        func queue() throws {
            try Dialogue(
                """
                a EXEC
                a DISCARD
                a MULTI
                a MULTI
                a SET k 1
                b GET k
                a INCR k
                a GET k nosuch
                a WATCH k
                a EXEC
                a MULTI
                a SET k 1
                a INCR k
                a STRLEN
                a PING
                a EXEC
                a MULTI
                a NOSUCH x
                a SET k 9
                a EXEC
                a GET k
                a MULTI
                a SET k 1
                a INCR k
                a INCRBYFLOAT k nan
                a SELECT 3
                a SET k three
                a INCR k
                a UNWATCH
                a ECHO hello
                b GET k
                a EXEC
                b GET k
                b SELECT 3
                b GET k
                a GET k
                a MULTI
                a SET k 5
                a DISCARD
                a DISCARD
                a GET k
                a MULTI
                a EXEC
                a EXEC
                """
            ).expectSame()
        }

        /// What another client, or the same one, does to a watched key.
        static let changes = [
            "SET k 2", "SET k 1 EX 100", "SETNX k 1", "SETNX new 1", "GETSET k 1", "APPEND k x", "SETRANGE k 0 x",
            "SETBIT k 1 1", "INCR k", "INCRBYFLOAT k 1", "MSET k 1 l 2", "MSETNX k 1 l 2", "DEL k", "DEL new",
            "EXPIRE k 10",
            "EXPIRE k -1", "RENAME k other", "RENAME l k", "RENAME l new", "RENAMENX l k", "FLUSHDB", "FLUSHALL",
            "GET k",
            "STRLEN k", "TTL k", "BITOP NOT k l", "BITOP NOT new l", "BITOP NOT new nothing", "SET third 1", "INCR nan",
        ]

        @Test("a change of a watched key, and only that, makes EXEC fail", arguments: ["a", "b"])
        func watch(_ by: String) throws {
            let lines = Self.changes.map { change in
                """
                a FLUSHALL
                a MSET k 1 l 2 nan x
                a WATCH k new
                \(by) \(change)
                a MULTI
                a SET result 1
                a EXEC
                b GET result
                a MULTI
                a GET result
                a EXEC
                """
            }
            try Dialogue(lines.joined(separator: "\n")).expectSame()
        }

        @Test("UNWATCH, DISCARD and EXEC end watching; databases are told apart; flushing spares what was not there")
        func unwatch() throws {
            try Dialogue(
                """
                a SET k 1
                a WATCH k
                b SET k 2
                a UNWATCH
                a MULTI
                a PING
                a EXEC
                a WATCH k k
                a MULTI
                a DISCARD
                b SET k 3
                a MULTI
                a PING
                a EXEC
                a WATCH absent
                b FLUSHALL
                a MULTI
                a PING
                a EXEC
                a SELECT 2
                a WATCH k
                b SET k 3
                a SELECT 0
                a MULTI
                a PING
                a EXEC
                a WATCH k
                a SELECT 2
                b SET k 3
                a MULTI
                a SET k in2
                a EXEC
                a GET k
                c WATCH k
                b SELECT 2
                b SET k 1
                c MULTI
                c PING
                b SELECT 0
                b SET k 1
                c GET k
                c EXEC
                """
            ).expectSame()
        }

        /// Where Redis 2.8 forgets its watchers, and this server does not.
        @Test("MOVE and PERSIST fail watchers, too", arguments: ["MOVE k 3", "PERSIST k"])
        func moreChanges(_ change: String) throws {
            try withServer { server in
                let (watcher, other) = try (server.connect(), server.connect())
                try other.call("SET", "k", "v", "EX", 100)
                try watcher.call("WATCH", "k")
                #expect(try other.call(change.split(separator: " ").map { Bytes(text: String($0)) }) == .integer(1))
                try watcher.call("MULTI")
                try watcher.call("PING")
                #expect(try watcher.call("EXEC") == .array(nil))
            }
        }

        @Test("MOVE tells those who watch the key where it goes")
        func moveTarget() throws {
            try withServer { server in
                let (watcher, other) = try (server.connect(), server.connect())
                try other.call("SET", "k", "v")
                try watcher.call("SELECT", 3)
                try watcher.call("WATCH", "k")
                #expect(try other.call("MOVE", "k", 3) == .integer(1))
                try watcher.call("MULTI")
                #expect(try watcher.call("EXEC") == .array(nil))
            }
        }

        @Test("the commands of the slots tell watchers", arguments: ["SLOTSDEL", "SLOTSRESTORE"])
        func slotCommands(_ name: String) throws {
            try withServer { server in
                let (watcher, other) = try (server.connect(), server.connect())
                try other.call("SET", "k", "v")
                try watcher.call("WATCH", "k")
                if name == "SLOTSDEL" {
                    try other.call("SLOTSDEL", slotNumber(of: "k"))
                } else {
                    let payload = DumpedValue.payload(ofString: Bytes(text: "w"))
                    #expect(try other.call("SLOTSRESTORE", "k", 0, payload) == .ok)
                }
                try watcher.call("MULTI")
                #expect(try watcher.call("EXEC") == .array(nil))
                try watcher.call("WATCH", "absent")
                try other.call("SLOTSDEL", slotNumber(of: "absent"))
                try watcher.call("MULTI")
                #expect(try watcher.call("EXEC") == .array([]))
            }
        }

        @Test("over maxmemory a command is not queued, and spoils the transaction")
        func memory() throws {
            try Dialogue(
                """
                a CONFIG SET maxmemory 1
                a MULTI
                a GET k
                a SET k 1
                a EXEC
                a CONFIG SET maxmemory 0
                a MULTI
                a SET k 1
                b CONFIG SET maxmemory 1
                a EXEC
                a CONFIG SET maxmemory 0
                a GET k
                """
            ).expectSame()
        }

        @Test("without a password nothing is queued, and MONITOR shows commands when they are executed")
        func passwordAndMonitor() throws {
            try Dialogue("a MULTI\na SET k 1\na EXEC\na AUTH x\na MULTI\na GET k\na EXEC").expectSame(
                ["requirepass": ["x"]])
            let lines = try [ServerProcess.start(.redis2_8), ServerProcess.start()].map { server -> [String] in
                let (monitor, client) = try (server.connect(), server.connect())
                try monitor.call("MONITOR")
                for words in ["WATCH k", "MULTI", "SET k 1", "GET k", "EXEC", "MULTI", "DISCARD", "PING"] {
                    try client.call(words.split(separator: " ").map { Bytes(text: String($0)) })
                }
                var lines: [String] = []
                repeat {
                    let line = try monitor.receive().bytes?.latin1 ?? ""
                    lines.append(String(line.drop { $0 != "]" }))
                } while lines.last?.contains("PING") == false
                try server.stop()
                return lines
            }
            #expect(lines[1] == lines[0])
        }

        @Test("CLIENT LIST tells multi= and the flags")
        func clientList() throws {
            let found = try [ServerProcess.start(.redis2_8), ServerProcess.start()].map { server -> [String] in
                let (client, other) = try (server.connect(), server.connect())
                var seen: [String] = []
                func look() throws {
                    let list = try other.call("CLIENT", "LIST").bytes?.latin1 ?? ""
                    let line = list.split(separator: "\n").first { $0.contains("name=me ") } ?? ""
                    let fields = ["flags=", "sub=", "psub=", "multi=", "cmd="]
                    seen.append(
                        line.split(separator: " ").filter { field in fields.contains { field.hasPrefix($0) } }
                            .joined(separator: " "))
                }
                for words in ["CLIENT SETNAME me", "WATCH k", "MULTI", "GET k", "PING"] {
                    try client.call(words.split(separator: " ").map { Bytes(text: String($0)) })
                    try look()
                }
                try other.call("SET", "k", 1)
                try look()
                try client.call("EXEC")
                try look()
                try client.call("SUBSCRIBE", "c")
                try client.call("PSUBSCRIBE", "p*")
                try look()
                try server.stop()
                return seen
            }
            #expect(found[1] == found[0])
        }

        @Test("a transaction of random commands does what Redis does", arguments: 0..<8)
        func random(_ seed: Int) throws {
            var random = SeededGenerator(seed: UInt64(seed))
            let words = ["SET", "GET", "INCR", "APPEND", "DEL", "GETSET", "RENAME", "STRLEN", "MSET", "EXPIRE"]
            let control = ["MULTI", "MULTI", "EXEC", "EXEC", "DISCARD", "WATCH", "UNWATCH"]
            var steps: [Dialogue.Step] = []
            for _ in 0..<150 {
                let isControl = Int.random(in: 0..<3, using: &random) == 0
                let name = (isControl ? control : words).randomElement(using: &random) ?? "PING"
                let keys = (0..<Int.random(in: 0..<3, using: &random)).map { _ in
                    Bytes(text: "k\(Int.random(in: 0..<4, using: &random))")
                }
                let arguments = control.contains(name) && name != "WATCH" ? [] : keys
                steps.append(
                    Dialogue.Step(
                        name: Bool.random(using: &random) ? "a" : "b", words: [Bytes(text: name)] + arguments))
            }
            try Dialogue(steps).expectSame()
        }
    }
}
