import Foundation
import Testing

extension IntegrationTests.MigrationFaultTests {
    /// While a key is under way, readers of it go on and writers wait, until the target has answered.
    @Suite(.freshServers) struct PinnedKeyTests {
        /// How a migration ends.
        enum Ending: CaseIterable, Sendable {
            case moved, failed
        }

        /// A command that would change the key `key`, which holds `old`.
        struct Write: Sendable, CustomTestStringConvertible {
            var words: [Bytes]
            /// What it is answered when the key has been moved.
            var afterMove: Reply
            /// What it is answered when the key is still there.
            var afterFailure: Reply
            /// Whether other keys change, too.
            var concernsAll = false

            init(_ words: any CommandArgument..., afterMove: Reply, afterFailure: Reply) {
                self.words = words.map(\.argumentBytes)
                self.afterMove = afterMove
                self.afterFailure = afterFailure
                concernsAll = words[0] is String && ["FLUSHALL", "FLUSHDB"].contains("\(words[0])")
            }

            var testDescription: String { DifferentialStep.command(words).description }
        }

        private static let payload = DumpedValue.payload(ofString: Bytes(text: "restored"))
        private static let emptySlot = Reply.array([.array([.integer(slotNumber(of: "key")), .integer(0)])])

        static let writes: [Write] = [
            Write("SET", "key", "new", afterMove: .ok, afterFailure: .ok),
            Write("SETNX", "key", "new", afterMove: .integer(1), afterFailure: .integer(0)),
            Write("SETEX", "key", 100, "new", afterMove: .ok, afterFailure: .ok),
            Write("GETSET", "key", "new", afterMove: .bulk(nil), afterFailure: .bulk("old")),
            Write("APPEND", "key", "+", afterMove: .integer(1), afterFailure: .integer(4)),
            Write("SETRANGE", "key", 1, "x", afterMove: .integer(2), afterFailure: .integer(3)),
            Write("SETBIT", "key", 1, 0, afterMove: .integer(0), afterFailure: .integer(1)),
            Write("SORT", "nosuch", "STORE", "key", afterMove: .integer(0), afterFailure: .integer(0)),
            Write("BITOP", "NOT", "key", "other", afterMove: .integer(5), afterFailure: .integer(5)),
            Write("DEL", "key", afterMove: .integer(0), afterFailure: .integer(1)),
            Write("DEL", "other", "key", afterMove: .integer(1), afterFailure: .integer(2)),
            Write("EXPIRE", "key", 100, afterMove: .integer(0), afterFailure: .integer(1)),
            Write("PEXPIREAT", "key", 1, afterMove: .integer(0), afterFailure: .integer(1)),
            Write("PERSIST", "key", afterMove: .integer(0), afterFailure: .integer(0)),
            Write("RENAME", "key", "new", afterMove: .error("ERR no such key"), afterFailure: .ok),
            Write("RENAME", "other", "key", afterMove: .ok, afterFailure: .ok),
            Write("RENAMENX", "other", "key", afterMove: .integer(1), afterFailure: .integer(0)),
            Write("MSET", "other", "new", "key", "new", afterMove: .ok, afterFailure: .ok),
            Write("MSETNX", "new", "new", "key", "new", afterMove: .integer(1), afterFailure: .integer(0)),
            Write("MOVE", "key", 3, afterMove: .integer(0), afterFailure: .integer(1)),
            Write("FLUSHALL", afterMove: .ok, afterFailure: .ok),
            Write("FLUSHDB", afterMove: .ok, afterFailure: .ok),
            Write("SLOTSDEL", slotNumber(of: "key"), afterMove: emptySlot, afterFailure: emptySlot),
            Write("SLOTSRESTORE", "key", 0, payload, afterMove: .ok, afterFailure: .ok),
            Write("SLOTSRESTORE", "new", 0, payload, "key", 0, payload, afterMove: .ok, afterFailure: .ok),
            Write(
                "RESTORE", "key", 0, payload, afterMove: .ok,
                afterFailure: .error("ERR Target key name is busy.")),
        ]

        /// A migration of `key` that goes as far as the target's answer.
        private final class HeldMigration {
            let gate: Gate
            let caller: Connection

            init(_ stage: Stage, _ form: MigrationForm = .one, key: String = "key") throws {
                gate = try Gate(to: stage.servers.target.address)
                caller = try stage.servers.source.connect(timeout: .seconds(30))
                try caller.send(encodeCommand(form.words(key, to: gate.endpoint, timeout: 60_000)))
                try gate.waitUntilHeld()
            }

