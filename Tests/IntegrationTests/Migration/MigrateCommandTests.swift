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

        @Test("many keys", arguments: [[], ["COPY"], ["REPLACE"], ["COPY", "REPLACE"]])
        func manyKeys(_ options: [String]) throws {
            let model = try ServerProcess.start(.redis3_2)
            let target = try ServerProcess.start(.redis3_2)
            let there = try target.connect()
            let lists = [["a", "b", "c"], ["c", "a"], ["a", "missing", "b"], ["missing"], []]
            for occupied in [[], ["b"], ["a", "c"], ["a", "b", "c"]] {
                for keys in lists {
                    let outcomes = try [try Servers.shared().source, model].map { server in
                        let here = try server.connect()
                        for connection in [here, there] { try connection.call("FLUSHALL") }
                        for key in ["a", "b", "c"] { try here.call("SET", key, "here") }
                        for key in occupied { try there.call("SET", key, "there") }
                        var words: [any CommandArgument] = ["MIGRATE", target.host, target.port, "", 0, 10_000]
                        for word in options + ["KEYS"] + keys { words.append(word) }
                        return try [
                            here.call(words.map(\.argumentBytes)), here.call("MGET", "a", "b", "c"),
                            there.call("MGET", "a", "b", "c"),
                        ]
                    }
                    #expect(outcomes[0] == outcomes[1], "\(options), \(keys) to a target with \(occupied)")
                }
            }
            try target.stop()
            try model.stop()
        }

        @Test("a target that ends after it has taken some of the keys")
        func endingTarget() throws {
            let model = try ServerProcess.start(.redis3_2)
            let outcomes = try [try Servers.shared().source, model].map { server in
                let target = try ScriptedTarget { conversation in
                    // SELECT and two keys of three.
                    for _ in 0..<3 {
                        try conversation.command()
                        try conversation.answer("+OK\r\n")
                    }
                    try conversation.command()
                }
                defer { target.stop() }
                let connection = try server.connect()
                try connection.call("FLUSHALL")
                try connection.call("MSET", "a", "1", "b", "2", "c", "3")
                let reply = try connection.call(
                    "MIGRATE", target.endpoint.host, target.endpoint.port, "", 0, 5000, "KEYS", "a", "b", "c")
                #expect(reply.errorText?.hasPrefix("IOERR error or timeout") == true, "\(reply)")
                return try connection.call("MGET", "a", "b", "c")
            }
            #expect(outcomes[0] == .array([.bulk(nil), .bulk(nil), .bulk("3")]))
            #expect(outcomes[0] == outcomes[1])
            try model.stop()
        }

        @Test("wrong uses of KEYS, and what COMMAND GETKEYS finds")
        func keysArguments() throws {
            let model = try ServerProcess.start(.redis3_2)
            let connections = [try Servers.shared().source.connect(), try model.connect()]
            let commands = [
                ["MIGRATE", "127.0.0.1", "1", "k", "0", "10", "KEYS", "a"],
                ["MIGRATE", "127.0.0.1", "1", "", "0", "10", "KEYS"],
                ["MIGRATE", "127.0.0.1", "1", "", "0", "10", "WHAT", "KEYS", "a"],
                ["COMMAND", "GETKEYS", "MIGRATE", "host", "1", "", "0", "10", "COPY", "KEYS", "a", "b"],
                ["COMMAND", "GETKEYS", "MIGRATE", "host", "1", "k", "0", "10", "COPY"],
                ["COMMAND", "GETKEYS", "MIGRATE", "host", "1", "k", "0", "10", "KEYS", "a"],
            ]
            for words in commands {
                let replies = try connections.map { try $0.call(words.map { Bytes(text: $0) }) }
                #expect(replies[0] == replies[1], "\(words)")
            }
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
