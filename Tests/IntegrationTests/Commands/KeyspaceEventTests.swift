import Foundation
import Testing

extension IntegrationTests.CommandTests {
    /// Keyspace notifications: the events of every command, as a real Redis publishes them.
    @Suite struct KeyspaceEventTests {
        private static let commands = """
            e PSUBSCRIBE *
            c SET k 1
            c SET k 1 EX 100
            c SET k 1 NX
            c SET nosuch 1 XX
            c SETEX k 100 1
            c PSETEX k 100000 1
            c SETNX k 1
            c SETNX new 1
            c GETSET k 2
            c GETSET fresh 2
            c GET k
            c APPEND k 1
            c APPEND appended 1
            c SETRANGE k 0 x
            c SETRANGE ranged 3 x
            c MSET a 1 b 2 a 3
            c MSETNX a 1 z 2
            c MSETNX y 1 z 2
            c INCR n
            c DECR n
            c INCRBY n 3
            c DECRBY n 3
            c INCRBY k 3
            c INCRBYFLOAT n 1.5
            c SETBIT bits 3 1
            c GETBIT bits 3
            c BITOP NOT target bits
            c BITOP AND target nothing
            c BITOP AND target nothing
            c DEL a b nothing
            c RENAME y x
            c RENAMENX x w
            c RENAMENX w z
            c RENAME w z
            c RENAME nothing z
            c EXPIRE z 100
            c PEXPIRE z 100000
            c EXPIREAT z 99999999999
            c PEXPIREAT z 99999999999999
            c TTL nothing
            c PERSIST z
            c EXPIRE z -1
            c EXPIRE nothing 1
            c MOVE k 3
            c SELECT 3
            c DEL k
            c TYPE n
            c MULTI
            c SET k 1
            c DEL k
            c EXEC
            c DEBUG POPULATE 2
            c RESTORE bad 0 bad
            c FLUSHDB
            c FLUSHALL
            """

        @Test("the events of every command", arguments: ["KEA", "E$", "Kg", "Kx", "A", "KE", "E$g"])
        func events(_ classes: String) throws {
            try Dialogue(Self.commands).expectSame(["notify-keyspace-events": [classes]])
        }

        @Test("CONFIG SET turns them on and off")
        func configuration() throws {
            try Dialogue(
                """
                e PSUBSCRIBE __key*
                c SET k 1
                c CONFIG SET notify-keyspace-events KEA
                c SET k 1
                c CONFIG SET notify-keyspace-events Eg
                c SET k 1
                c DEL k
                c CONFIG SET notify-keyspace-events x
                c CONFIG SET notify-keyspace-events ?
                c SET k 1
                """
            ).expectSame()
        }

        @Test("a client hears of its own transaction")
        func own() throws {
            try Dialogue("a MULTI\na PSUBSCRIBE *\na SET k 1 EX 10\na DEL k\na EXEC").expectSame(
                ["notify-keyspace-events": ["KEA"]])
        }

        /// The commands that meet an expired key, with what is published then.
        static let meetings: [(words: [String], events: [String])] = [
            (["GET", "k"], ["expired"]), (["SET", "k", "1"], ["expired", "set"]),
            (["APPEND", "k", "1"], ["expired", "append"]), (["INCR", "k"], ["expired", "incrby"]),
            (["DEL", "k"], ["expired"]), (["EXISTS", "k"], ["expired"]), (["MSET", "k", "1"], ["expired", "set"]),
            (["BITOP", "NOT", "k", "other"], ["expired", "set"]),
            (["RENAME", "other", "k"], ["expired", "rename_to"]),
        ]

        @Test("a key that is found expired is told first", arguments: meetings)
        func expired(_ words: [String], _ events: [String]) throws {
            try withServer(["notify-keyspace-events": ["KA"]]) { server in
                let (listener, client) = try (server.connect(), server.connect())
                try client.call("DEBUG", "SET-ACTIVE-EXPIRE", 0)
                try client.call("SET", "other", "1")
                try client.call("SET", "k", "1", "PX", 20)
                usleep(40_000)
                try listener.call("SUBSCRIBE", "__keyspace@0__:k")
                try client.call(words.map { Bytes(text: $0) })
                for event in events { #expect(try listener.receive().items?.last == .bulk(event)) }
                let (rest, _) = try listener.receiveAll(quiet: .milliseconds(20))
                #expect(rest.isEmpty, "\(rest.shown())")
            }
        }

        @Test("a key that expires by itself is told")
        func activeExpiry() throws {
            try withServer(["notify-keyspace-events": ["Ex"]]) { server in
                let (listener, client) = try (server.connect(), server.connect())
                try listener.call("SUBSCRIBE", "__keyevent@5__:expired")
                try client.call("SELECT", 5)
                try client.call("SET", "k", "1", "PX", 30)
                #expect(
                    try listener.receive()
                        == .array([.bulk("message"), .bulk("__keyevent@5__:expired"), .bulk("k")]))
            }
        }
    }
}
