import Foundation
import Testing

extension IntegrationTests.MigrationFaultTests {
    /// Transactions and keys on their way to another server.
    @Suite(.freshServers) struct TransactionMigrationTests {
        private func queue(_ commands: [[Bytes]], on connection: Connection) throws {
            #expect(try connection.call("MULTI") == .ok)
            for command in commands { #expect(try connection.call(command) == .status("QUEUED")) }
        }

        private func words(_ words: any CommandArgument...) -> [Bytes] { words.map(\.argumentBytes) }

        @Test("EXEC waits as a whole for a key that one of its commands would change", arguments: [true, false])
        func waits(_ isMoved: Bool) throws {
            let stage = try Stage()
            try stage.source.call("MSET", "key", "old", "other", "1")
            let gate = try Gate(to: stage.servers.target.address)
            let caller = try stage.servers.source.connect(timeout: .seconds(30))
            try caller.send(encodeCommand(MigrationForm.one.words("key", to: gate.endpoint, timeout: 60_000)))
            try gate.waitUntilHeld()
            let client = try stage.servers.source.connect()
            try queue(
                [words("INCR", "other"), words("SELECT", 1), words("SELECT", 0), words("APPEND", "key", "+")],
                on: client)
            try client.send(command("EXEC"))
            try stage.servers.source.settle()
            #expect(try client.receiveAll(quiet: .milliseconds(20)).bytes.isEmpty)
            #expect(try stage.source.call("GET", "other") == .bulk("1"), "nothing of it has happened")
            if isMoved { gate.open() } else { gate.cut() }
            #expect(try client.receive() == .array([.integer(2), .ok, .ok, .integer(isMoved ? 1 : 4)]))
            _ = try caller.receive()
            try stage.expectUndisturbed()
        }

        @Test("EXEC does not wait for a key of the same name in another database, or that is only read")
        func doesNotWait() throws {
            let stage = try Stage()
            try stage.source.call("MSET", "key", "old")
            let gate = try Gate(to: stage.servers.target.address)
            let caller = try stage.servers.source.connect(timeout: .seconds(30))
            try caller.send(encodeCommand(MigrationForm.one.words("key", to: gate.endpoint, timeout: 60_000)))
            try gate.waitUntilHeld()
            let client = try stage.servers.source.connect()
            try queue([words("GET", "key"), words("SELECT", 1), words("SET", "key", "one")], on: client)
            #expect(try client.call("EXEC") == .array([.bulk("old"), .ok, .ok]))
            gate.open()
            #expect(try caller.receive() == .integer(1))
            try stage.source.call("FLUSHALL")
        }

        @Test("a watched key that is moved makes EXEC fail")
        func watched() throws {
            let stage = try Stage()
            try stage.source.call("SET", "key", "old")
            let watcher = try stage.servers.source.connect()
            try watcher.call("WATCH", "key")
            try stage.expectUndisturbed()
            let target = Endpoint(host: stage.servers.target.host, port: stage.servers.target.port)
            #expect(try stage.source.call(MigrationForm.one.words("key", to: target)) == .integer(1))
            try watcher.call("MULTI")
            #expect(try watcher.call("EXEC") == .array(nil))
        }

        @Test("migrations within EXEC reply in their order", arguments: MigrationForm.allCases)
        func inOrder(_ form: MigrationForm) throws {
            let stage = try Stage()
            let relay = try Relay(to: stage.servers.target.address)
            defer { relay.stop() }
            try stage.source.call("SET", "key", "value")
            let client = try stage.servers.source.connect(timeout: .seconds(30))
            let move = form.words("key", to: relay.endpoint)
            try queue(
                [
                    words("ECHO", "a"), move, words("EXISTS", "key"), words("SET", "key", "new"), move,
                    words("DBSIZE"), words("ECHO", "b"),
                ], on: client)
            #expect(
                try client.call("EXEC")
                    == .array([
                        .bulk("a"), form.success(1), .integer(0), .ok, form.success(1), .integer(0), .bulk("b"),
                    ]))
            #expect(try stage.target.call("GET", "key") == .bulk("new"))
            try stage.expectUndisturbed()
        }

        @Test("a target that says nothing: EXEC goes on after the timeout, the key stays")
        func timeout() throws {
            let stage = try Stage()
            let target = try ScriptedTarget { try $0.listen() }
            defer { target.stop() }
            try stage.source.call("SET", "key", "value")
            let client = try stage.servers.source.connect()
            try queue(
                [MigrationForm.one.words("key", to: target.endpoint, timeout: 100), words("APPEND", "key", "+")],
                on: client)
            let began = ContinuousClock.now
            #expect(try client.call("EXEC") == .array([MigrationForm.one.readFailure, .integer(6)]))
            #expect(began.duration(to: .now) < .seconds(3))
            try stage.expectUndisturbed()
        }

