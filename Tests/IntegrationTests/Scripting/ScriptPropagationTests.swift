import Foundation
import Testing

extension IntegrationTests.ScriptTests {
    /// What an append-only file has of scripts, and what comes of it when it is read.
    @Suite struct PropagationTests {
        /// The commands that a fresh server has written after `body`, without SELECT.
        private func recorded(_ body: (Connection) throws -> Void) throws -> [[String]] {
            try withServer(["appendonly": ["yes"], "appendfsync": ["always"]]) { server in
                let connection = try server.connect()
                try body(connection)
                let data = try Data(contentsOf: server.directory.appendingPathComponent("appendonly.aof"))
                var parser = ReplyParser()
                parser.append(Bytes(data))
                var commands: [[String]] = []
                while let (item, _) = try parser.next() {
                    commands.append((item.items ?? []).compactMap { $0.bytes?.latin1 })
                }
                return commands.filter { $0.first?.uppercased() != "SELECT" }
            }
        }

        @Test("a script is told as it is, whatever it was called by, if it has changed something")
        func verbatim() throws {
            let script = "return redis.call('set', KEYS[1], ARGV[1])"
            let commands = try recorded { connection in
                try connection.call("EVAL", script, 1, "k", "v")
                let digest = try connection.call("SCRIPT", "LOAD", script)
                try connection.call("EVALSHA", digest.bytes ?? [], 1, "k", "w")
                try connection.eval("return redis.call('get', 'k')")
                try connection.eval("redis.call('incr', 'n') error('after that')")
                try connection.eval("return redis.call('incr', 'k')")
            }
            #expect(
                commands == [
                    ["EVAL", script, "1", "k", "v"], ["SCRIPT", "LOAD", script], ["EVAL", script, "1", "k", "w"],
                    ["EVAL", "redis.call('incr', 'n') error('after that')", "0"],
                ])
        }

        @Test("after replicate_commands its commands are told, in a transaction, to whom set_repl says")
        func effects() throws {
            let commands = try recorded { connection in
                try connection.eval(
                    """
                    redis.replicate_commands()
                    redis.call('sadd', 's', redis.call('time')[1])
                    redis.call('incrbyfloat', 'f', '0.5')
                    redis.set_repl(redis.REPL_NONE)
                    redis.call('set', 'nobody', 1)
                    redis.set_repl(redis.REPL_SLAVE)
                    redis.call('set', 'replicas', 1)
                    redis.set_repl(redis.REPL_AOF)
                    redis.call('set', 'file', 1)
                    redis.set_repl(redis.REPL_ALL)
                    redis.call('get', 'x')
                    redis.call('del', 'nothing')
                    return redis.call('set', 'all', 1)
                    """)
                try connection.eval("redis.replicate_commands() return redis.call('get', 'x')")
            }
            #expect(
                commands.map { $0.prefix(2).joined(separator: " ").lowercased() } == [
                    "multi", "sadd s", "set f", "set file", "set all", "exec",
                ])
        }

        @Test("within EXEC, scripts are told among the others")
        func transaction() throws {
            let script = "return redis.call('incr', 'n')"
            let effects = "redis.replicate_commands() return redis.call('incr', 'm')"
            let commands = try recorded { connection in
                try connection.call("MULTI")
                try connection.call("EVAL", script, "0")
                try connection.call("EVAL", effects, "0")
                try connection.call("SET", "a", "1")
                try connection.call("EXEC")
            }
            #expect(commands.map { $0[0].lowercased() } == ["multi", "eval", "incr", "set", "exec"])
        }

        @Test("keys that expire within a script are told before it")
        func expiry() throws {
            let script = "return redis.call('exists', KEYS[1]) + redis.call('incr', 'n')"
            let commands = try recorded { connection in
                try connection.call("DEBUG", "SET-ACTIVE-EXPIRE", "0")
                try connection.call("PSETEX", "k", "1", "v")
                usleep(5_000)
                #expect(try connection.call("EVAL", script, 1, "k") == .integer(1))
            }
            #expect(commands.suffix(2).map { $0[0] } == ["DEL", "EVAL"])
        }

        @Test("what a script did is there after a restart, even if it failed in the end")
        func restart() throws {
            let server = try ServerProcess.start(["appendonly": ["yes"]])
            let connection = try server.connect()
            try connection.call("SADD", "s", "c", "a", "b", "d")
            let scripts = [
                "for _, m in ipairs(redis.call('smembers', 's')) do redis.call('rpush', 'l', m, math.random(1000)) end",
                "redis.call('hmset', 'h', 'x', 1, 'a', 2, 'k', 3) "
                    + "for _, v in ipairs(redis.call('hgetall', 'h')) do redis.call('rpush', 'l', v) end",
                "redis.call('set', 'half', 1) redis.call('incr', 's')",
                "redis.replicate_commands() redis.call('set', 'random', math.random(1000000))",
                "redis.call('select', 3) redis.call('set', 'three', 1)",
                "return redis.call('set', 'digest', redis.sha1hex('x'), 'EX', 1000)",
            ]
            for script in scripts { try connection.eval(script) }
            let before = try connection.call("DEBUG", "DIGEST")
            try server.restart()
            let after = try server.connect()
            #expect(try after.call("DEBUG", "DIGEST") == before)
            #expect(try after.call("GET", "half") == .bulk("1"))
            try server.stop()
        }
    }
}
