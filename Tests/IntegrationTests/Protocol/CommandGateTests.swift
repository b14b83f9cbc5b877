import Foundation
import Testing

extension IntegrationTests.ProtocolTests {
    /// What stands before every command: the password, the memory limit.
    @Suite struct CommandGateTests {
        /// Sends the same commands, each on one connection, to the server under test and to a real Redis.
        private func compare(_ directives: KeyValuePairs<String, [String]>, _ commands: [[any CommandArgument]]) throws
        {
            let ours = try ServerProcess.start(directives)
            let model = try ServerProcess.start(.redis2_8, directives)
            let connections = (try ours.connect(), try model.connect())
            for words in commands {
                let bytes = words.map(\.argumentBytes)
                let found = try connections.0.call(bytes)
                let expected = try connections.1.call(bytes)
                #expect(found == expected, "\(DifferentialStep.command(bytes))")
            }
            try ours.stop()
            try model.stop()
        }

        @Test("a password: who has not given it may do nothing")
        func password() throws {
            try compare(
                ["requirepass": ["secret"]],
                [
                    ["PING"], ["GET", "key"], ["SET", "key", "value"], ["nosuch"], ["GET"], ["INFO"], ["SELECT", 1],
                    ["CONFIG", "GET", "requirepass"], ["SHUTDOWN"], ["MONITOR"], ["AUTH"],
                    ["AUTH", "wrong"],
                    ["AUTH", "secre"], ["AUTH", "secrets"], ["AUTH", ""], ["AUTH", "SECRET"], ["PING"],
                    ["auth", "secret"],
                    ["PING"], ["GET", "key"], ["SET", "key", "value"], ["AUTH", "wrong"], ["GET", "key"],
                    ["AUTH", "secret"],
                    ["CONFIG", "GET", "requirepass"], ["CONFIG", "SET", "requirepass", "other"], ["GET", "key"],
                    ["AUTH", "secret"], ["PING"], ["AUTH", "other"], ["PING"], ["CONFIG", "SET", "requirepass", ""],
                    ["AUTH", "other"], ["AUTH", ""], ["PING"],
                ])
            try compare([:], [["AUTH", "secret"], ["AUTH", ""], ["PING"]])
        }

        @Test("a password set while a client is connected")
        func passwordSetLater() throws {
            try withServer { server in
                let first = try server.connect()
                #expect(try first.call("CONFIG", "SET", "requirepass", "secret") == .ok)
                let second = try server.connect()
                #expect(try second.call("PING") == .error("NOAUTH Authentication required."))
                #expect(try second.call("SLOTSINFO") == .error("NOAUTH Authentication required."))
                #expect(try second.call("QUIT") == .ok)
            }
        }

        @Test("without memory left no command may add any, and nothing changes")
        func memoryLimit() throws {
            try withServer(["maxmemory-policy": ["noeviction"]]) { server in
                let connection = try server.connect()
                for index in 0..<20 { try connection.call("SET", "key:\(index)", "value \(index)") }
                try connection.call("PEXPIRE", "key:1", 1_000_000)
                let payload = try #require(try connection.call("DUMP", "key:0").bytes)
                let before = try contents(connection)

                #expect(try connection.call("CONFIG", "SET", "maxmemory", 1) == .ok)
                let refusal = Reply.error("OOM command not allowed when used memory > 'maxmemory'.")
                let refused: [[any CommandArgument]] = [
                    ["SET", "key:0", "new"], ["SET", "new", "new"], ["SETNX", "new", "new"],
                    ["SETEX", "key:0", 10, "new"],
                    ["PSETEX", "key:0", 10, "new"], ["APPEND", "key:0", "x"], ["SETRANGE", "key:0", 0, "x"],
                    ["GETSET", "key:0", "x"],
                    ["MSET", "key:0", "x", "new", "x"], ["MSETNX", "new", "x"], ["INCR", "new"], ["DECR", "new"],
                    ["INCRBY", "new", 1],
                    ["DECRBY", "new", 1], ["INCRBYFLOAT", "new", 1], ["SETBIT", "key:0", 0, 1],
                    ["BITOP", "NOT", "new", "key:0"],
                    ["RESTORE", "new", 0, payload], ["SLOTSRESTORE", "key:0", 0, payload, "new", 0, payload],
                ]
                for words in refused {
                    let bytes = words.map(\.argumentBytes)
                    #expect(try connection.call(bytes) == refusal, "\(DifferentialStep.command(bytes))")
                }
                #expect(try connection.call("DBSIZE") == .integer(20))
                #expect(try contents(connection) == before)

                // Whatever the table marks so is refused, with arguments of any kind.
                var marked = 0
                for entry in try connection.call("COMMAND").items ?? [] {
                    guard let fields = entry.items, fields.count > 2,
                        fields[2].items?.contains(.status("denyoom")) == true,
                        let name = fields[0].bytes, let arity = fields[1].integerValue
                    else { continue }
                    let words = [name] + Array(repeating: Bytes(text: "key:0"), count: abs(arity) - 1)
                    #expect(try connection.call(words) == refusal, "\(name.latin1)")
                    marked += 1
                }
                #expect(marked >= 17)
                #expect(try contents(connection) == before)

                #expect(try connection.call("GET", "key:0") == .bulk("value 0"))
                #expect(try connection.call("EXPIRE", "key:2", 1000) == .integer(1))
                #expect(try connection.call("RENAME", "key:2", "key:3") == .ok)
                #expect(try connection.call("DEL", "key:0") == .integer(1))
                #expect(try connection.call("CONFIG", "SET", "maxmemory", 0) == .ok)
                #expect(try connection.call("SET", "key:0", "new") == .ok)
            }
        }

        /// All keys with their values and times to live (in hours, which do not run out between two looks).
        private func contents(_ connection: Connection) throws -> [[Reply]] {
            let keys = (try connection.call("KEYS", "*").items ?? []).compactMap(\.bytes).sorted { $0.precedes($1) }
            return try keys.map { key in
                let hours = (try connection.call("PTTL", key).integerValue ?? 0) / 3_600_000
                return [.bulk(key), try connection.call("DUMP", key), .integer(hours)]
            }
        }
    }
}
