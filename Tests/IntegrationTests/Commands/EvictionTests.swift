import Foundation
import Testing

extension IntegrationTests.CommandTests {
    /// `maxmemory`: which keys go, when commands are refused, and that nobody else is held up.
    @Suite struct EvictionTests {
        // MARK: As Redis

        private static let refusals = """
            e PSUBSCRIBE *
            c SET k 1
            c CONFIG SET maxmemory-policy noeviction
            c CONFIG SET maxmemory 1
            c SET k 2
            c GET k
            c LPUSH l x
            c ZADD z 1 x
            c INCR n
            c DEL nothing
            c EXPIRE k 1000
            c PERSIST k
            c MULTI
            c GET k
            c SET k 3
            c EXEC
            c CONFIG SET maxmemory-policy volatile-lru
            c SET k 4
            c CONFIG SET maxmemory-policy volatile-random
            c SET k 4
            c CONFIG SET maxmemory-policy volatile-ttl
            c SET k 4
            c GET k
            c CONFIG SET maxmemory 0
            c SET v 1 EX 1000
            c CONFIG SET maxmemory 1
            c SET k 5
            c GET v
            c GET k
            c CONFIG SET maxmemory 0
            c DEL k
            c SET only 1
            c CONFIG SET maxmemory-policy POLICY
            c CONFIG SET maxmemory 1
            c SET k 6
            c GET only
            c DBSIZE
            c CONFIG SET maxmemory 0
            c SET k 7
            c GET k
            """

        @Test(
            "what is refused, and what is told of keys that go",
            arguments: ["allkeys-lru", "allkeys-random"])
        func asRedis(_ policy: String) throws {
            try Dialogue(Self.refusals.replacingOccurrences(of: "POLICY", with: policy))
                .expectSame(["notify-keyspace-events": ["KEA"]])
        }

        @Test("settings and their limits")
        func settings() throws {
            try Dialogue(
                """
                c CONFIG GET maxmemory-policy
                c CONFIG GET maxmemory-samples
                c CONFIG SET maxmemory-samples 0
                c CONFIG SET maxmemory-samples 5
                c CONFIG SET maxmemory-policy sometimes
                c CONFIG SET maxmemory 1000000000
                c CONFIG GET maxmemory
                c CONFIG GET maxmemory-policy
                c CONFIG GET maxmemory-samples
                """
            ).expectSame()
        }

        // MARK: Which keys go

        static let policies = [
            "volatile-lru", "volatile-lfu", "volatile-random", "volatile-ttl", "allkeys-lru", "allkeys-lfu",
            "allkeys-random",
        ]

        @Test("every policy keeps within the limit, in several databases", arguments: policies)
        func limit(_ policy: String) throws {
            try withServer(["maxmemory-policy": [policy]]) { server in
                let connection = try server.connect()
                for database in [0, 3] {
                    try connection.call("SELECT", database)
                    try connection.fill(5000) { number in
                        number % 2 == 0
                            ? ["key:\(number)", "value", "EX", "\(1000 + number)"] : ["key:\(number)", "value"]
                    }
                }
                let limit = try server.info("used_memory") - 100_000
                try connection.call("CONFIG", "SET", "maxmemory", limit)
                try waitUntil { try server.info("used_memory") <= limit + 20_000 }
                // It may go on for some time, until memory is within the limit.
                try waitUntil {
                    let evicted = try server.info("evicted_keys")
                    let left = try [0, 3].reduce(0) { sum, database in
                        try connection.call("SELECT", database)
                        return sum + (try connection.call("DBSIZE").integerValue ?? 0)
                    }
                    return evicted == 10_000 - left && evicted > 1000
                }
                for database in [0, 3] {
                    try connection.call("SELECT", database)
                    #expect(try connection.call("DBSIZE").integerValue ?? 0 < 5000)
                    if policy.hasPrefix("volatile") {
                        #expect(try connection.present(stride(from: 1, to: 5000, by: 2)) == 2500)
                    }
                }
                // Writing goes on, and what it takes is made good at once.
                try connection.fill(1000) { ["more:\($0)", "value"] }
                #expect(try server.info("used_memory") <= limit + 100_000)
                try connection.call("CONFIG", "RESETSTAT")
                #expect(try server.info("evicted_keys") == 0)
            }
        }

        @Test("keys in use stay", arguments: ["allkeys-lru", "allkeys-lfu", "volatile-lru", "volatile-lfu"])
        func hotKeys(_ policy: String) throws {
            try withServer(["maxmemory-policy": [policy]]) { server in
                let connection = try server.connect()
                let count = 20_000
                let options = policy.hasPrefix("volatile") ? ["EX", "10000"] : []
                try connection.fill(count) { ["key:\($0)", "value"] + options }
                usleep(50_000)
                let hot = Array(stride(from: 0, to: count, by: 10))
                for _ in 0..<20 { _ = try connection.present(hot, by: "GET") }
                try connection.call("CONFIG", "SET", "maxmemory", server.info("used_memory"))
                // Half as many again: 5 of 9 cold keys have to go.
                for round in 0..<10 {
                    try connection.fill(count / 20) { ["new:\(round):\($0)", "value"] + options }
                    if round % 3 == 0 { _ = try connection.present(hot, by: "GET") }
                }
                #expect(try server.info("evicted_keys") >= count / 4)
                #expect(try connection.present(hot) >= hot.count * 95 / 100)
            }
        }