            /// Lets it end and checks the caller's reply.
            func end(_ ending: Ending, _ form: MigrationForm = .one, count: Int = 1) throws {
                if ending == .moved { gate.open() } else { gate.cut() }
                let reply = try caller.receive()
                #expect(reply == (ending == .moved ? form.success(count) : form.readFailure))
            }
        }

        private func prepare() throws -> Stage {
            let stage = try Stage()
            #expect(try stage.source.call("MSET", "key", "old", "other", "value") == .ok)
            return stage
        }

        /// What a client that should wait got until now: nothing, and it is still connected.
        private func expectWaiting(
            _ connection: Connection, _ stage: Stage, sourceLocation: SourceLocation = #_sourceLocation
        ) throws {
            try stage.servers.source.settle()
            let (bytes, closed) = try connection.receiveAll(quiet: .milliseconds(20))
            #expect(bytes.isEmpty && !closed, "\(bytes.shown())", sourceLocation: sourceLocation)
        }

        @Test("a writer waits and is answered afterwards", arguments: writes, Ending.allCases)
        func writer(_ write: Write, _ ending: Ending) throws {
            let stage = try prepare()
            let migration = try HeldMigration(stage)
            let writer = try stage.servers.source.connect()
            try writer.send(encodeCommand(write.words))
            try expectWaiting(writer, stage)
            #expect(try stage.source.call("GET", "key") == .bulk("old"))
            #expect(try stage.source.call("GET", "other") == .bulk("value"))
            #expect(try stage.source.call("SET", "third", "value") == .ok)
            try migration.end(ending)
            let reply = try writer.receive()
            #expect(reply == (ending == .moved ? write.afterMove : write.afterFailure))
            if write.concernsAll { #expect(try stage.source.call("DBSIZE") == .integer(0)) }
            #expect(try stage.target.call("GET", "key") == .bulk("old"))
            #expect(try writer.call("SET", "key", "again") == .ok)
            try stage.expectUndisturbed()
        }

        @Test("readers go on")
        func readers() throws {
            let stage = try prepare()
            try stage.source.call("EXPIRE", "key", 1000)
            let migration = try HeldMigration(stage)
            let slot = slotNumber(of: "key")
            let dump = try #require(try stage.source.call("DUMP", "key").bytes)
            #expect(try DumpedValue(payload: dump) == .string(Bytes(text: "old")))
            #expect(try stage.source.call("GET", "key") == .bulk("old"))
            #expect(try stage.source.call("MGET", "key", "other") == .array([.bulk("old"), .bulk("value")]))
            #expect(try stage.source.call("STRLEN", "key") == .integer(3))
            #expect(try stage.source.call("GETRANGE", "key", 0, 0) == .bulk("o"))
            #expect(try stage.source.call("EXISTS", "key") == .integer(1))
            #expect(try stage.source.call("TYPE", "key") == .status("string"))
            #expect((1...1000).contains(try stage.source.call("TTL", "key").integerValue ?? 0))
            #expect(try stage.source.call("DBSIZE") == .integer(2))
            #expect(try stage.source.call("KEYS", "k*") == .array([.bulk("key")]))
            #expect(try stage.source.call("SLOTSINFO", slot, 1) == .array([.array([.integer(slot), .integer(1)])]))
            #expect(try stage.source.call("SLOTSCHECK") == .ok)
            #expect(try stage.source.call("RANDOMKEY").bytes != nil)
            try migration.end(.moved)
            #expect(try stage.source.call("GET", "key") == .bulk(nil))
        }

        @Test("waiting writers are released in the order they came", arguments: Ending.allCases)
        func order(_ ending: Ending) throws {
            let stage = try prepare()
            let migration = try HeldMigration(stage)
            let writers = try (0..<20).map { _ in try stage.servers.source.connect() }
            for (number, writer) in writers.enumerated() {
                try writer.send(command("APPEND", "key", String(number % 10)))
                try stage.servers.source.settle()
            }
            try migration.end(ending)
            let before = ending == .moved ? "" : "old"
            for (number, writer) in writers.enumerated() {
                #expect(try writer.receive() == .integer(before.utf8.count + number + 1))
            }
            #expect(try stage.source.call("GET", "key") == .bulk(before + "01234567890123456789"))
        }

        @Test("what a waiting client has sent behind its write is answered in order", arguments: Ending.allCases)
        func pipeline(_ ending: Ending) throws {
            let stage = try prepare()
            let migration = try HeldMigration(stage)
            let writer = try stage.servers.source.connect()
            let pipeline =
                command("PING") + command("APPEND", "key", "+") + command("GET", "other") + Bytes(text: "GET key\r\n")
            try writer.send(pipeline)
            #expect(try writer.receive() == .status("PONG"))
            try expectWaiting(writer, stage)
            // More may come while it waits, in pieces.
            let more = command("INCR", "number") + command("APPEND", "key", "!")
            try writer.send(more.prefix(20))
            try expectWaiting(writer, stage)
            try writer.send(more.dropFirst(20))
            try expectWaiting(writer, stage)
            try migration.end(ending)
            let before = ending == .moved ? "" : "old"
            let expected: [Reply] = [
                .integer(before.utf8.count + 1), .bulk("value"), .bulk(before + "+"), .integer(1),
                .integer(before.utf8.count + 2),
            ]
            for reply in expected { #expect(try writer.receive() == reply) }
        }

        @Test("what the caller has sent behind the migration is answered in order", arguments: Ending.allCases)
        func callersPipeline(_ ending: Ending) throws {
            let stage = try prepare()
            let gate = try Gate(to: stage.servers.target.address)
            let caller = try stage.servers.source.connect()
            let words = MigrationForm.one.words("key", to: gate.endpoint, timeout: 60_000)
            let behind = command("GET", "key") + command("PING") + command("SET", "key", "new") + command("GET", "key")
            try caller.send(command("GET", "key") + encodeCommand(words) + behind)
            try gate.waitUntilHeld()
            #expect(try caller.receive() == .bulk("old"))
            try expectWaiting(caller, stage)
            if ending == .moved { gate.open() } else { gate.cut() }
            let form = MigrationForm.one
            #expect(try caller.receive() == (ending == .moved ? form.success(1) : form.readFailure))
            let expected: [Reply] = [ending == .moved ? .bulk(nil) : .bulk("old"), .status("PONG"), .ok, .bulk("new")]
            for reply in expected { #expect(try caller.receive() == reply) }
        }

        @Test("all keys of one MIGRATE are pinned, and nothing else", arguments: Ending.allCases)
        func manyKeys(_ ending: Ending) throws {
            let stage = try prepare()
            let gate = try Gate(to: stage.servers.target.address)
            let caller = try stage.servers.source.connect()
            let (host, port) = (gate.endpoint.host, gate.endpoint.port)
            try caller.send(
                command("MIGRATE", host, port, "", 0, 60_000, "REPLACE", "KEYS", "key", "missing", "other", "key"))
            try gate.waitUntilHeld()
            let writers = try ["key", "other"].map { key in
                let writer = try stage.servers.source.connect()
                try writer.send(command("APPEND", key, "+"))
                return writer
            }
            let second = try stage.servers.source.connect()
            try second.send(command("MIGRATE", host, port, "", 0, 60_000, "KEYS", "free", "other"))
            for client in writers + [second] { try expectWaiting(client, stage) }
            for key in ["missing", "free"] { #expect(try stage.source.call("SET", key, "v") == .ok) }
            if ending == .moved { gate.open() } else { gate.cut() }
            let reply = try caller.receive()
            #expect(ending == .moved ? reply == .ok : reply.errorText?.hasPrefix("IOERR") == true, "\(reply)")
            #expect(try writers[0].receive() == .integer(ending == .moved ? 1 : 4))
            #expect(try writers[1].receive() == .integer(ending == .moved ? 1 : 6))
            _ = try second.receive()
            #expect(try stage.source.call("GET", "missing") == .bulk("v"))
            if ending == .moved {
                #expect(try stage.target.call("GET", "key") == .bulk("old"))
            } else {
                #expect(try stage.source.call("GET", "key") == .bulk("old+"))
            }
        }

        @Test("a whole group is pinned, and nothing else", arguments: Ending.allCases)
        func group(_ ending: Ending) throws {
            let stage = try prepare()
            let keys = (0..<10).map { "{group}\($0)" }
            for key in keys { try stage.source.call("SET", key, "old") }
            let migration = try HeldMigration(stage, .tagSlot, key: "{group}")
            let writers = try keys.map { key in
                let writer = try stage.servers.source.connect()
                try writer.send(command("APPEND", key, "+"))
                return writer
            }
            for writer in writers { try expectWaiting(writer, stage) }
            // A new key of the group is not under way.
            #expect(try stage.source.call("SET", "{group}new", "value") == .ok)
            #expect(try stage.source.call("DEL", "{group}new") == .integer(1))
            // Keys of the same names in other databases are others.
            try stage.source.call("SELECT", 3)
            #expect(try stage.source.call("MSET", "{group}1", "x", "key", "x") == .ok)
            #expect(try stage.source.call("FLUSHDB") == .ok)
            try migration.end(ending, .tagSlot, count: keys.count)
            for writer in writers { #expect(try writer.receive() == .integer(ending == .moved ? 1 : 4)) }
        }
    }
}
