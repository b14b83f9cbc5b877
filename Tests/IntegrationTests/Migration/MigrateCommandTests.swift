import Foundation
import Testing

extension IntegrationTests.MigrationFaultTests {
    /// MIGRATE, which is Redis' own: a real Redis is asked to do the same, and the same must come back.
    @Suite(.freshServers) struct MigrateCommandTests {
        /// What a server answers to a MIGRATE of `key`, and what it holds afterwards.
        private func outcome(
            _ server: ServerProcess, _ endpoint: Endpoint, _ options: [String] = [], key: String = "key",
            timeout: Int = 10_000
        ) throws -> [Reply] {
            let connection = try server.connect()
            try connection.call("FLUSHALL")
            try connection.call("SET", "key", "value")
            let words: [any CommandArgument] =
                ["MIGRATE", endpoint.host, endpoint.port, key, 0, timeout] + options.map { $0 as any CommandArgument }
            return [try connection.call(words.map(\.argumentBytes)), try connection.call("GET", "key")]
        }

        @Test("dead, silent and closing targets")
        func unreachable() throws {
            let model = try ServerProcess.start(.redis2_8)
            for (kind, timeout) in [(FakeTarget.Specification.Kind.down, 10_000), (.mute, 200), (.close, 10_000)] {
                let outcomes = try [try Servers.shared().source, model].map { server in
                    let target = try FakeTarget(.init(kind: kind))
                    return try outcome(server, target.endpoint, timeout: timeout)
                }
                #expect(outcomes[0] == outcomes[1], "\(kind)")
            }
            try model.stop()
            // Redis would wait a thousand times too long for this one.
            let target = try FakeTarget(.init(kind: .full))
            let found = try outcome(try Servers.shared().source, target.endpoint, timeout: 200)
            #expect(found == [.error("IOERR error or timeout connecting to the client"), .bulk("value")])
        }

        @Test(
            "what a target answers to SELECT and RESTORE",
            arguments: [
                ("+OK\r\n", "+OK\r\n"), ("+OK\r\n", "-\r\n"), ("-ERR invalid DB index\r\n", "+OK\r\n"),
                ("-NOAUTH Authentication required.\r\n", "-NOAUTH Authentication required.\r\n"),
                ("+OK\r\n", "-BUSYKEY Target key name already exists.\r\n"),
                ("+OK\r\n", "-OOM command not allowed when used memory > 'maxmemory'.\r\n"),
            ])
        func answers(_ select: String, _ restore: String) throws {
            let model = try ServerProcess.start(.redis2_8)
            let outcomes = try [try Servers.shared().source, model].map { server in
                let target = try ScriptedTarget { conversation in
                    for text in [select, restore] {
                        try conversation.command()
                        try conversation.answer(text)
                    }
                    try conversation.listen()
                }
                defer { target.stop() }
                return try outcome(server, target.endpoint)
            }
            #expect(outcomes[0] == outcomes[1])
            try model.stop()
        }

        @Test("a real target", arguments: [false, true], ["key", "missing"])
        func realTarget(_ isOccupied: Bool, _ key: String) throws {
            try compare(with: .redis2_8, [], isOccupied, key)
        }

        /// 2.8 has no options yet.
        @Test(
            "COPY and REPLACE",
            arguments: [
                ["COPY"], ["REPLACE"], ["COPY", "REPLACE"], ["replace", "copy"], ["NOSUCH"], ["COPY", "NOSUCH"],
            ])
        func options(_ options: [String]) throws {
            for isOccupied in [false, true] {
                for key in ["key", "missing"] { try compare(with: .redis3_2, options, isOccupied, key) }
            }
        }

        /// Migrates from both servers to the same target, and compares what that holds afterwards, too.
        private func compare(with peer: Peer, _ options: [String], _ isOccupied: Bool, _ key: String) throws {
            let model = try ServerProcess.start(peer)
            let target = try ServerProcess.start(peer)
            let connection = try target.connect()
            let outcomes = try [try Servers.shared().source, model].map { server in
                try connection.call("FLUSHALL")
                if isOccupied { try connection.call("SET", "key", "theirs") }
                return try outcome(server, target.endpoint, options, key: key) + [try connection.call("GET", "key")]
            }
            #expect(outcomes[0] == outcomes[1], "\(options), \(isOccupied ? "occupied" : "free"), \(key)")
            try target.stop()
            try model.stop()
        }

        @Test("arguments that are wrong")
        func arguments() throws {
            let model = try ServerProcess.start(.redis2_8)
            let connections = [try Servers.shared().source.connect(), try model.connect()]
            for connection in connections { try connection.call("SET", "key", "value") }
            let commands: [[any CommandArgument]] = [
                ["MIGRATE"], ["MIGRATE", "127.0.0.1", 1, "key", 0], ["MIGRATE", "127.0.0.1", 1, "missing", 0, 100],
                ["MIGRATE", "127.0.0.1", 1, "key", "x", 100], ["MIGRATE", "127.0.0.1", 1, "key", 0, "x"],
                ["MIGRATE", "127.0.0.1", 1, "missing", "x", "y"],
            ]
            for words in commands {
                let bytes = words.map(\.argumentBytes)
                let replies = try connections.map { try $0.call(bytes) }
                #expect(replies[0] == replies[1], "\(DifferentialStep.command(bytes))")
            }
            try model.stop()
        }

        @Test("into another database, with its expiry")
        func otherDatabase() throws {
            let stage = try Stage()
            try stage.source.call("SET", "key", "value", "PX", 1_000_000)
            let endpoint = stage.servers.target.endpoint
            #expect(try stage.source.call("MIGRATE", endpoint.host, endpoint.port, "key", 3, 10_000) == .ok)
            #expect(try stage.target.call("EXISTS", "key") == .integer(0))
            try stage.target.call("SELECT", 3)
            #expect(try stage.target.call("GET", "key") == .bulk("value"))
            let left = try stage.target.call("PTTL", "key").integerValue ?? 0
            #expect(left > 0 && left <= 1_000_000)
            #expect(try stage.source.call("EXISTS", "key") == .integer(0))
        }
    }
}