        @Test("volatile-ttl: those that end first")
        func shortestTimeToLive() throws {
            try withServer(["maxmemory-policy": ["volatile-ttl"]]) { server in
                let connection = try server.connect()
                let count = 10_000
                try connection.fill(count) { ["key:\($0)", "value", "EX", "\(10_000 + $0)"] }
                try connection.call("CONFIG", "SET", "maxmemory", server.info("used_memory") - 100_000)
                try waitUntil { try server.info("evicted_keys") > 1000 }
                #expect(try connection.present((count / 2)..<count) >= count / 2 * 99 / 100)
            }
        }

        @Test("OBJECT IDLETIME and FREQ, each under its policy")
        func objectAspects() throws {
            try withServer { server in
                let connection = try server.connect()
                try connection.call("SET", "k", "v")
                #expect(try connection.call("OBJECT", "IDLETIME", "k") == .integer(0))
                #expect(try connection.call("OBJECT", "FREQ", "k").errorText?.contains("not selected") == true)
                try connection.call("CONFIG", "SET", "maxmemory-policy", "allkeys-lfu")
                try connection.call("CONFIG", "SET", "lfu-log-factor", 0)
                try connection.call("SET", "new", "v")
                #expect(try connection.call("OBJECT", "FREQ", "new") == .integer(5))
                for _ in 0..<10 { try connection.call("GET", "new") }
                for _ in 0..<10 { try connection.call("SET", "new", "longer than before") }
                #expect(try connection.call("OBJECT", "FREQ", "new") == .integer(25))
                #expect(try connection.call("OBJECT", "IDLETIME", "new").errorText?.contains("is selected") == true)
                #expect(try connection.call("OBJECT", "FREQ", "nosuch") == .bulk(nil))
            }
        }

        @Test("a watched key that goes makes EXEC fail")
        func watchedKey() throws {
            try withServer(["maxmemory-policy": ["allkeys-lru"]]) { server in
                let connection = try server.connect()
                try connection.call("SET", "k", "1")
                try connection.call("WATCH", "k")
                try connection.call("CONFIG", "SET", "maxmemory", 1)
                try connection.call("CONFIG", "SET", "maxmemory", 0)
                try connection.call("MULTI")
                try connection.call("SET", "k", "2")
                #expect(try connection.call("EXEC") == .array(nil))
            }
        }

        // MARK: How they go

        @Test("many keys go in slices, and others are served in between")
        func slices() throws {
            try withServer(["maxmemory-policy": ["allkeys-lru"]]) { server in
                let connection = try server.connect()
                try connection.call("DEBUG", "POPULATE", 300_000)
                let limit = try server.info("used_memory") / 3
                try connection.send(
                    encodeCommand(["CONFIG", "SET", "maxmemory", "\(limit)"].map { Bytes(text: $0) })
                        + encodeCommand([Bytes(text: "DBSIZE")]))
                #expect(try connection.receive() == .ok)
                // No machine evicts 100,000 keys in the millisecond that a turn has for it.
                #expect(try connection.receive().integerValue ?? 0 > 200_000)
                try waitUntil(within: .seconds(60)) { try server.info("used_memory") <= limit + 20_000 }
            }
        }

        @Test("memory does not grow while small keys make room for large ones")
        func largeValues() throws {
            try withServer(["maxmemory-policy": ["allkeys-random"]]) { server in
                let connection = try server.connect()
                try connection.call("DEBUG", "POPULATE", 300_000)
                let limit = try server.info("used_memory")
                try connection.call("CONFIG", "SET", "maxmemory", limit)
                let value = Bytes(repeating: 0x78, count: 100_000)
                let reader = try server.connect()
                var replies = 0
                for round in 0..<20 {
                    var requests = Bytes()
                    for number in 0..<10 {
                        requests += encodeCommand([
                            Bytes(text: "SET"), Bytes(text: "large:\(round * 10 + number)"), value,
                        ])
                    }
                    try connection.send(requests)
                    // What one turn takes in, beyond the limit: some requests in buffers, and one value too many.
                    let used = try #require(try Self.usedMemory(reader))
                    #expect(used <= limit + 6 * requests.count)
                    for _ in 0..<10 where try connection.receive() == .ok { replies += 1 }
                }
                #expect(replies == 200)
            }
        }

        private static func usedMemory(_ connection: Connection) throws -> Int? {
            let text = try connection.call("INFO", "memory").bytes?.latin1 ?? ""
            let line = text.split(whereSeparator: \.isNewline).first { $0.hasPrefix("used_memory:") }
            return line.flatMap { Int($0.dropFirst("used_memory:".count)) }
        }
    }
}

extension Connection {
    /// Sends SET with the arguments for every number, and reads the replies.
    fileprivate func fill(_ count: Int, _ arguments: (Int) -> [String]) throws {
        for start in stride(from: 0, to: count, by: 1000) {
            let numbers = start..<min(start + 1000, count)
            try send(numbers.flatMap { encodeCommand((["SET"] + arguments($0)).map { Bytes(text: $0) }) })
            for _ in numbers where try receive() != .ok { throw KitFailure("SET failed") }
        }
    }

    /// How many of the keys `key:<number>` are there.
    fileprivate func present(_ numbers: some Sequence<Int>, by command: String = "EXISTS") throws -> Int {
        let keys = Array(numbers)
        try send(keys.flatMap { encodeCommand([Bytes(text: command), Bytes(text: "key:\($0)")]) })
        var present = 0
        for _ in keys {
            let reply = try receive()
            if reply == .integer(1) || reply.bytes != nil { present += 1 }
        }
        return present
    }
}
