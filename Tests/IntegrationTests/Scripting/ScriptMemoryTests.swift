import Foundation
import Testing

extension IntegrationTests.ScriptTests {
    /// Memory of scripts, and scripts while memory is short.
    @Suite struct MemoryTests {
        private func figure(_ name: String, _ connection: Connection) throws -> Int {
            let info = try connection.call("INFO", "memory").bytes?.latin1 ?? ""
            let line = info.split(whereSeparator: \.isNewline).first { $0.hasPrefix(name + ":") }
            return line.flatMap { Int($0.dropFirst(name.count + 1)) } ?? -1
        }

        @Test("Lua's memory is told and counted, and comes back")
        func counted() throws {
            try withServer { server in
                let connection = try server.connect()
                let (lua, used) = try (figure("used_memory_lua", connection), figure("used_memory", connection))
                #expect(lua > 10_000 && lua < 1_000_000)
                try connection.eval("kept = nil return 1")
                try connection.eval("rawset(_G, 'kept', ('x'):rep(100000000)) return 1")
                #expect(try figure("used_memory_lua", connection) - lua > 99_000_000)
                #expect(try figure("used_memory", connection) - used > 99_000_000)
                try connection.call("SCRIPT", "FLUSH")
                #expect(try abs(figure("used_memory_lua", connection) - lua) < 100_000)
                #expect(try figure("used_memory", connection) - used < 10_000_000)
            }
        }

        @Test("over maxmemory, commands that need memory are refused until the script has written")
        func maxmemory() throws {
            let words = ["EVAL", "", "0"]
            func replies(_ server: ServerProcess) throws -> [Reply] {
                let connection = try server.connect()
                try connection.call("SET", "k", "v")
                try connection.call("CONFIG", "SET", "maxmemory", "1")
                return try [
                    "return redis.call('set', 'x', 'y')", "return redis.pcall('set', 'x', 'y')",
                    "return redis.call('get', 'k')", "redis.call('del', 'k') return redis.call('set', 'x', 'y')",
                    "return redis.call('get', 'x')",
                ].map { try connection.call([words[0], $0, words[2]].map { Bytes(text: $0) }) }
            }
            let model = try ServerProcess.start(.redis2_8, ["maxmemory-policy": ["noeviction"]])
            let expected = try replies(model)
            try model.stop()
            #expect(try withServer(["maxmemory-policy": ["noeviction"]], replies) == expected)
        }

        @Test("a script that gets no more memory ends, and the next one has it")
        func limit() throws {
            try withServer { server in
                let connection = try server.connect(timeout: .seconds(60))
                let reply = try connection.eval("local t = {} while true do t[#t + 1] = ('x'):rep(10000000) .. #t end")
                #expect(reply.errorText?.hasSuffix("not enough memory ") == true)
                #expect(try connection.eval("return #('x'):rep(100000000)") == .integer(100_000_000))
            }
        }
    }
}