        @Test("a name that has to be looked up")
        func name() throws {
            let stage = try Stage()
            try stage.source.call("SET", "key", "value")
            let client = try stage.servers.source.connect()
            let target = Endpoint(host: "localhost", port: stage.servers.target.port)
            try queue([MigrationForm.one.words("key", to: target), words("EXISTS", "key")], on: client)
            #expect(try client.call("EXEC") == .array([.integer(1), .integer(0)]))
        }

        @Test("the server itself as the target is recognised")
        func itself() throws {
            let stage = try Stage()
            try stage.source.call("SET", "key", "value")
            let client = try stage.servers.source.connect()
            let target = Endpoint(host: stage.servers.source.host, port: stage.servers.source.port)
            try queue(
                [MigrationForm.one.words("key", to: target, timeout: 500), words("SET", "key", "new")], on: client)
            #expect(try client.call("EXEC") == .array([MigrationForm.one.readFailure, .ok]))
            try stage.servers.source.settle()
            #expect(try stage.source.call("GET", "key") == .bulk("new"))
        }

        @Test("EXEC moves a key that is under way already")
        func underWay() throws {
            let stage = try Stage()
            try stage.source.call("SET", "key", "value")
            let target = try ScriptedTarget { conversation in
                try conversation.command()
                try conversation.answer("+OK\r\n")
                try conversation.command()
                usleep(300_000)
                try conversation.answer("+OK\r\n")
                try conversation.listen()
            }
            defer { target.stop() }
            let caller = try stage.servers.source.connect()
            try caller.send(encodeCommand(MigrationForm.one.words("key", to: target.endpoint)))
            usleep(100_000)
            let client = try stage.servers.source.connect()
            try queue([MigrationForm.one.words("key", to: target.endpoint), words("SET", "key", "new")], on: client)
            #expect(try client.call("EXEC") == .array([.integer(0), .ok]))
            #expect(try caller.receive() == .integer(1))
            #expect(try stage.source.call("GET", "key") == .bulk("new"))
        }

        @Test("EXEC waits for a value that is still arriving", arguments: MigrationForm.allCases)
        func arriving(_ form: MigrationForm) throws {
            let stage = try Stage()
            let sender = try stage.servers.source.connect()
            try sender.call("SLOTSRESTORE-ASYNC", "list", "{p}key", 60_000, 2, "a")
            let client = try stage.servers.source.connect()
            let target = stage.servers.target.endpoint
            try queue([form.words("{p}key", to: target), words("EXISTS", "{p}key")], on: client)
            try client.send(command("EXEC"))
            try stage.servers.source.settle()
            #expect(try client.receiveAll(quiet: .milliseconds(20)).bytes.isEmpty)
            try sender.call("SLOTSRESTORE-ASYNC", "list", "{p}key", 60_000, 2, "b")
            try sender.call("SLOTSRESTORE-ASYNC", "expire", "{p}key", 0)
            #expect(try client.receive() == .array([form.success(1), .integer(0)]))
            #expect(try stage.target.call("LRANGE", "{p}key", 0, -1) == .array([.bulk("a"), .bulk("b")]))
            try stage.expectUndisturbed()
        }

        @Test("EXEC moves a group that is removed in several turns")
        func manyKeys() throws {
            let stage = try Stage()
            let count = 3500
            for number in 0..<count { try stage.source.send(command("SET", "{p}\(number)", "v")) }
            for _ in 0..<count { #expect(try stage.source.receive() == .ok) }
            let client = try stage.servers.source.connect(timeout: .seconds(30))
            let move = MigrationForm.tagOne.words("{p}", to: stage.servers.target.endpoint)
            try queue([move, words("DBSIZE")], on: client)
            #expect(try client.call("EXEC") == .array([.integer(count), .integer(0)]))
            #expect(try stage.target.call("DBSIZE") == .integer(count))
        }

        @Test("EXEC gives away a long value that a snapshot is still to write", arguments: MigrationForm.allCases)
        func snapshot(_ form: MigrationForm) throws {
            let stage = try Stage()
            let elements = (0..<50_000).map { Bytes(text: "element:\($0)") }
            try stage.source.call([Bytes(text: "RPUSH"), Bytes(text: "{p}key")] + elements)
            let client = try stage.servers.source.connect(timeout: .seconds(60))
            let move = form.words("{p}key", to: stage.servers.target.endpoint)
            // All in one turn, before the snapshot comes to the value.
            try client.send(["BGSAVE", "MULTI"].flatMap { command($0) } + encodeCommand(move) + command("EXEC"))
            #expect(try client.receive() == .status("Background saving started"))
            for reply in [Reply.ok, .status("QUEUED"), .array([form.success(1)])] {
                #expect(try client.receive() == reply)
            }
            #expect(try stage.target.call("LLEN", "{p}key") == .integer(elements.count))
            try stage.servers.source.wait(for: "rdb_bgsave_in_progress", "0")
            try stage.expectUndisturbed()
        }
    }
}
