import Foundation
import Testing

extension IntegrationTests.ScriptTests {
    /// Scripts on masters, and what comes of them on replicas, beside real servers in both roles.
    @Suite struct ReplicationTests {
        @Test("a replica has what scripts did on its master", arguments: Pairing.all)
        func scripts(_ pairing: Pairing) throws {
            let master = try pairing.master.start()
            let replica = try pairing.replica.start()
            for member in ["c", "a", "b"] { try master.call("SADD", "set", member) }
            // Known to the master before it has a replica.
            let known = "redis.call('incr', KEYS[1]) return redis.call('append', KEYS[2], ARGV[1])"
            let digest = try master.call("SCRIPT", "LOAD", known).bytes ?? []
            try replica.follow(master)
            try replica.waitUntilLinked()
            try master.call("EVALSHA", digest, 2, "n", "s", "x")
            try master.call("EVALSHA", digest, 2, "n", "s", "y")
            let later = try master.call("SCRIPT", "LOAD", "return redis.call('incr', KEYS[1])").bytes ?? []
            try master.call("EVALSHA", later, 1, "m")
            try master.call("SCRIPT", "FLUSH")
            try master.call("EVAL", known, 2, "n", "s", "z")
            try master.call("EVALSHA", digest, 2, "n", "s", "w")
            // Sorted, and with the same random numbers here and there. Redis 7 has given that up.
            if pairing.replica != .redis7_0 {
                try master.call(
                    "EVAL",
                    "for _, v in ipairs(redis.call('smembers', KEYS[1])) do redis.call('rpush', KEYS[2], v) end",
                    2, "set", "list")
                try master.call(
                    "EVAL", "return redis.call('rpush', KEYS[1], math.random(1000), math.random(1000))", 1, "list")
            }
            try master.call("EVAL", "redis.call('set', KEYS[1], 'half') error('after that')", 1, "half")
            try master.call("EVAL", "redis.call('select', 3) return redis.call('set', KEYS[1], 'x')", 1, "three")
            try master.call("SETEX", "ends", 100, "v")
            try master.call("EVAL", "return redis.call('setex', KEYS[1], 100, 'v')", 1, "ends too")
            if pairing.master != .redis2_8 {
                try master.call(
                    "EVAL",
                    "redis.replicate_commands() local t = redis.call('time') return redis.call('set', KEYS[1], t[2])",
                    1,
                    "time")
            }
            try master.call("MULTI")
            try master.call("EVAL", known, 2, "n", "s", "in a transaction")
            try master.call("SET", "behind", 1)
            try master.call("EXEC")
            try master.call("SET", "last", 1)
            try waitUntilSame(master, replica)
            #expect(try replica.call("GET", "n") == .bulk("5"))
            #expect(try replica.call("GET", "half") == .bulk("half"))
        }

        @Test("a script on a replica may read, and write where that is allowed")
        func onReplica() throws {
            let master = try Kind.own.start()
            let replica = try Kind.own.start()
            try replica.follow(master)
            try replica.waitUntilLinked()
            let write = "return redis.call('set', KEYS[1], 'v')"
            #expect(
                try replica.call("EVAL", write, 1, "k").errorText?.contains("READONLY You can't write") == true)
            #expect(try replica.call("EVAL", "return redis.call('get', KEYS[1])", 1, "k") == .bulk(nil))
            try replica.call("CONFIG", "SET", "slave-read-only", "no")
            #expect(try replica.call("EVAL", write, 1, "k") == .ok)
            try master.call("CONFIG", "SET", "min-slaves-to-write", 2)
            #expect(try master.call("EVAL", write, 1, "k").errorText?.contains("NOREPLICAS") == true)
        }

        @Test("whoever speaks RESP3 gets its null, and scripts see none of it")
        func laterProtocol() throws {
            try withServer { server in
                let connection = try server.connect()
                try connection.call("HSET", "h", "f", "v")
                // Each in one packet: the replies are short.
                func bytes(_ words: String...) throws -> Bytes {
                    try connection.send(encodeCommand(words.map { Bytes(text: $0) }))
                    return try connection.receiveSome()
                }
                #expect(try bytes("HELLO", "3").starts(with: Bytes(text: "%")))
                #expect(
                    try bytes("EVAL", "return {nil == redis.call('get', 'x')}", "0") == Bytes(text: "*1\r\n_\r\n"))
                #expect(
                    try bytes("EVAL", "return redis.call('hgetall', 'h')", "0")
                        == Bytes(text: "*2\r\n$1\r\nf\r\n$1\r\nv\r\n"))
            }
        }

        @Test("EVAL_RO and EVALSHA_RO change nothing")
        func readOnly() throws {
            try withServer { server in
                let connection = try server.connect()
                try connection.call("SET", "k", "v")
                let read = "return redis.call('get', KEYS[1])"
                #expect(try connection.call("EVAL_RO", read, 1, "k") == .bulk("v"))
                let digest = try connection.call("SCRIPT", "LOAD", read).bytes ?? []
                #expect(try connection.call("EVALSHA_RO", digest, 1, "k") == .bulk("v"))
                for write in ["'set', KEYS[1], 1", "'del', KEYS[1]", "'expire', KEYS[1], 1"] {
                    let reply = try connection.call("EVAL_RO", "return redis.call(\(write))", 1, "k")
                    #expect(reply.errorText?.contains("not allowed from read-only scripts") == true)
                }
                #expect(try connection.call("GET", "k") == .bulk("v"))
            }
        }
    }
}
