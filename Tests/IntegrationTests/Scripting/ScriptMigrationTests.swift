import Foundation
import Testing

extension IntegrationTests.MigrationFaultTests {
    /// Scripts and keys on their way to another server.
    @Suite(.freshServers) struct ScriptMigrationTests {
        /// A migration of `key` that goes as far as the target's answer.
        private func begin(_ stage: Stage) throws -> (gate: Gate, caller: Connection) {
            let gate = try Gate(to: stage.servers.target.address)
            let caller = try stage.servers.source.connect(timeout: .seconds(30))
            try caller.send(encodeCommand(MigrationForm.one.words("key", to: gate.endpoint, timeout: 60_000)))
            try gate.waitUntilHeld()
            return (gate, caller)
        }

        @Test("a script waits as a whole for the keys it declares", arguments: ["EVAL", "MULTI"])
        func declaredKeys(_ form: String) throws {
            let stage = try Stage()
            try stage.source.call("SET", "key", "old")
            let (gate, caller) = try begin(stage)
            let script = try stage.servers.source.connect(timeout: .seconds(30))
            let text = "redis.call('set', 'other', 'x') return redis.call('exists', KEYS[1])"
            if form == "MULTI" {
                try script.call("MULTI")
                try script.call("EVAL", text, 1, "key")
                try script.send(command("EXEC"))
            } else {
                try script.send(command("EVAL", text, 1, "key"))
            }
            // What does not wait goes on meanwhile, and the script has not begun.
            #expect(try stage.source.eval("return redis.call('get', 'key')") == .bulk("old"))
            #expect(try stage.source.call("EXISTS", "other") == .integer(0))
            gate.open()
            #expect(try caller.receive() == .integer(1))
            let reply = try script.receive()
            #expect(reply == (form == "MULTI" ? .array([.integer(0)]) : .integer(0)))
            #expect(try stage.source.call("GET", "other") == .bulk("x"))
        }

        @Test("a script that would change a key under way without having declared it changes nothing")
        func undeclaredKey() throws {
            let stage = try Stage()
            try stage.source.call("SET", "key", "old")
            let (gate, caller) = try begin(stage)
            let reply = try stage.source.eval("redis.call('append', 'key', 'x') redis.call('set', 'other', 'x')")
            #expect(reply.errorText?.contains("name it there") == true)
            #expect(try stage.source.call("EXISTS", "other") == .integer(0))
            gate.cut()
            #expect(try caller.receive() == MigrationForm.one.readFailure)
            #expect(try stage.source.call("GET", "key") == .bulk("old"))
        }

        @Test("a script that has changed something already waits for such a key")
        func undeclaredKeyAfterChange() throws {
            let stage = try Stage()
            try stage.source.call("SET", "key", "old")
            let (gate, caller) = try begin(stage)
            let script = try stage.servers.source.connect(timeout: .seconds(30))
            try script.send(
                command("EVAL", "redis.call('set', 'other', 'x') return redis.call('append', 'key', 'new')", 0))
            // The server does nothing but wait for the target; the gate is open a little later than the script is there.
            usleep(50_000)
            gate.open()
            #expect(try script.receive() == .integer(3))
            #expect(try caller.receive() == .integer(1))
            #expect(try stage.source.call("GET", "key") == .bulk("new"))
            #expect(try stage.target.call("GET", "key") == .bulk("old"))
        }

        @Test("keys that a script moves are told as removed, not as a script that moves them again (Q12)")
        func movedKeysInAppendOnlyFile() throws {
            let target = try Servers.shared().target
            let server = try ServerProcess.start(["appendonly": ["yes"]])
            let connection = try server.connect(timeout: .seconds(30))
            let mover = try target.connect()
            try mover.call("FLUSHALL")
            try connection.call("MSET", "{t}a", "1", "{t}b", "2", "c", "3")
            let script = """
                local moved = redis.call('slotsmgrttagone', ARGV[1], ARGV[2], '10000', '{t}a')
                redis.call('set', 'moved', moved)
                return moved
                """
            let reply = try connection.eval(script, "127.0.0.1", target.port)
            #expect(reply == .integer(2))
            // Also after it has changed something.
            let late = "redis.call('set', 'x', '1') return redis.call('slotsmgrtone', ARGV[1], ARGV[2], '1000', 'c')"
            #expect(try connection.eval(late, "127.0.0.1", target.port) == .integer(1))
            try mover.call("FLUSHALL")
            try server.restart()
            let again = try server.connect()
            #expect(
                try again.call("MGET", "{t}a", "{t}b", "c", "moved", "x")
                    == .array([.bulk(nil), .bulk(nil), .bulk(nil), .bulk("2"), .bulk("1")]))
            #expect(try mover.call("DBSIZE") == .integer(0))
            try server.stop()
        }
    }
}
