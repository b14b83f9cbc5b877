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

        private static let collections = """
            e PSUBSCRIBE *
            c LPUSH l a b
            c RPUSH l a b
            c LPUSHX l a
            c RPUSHX l a
            c LPUSHX nosuch a
            c LINSERT l BEFORE a x
            c LINSERT l BEFORE nosuch x
            c LSET l 0 y
            c LSET l 99 y
            c LREM l 1 a
            c LREM l 0 nosuch
            c LTRIM l 0 3
            c LPOP l
            c RPOP l
            c RPOPLPUSH l m
            c RPOPLPUSH l l
            c RPOPLPUSH l m
            c RPOPLPUSH nosuch m
            c BLPOP m 1
            c BRPOP m 1
            c LPUSH l a
            c LTRIM l 5 6
            c LPUSH l a
            c BRPOPLPUSH l m 1
            c LREM m 0 a
            c SET s 1
            c RPUSH s 1
            b~ BLPOP w 0
            c RPUSH w 1 2
            c LPOP w
            b~ BRPOPLPUSH w x 0
            c LPUSH w 1
            b~ BRPOP nosuch w 0
            c RPOPLPUSH x w
            c HSET h f 1
            c HSET h f 1
            c HSETNX h f 1
            c HSETNX h g 1
            c HMSET h a 1 b 2
            c HINCRBY h f 1
            c HINCRBYFLOAT h f 1.5
            c HDEL h nosuch
            c HDEL h f g
            c HDEL h a b
            c SADD set a b c d
            c SADD set a
            c SREM set nosuch
            c SREM set a
            c SMOVE set other b
            c SMOVE set other nosuch
            c SADD set b
            c SMOVE set other b
            c SMOVE set set c
            c SINTERSTORE t set other
            c SINTERSTORE t set nosuch
            c SUNIONSTORE t set other
            c SINTERSTORE t nosuch set
            c SDIFFSTORE t set other
            c SDIFFSTORE t set set
            c SDIFFSTORE t set set
            c SREM set c d
            c SPOP other
            c ZADD z 1 a 2 b 3 c 4 d 5 e
            c ZADD z 1 a
            c ZADD z 2 a
            c ZINCRBY z 1 a
            c ZINCRBY z 0 a
            c ZREM z a nosuch
            c ZREM z nosuch
            c ZREMRANGEBYRANK z 0 0
            c ZREMRANGEBYRANK z 9 9
            c ZREMRANGEBYSCORE z 3 3
            c ZREMRANGEBYLEX z [d [d
            c ZUNIONSTORE t 2 z nosuch
            c ZINTERSTORE t 2 z z
            c ZINTERSTORE t 2 z nosuch
            c ZINTERSTORE t 2 z nosuch
            c ZREMRANGEBYRANK z 0 -1
            c PFADD p
            c PFADD p a b
            c PFADD p a
            c PFCOUNT p
            c PFMERGE q p
            c PFMERGE p
            c RPUSH l 3 1 2
            c SORT l
            c SORT l STORE t
            c SORT nosuch STORE t
            c SORT nosuch STORE t
            c SORT l BY nosort GET # STORE l
            c FLUSHALL
            """

        static let classes = ["KEA", "E$", "Kg", "Kx", "A", "KE", "E$g", "El", "Ks", "Eh", "Kz", "Elg"]

        @Test("the events of every command", arguments: classes)
        func events(_ classes: String) throws {
            try Dialogue(Self.commands).expectSame(["notify-keyspace-events": [classes]])
        }

        @Test("the events of every command of collections", arguments: classes)
        func eventsOfCollections(_ classes: String) throws {
            try Dialogue(Self.collections).expectSame(["notify-keyspace-events": [classes]])
        }

        @Test("the events of commands that Redis 3.2 added")
        func laterEvents() throws {
            let text = """
                e PSUBSCRIBE *
                c SADD s a
                c SPOP s 0
                c SPOP s 3
                c ZADD z NX 1 a
                c ZADD z XX CH 2 a
                c ZADD z INCR 2 a
                c ZADD z NX 3 a
                c GEOADD g 13 38 a 15 37 b
                c GEOADD g 13 38 a
                c GEORADIUS g 13 38 1 km STORE t
                c GEORADIUS g 0 0 1 km STORE t
                c GEORADIUS g 0 0 1 km STORE t
                c GEORADIUSBYMEMBER g a 500 km STOREDIST t
                c BITFIELD b SET u8 0 1 INCRBY u8 0 1
                c BITFIELD b GET u8 0
                c TOUCH b
                """
            try Dialogue(text).expectSame(["notify-keyspace-events": ["KEA"]], as: .redis3_2)
        }

        @Test("the events of commands that Redis 6 and 7 added")
        func latestEvents() throws {
            let text = """
                e PSUBSCRIBE *
                c RPUSH l a b c d e
                c LPOP l 2
                c LMOVE l m LEFT RIGHT
                c LMOVE l l LEFT RIGHT
                c RPOP l 0
                c RPOP l 5
                c LMOVE m l LEFT LEFT
                c HSET h a 1 b 2
                c SET s v
                c COPY s t
                c GETEX s EX 100
                c GETEX s PERSIST
                c GETDEL s
                c ZADD z 1 a 2 b 3 c
                c ZPOPMIN z
                c ZPOPMAX z 5
                c ZADD z 1 a
                c ZDIFFSTORE y 1 z
                c ZDIFFSTORE y 2 z z
                c ZRANGESTORE x z 0 -1
                c UNLINK x
                """
            try Dialogue(text).expectSame(["notify-keyspace-events": ["KEA"]], as: .redis7_0)
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
