import Testing
import TestSupport

extension IntegrationTests.CommandTests {
    /// BITFIELD beside Redis 3.2.6. Fields of 64 bits, of which it reads negative ones as -1, and numbers so large that
    /// its own arithmetic overflows are left out.
    @Suite(.freshServers) struct BitfieldTests {
        @Test("random fields, values and kinds of overflow", arguments: [1, 2] as [UInt64])
        func randomFields(seed: UInt64) throws {
            let model = try ServerProcess.start(.redis3_2)
            let pair = [try Servers.shared().source.connect(), try model.connect()]
            for connection in pair { try connection.call("FLUSHALL") }
            var random = SeededGenerator(seed: seed)
            for _ in 0..<1000 {
                let key = "b\(Int.random(in: 0..<3, using: &random))"
                var words: [any CommandArgument] = ["BITFIELD", key]
                for _ in 0..<Int.random(in: 0...4, using: &random) { words += step(&random) }
                for command in [words.map(\.argumentBytes), [Bytes(text: "GET"), Bytes(text: key)]] {
                    let replies = try pair.map { try $0.call(command) }
                    #expect(replies[0] == replies[1], "\(DifferentialStep.command(command))")
                }
            }
            try model.stop()
        }

        private func step(_ random: inout SeededGenerator) -> [any CommandArgument] {
            let widths = ["i1", "i8", "i13", "i63", "u1", "u8", "u17", "u63", "i65", "u64", "i0", "x"]
            let width = random.pick(random.once(in: 20) ? widths[...] : widths.prefix(8))
            let offset = random.pick(["0", "3", "100", "#0", "#7", random.once(in: 20) ? "-1" : "9"])
            let number = random.pick([0, 1, -1, 100, -129, Int.random(in: -1 << 62..<1 << 62, using: &random)])
            switch Int.random(in: 0..<4, using: &random) {
            case 0: return ["GET", width, offset]
            case 1: return ["SET", width, offset, number]
            case 2: return ["INCRBY", width, offset, number]
            default: return ["OVERFLOW", random.pick(["WRAP", "SAT", "FAIL"])]
            }
        }

        @Test("fields of 64 bits")
        func wholeWords() throws {
            let connection = try Servers.shared().target.connect()
            try connection.call("DEL", "w")
            let results = try connection.call(
                "BITFIELD", "w", "SET", "i64", 3, -5, "INCRBY", "i64", 3, 2, "OVERFLOW", "SAT", "INCRBY", "i64", 3,
                Int.min, "OVERFLOW", "FAIL", "INCRBY", "i64", 3, -1, "GET", "i64", 3)
            #expect(
                results
                    == .array([.integer(0), .integer(-3), .integer(.min), .bulk(nil), .integer(.min)]))
        }

        @Test("CLIENT REPLY takes replies away, and gives them back")
        func silence() throws {
            let connection = try Servers.shared().source.connect()
            try connection.send(
                command("PING", "1") + command("CLIENT", "REPLY", "SKIP") + command("PING", "2") + command("PING", "3")
                    + command("CLIENT", "REPLY", "OFF") + command("PING", "4") + command("NOSUCH")
                    + command("CLIENT", "REPLY", "SKIP") + command("CLIENT", "REPLY", "ON") + command("PING", "5"))
            for reply in [Reply.bulk("1"), .bulk("3"), .ok, .bulk("5")] { #expect(try connection.receive() == reply) }
            try connection.send(command("CLIENT", "REPLY", "OFF") + command("QUIT"))
            #expect(try connection.isClosed())
        }

        @Test("CLIENT REPLY OFF keeps back what comes late, too")
        func lateReplies() throws {
            let server = try Servers.shared().source
            let (silent, other) = try (server.connect(), server.connect())
            try other.call("DEL", "late")
            try silent.send(
                command("CLIENT", "REPLY", "OFF") + command("SUBSCRIBE", "late") + command("UNSUBSCRIBE")
                    + command("BLPOP", "late", 0) + command("BLPOP", "late", 0) + command("CLIENT", "REPLY", "ON"))
            // As many as are waiting then: both lists go to the silent client.
            try waitUntil { try other.call("CLIENT", "LIST").bytes?.latin1.contains("cmd=blpop") == true }
            try other.call("RPUSH", "late", "1")
            try waitUntil { try other.call("LLEN", "late") == .integer(0) }
            try other.call("RPUSH", "late", "2")
            #expect(try silent.receive() == .ok)
            #expect(try silent.call("PING", "on") == .bulk("on"))
        }

        @Test("what is asked about replicas and snapshots")
        func replicas() throws {
            let connection = try Servers.shared().source.connect()
            #expect(try connection.call("ROLE") == .array([.bulk("master"), .integer(0), .array([])]))
            #expect(try connection.call("WAIT", 1, 10_000) == .integer(0))
            #expect(try connection.call("WAIT", 1, "-1") == .error("ERR timeout is negative"))
            #expect(try #require(connection.call("LASTSAVE").integerValue) > 1_500_000_000)
            try connection.call("SET", "k", "v")
            #expect(try connection.call("TOUCH", "k", "nosuch", "k") == .integer(2))
        }
    }
}
