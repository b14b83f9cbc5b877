import Testing
import TestSupport

extension IntegrationTests.CommandTests {
    /// PFADD, PFCOUNT, PFMERGE and PFDEBUG beside Redis 2.8.17: the same replies, and the same bytes behind each key.
    @Suite(.freshServers) struct HyperLogLogTests {
        /// Sends a command to both servers, and wants the same reply.
        @discardableResult
        private func same(_ pair: [Connection], _ words: [any CommandArgument]) throws -> Reply {
            let bytes = words.map(\.argumentBytes)
            let replies = try pair.map { try $0.call(bytes) }
            #expect(replies[0] == replies[1], "\(DifferentialStep.command(bytes))")
            return replies[0]
        }

        @Test("random elements, unions and limits make the same bytes", arguments: [1, 2, 3] as [UInt64])
        func randomCommands(seed: UInt64) throws {
            let model = try ServerProcess.start(.redis2_8)
            let pair = [try Servers.shared().source.connect(), try model.connect()]
            try same(pair, ["FLUSHALL"])
            try same(pair, ["CONFIG", "SET", "hll-sparse-max-bytes", 3000])
            var random = SeededGenerator(seed: seed)
            for _ in 0..<600 {
                let key = "h\(Int.random(in: 0..<5, using: &random))"
                switch Int.random(in: 0..<20, using: &random) {
                case 0: try same(pair, ["DEL", key])
                case 1: try same(pair, ["CONFIG", "SET", "hll-sparse-max-bytes", random.pick([0, 100, 3000, 15_000])])
                case 2: try same(pair, ["PFMERGE", key, "h0", "h9"])
                case 3: try same(pair, ["PFDEBUG", random.pick(["DECODE", "ENCODING", "TODENSE", "NOSUCH"]), key])
                case 4...7: try same(pair, ["PFCOUNT", key])
                case 8: try same(pair, ["PFCOUNT", key, "h1", "h9"])
                default:
                    let count = random.pick([0, 1, 2, 10, 300])
                    let range = random.pick([10, 1000, 1_000_000])
                    try same(pair, ["PFADD", key] + (0..<count).map { _ in Int.random(in: 0..<range, using: &random) })
                }
                try same(pair, ["GET", key])
            }
            try model.stop()
        }

        @Test("elements of every length are hashed as in Redis")
        func lengths() throws {
            let model = try ServerProcess.start(.redis2_8)
            let pair = [try Servers.shared().source.connect(), try model.connect()]
            try same(pair, ["FLUSHALL"])
            for length in 0..<64 {
                try same(pair, ["PFADD", "h", Bytes(repeating: UInt8(200 + length % 8), count: length)])
            }
            try same(pair, ["GET", "h"])
            try same(pair, ["PFDEBUG", "GETREG", "h"])
            try model.stop()
        }

        @Test("strings that are no HyperLogLogs, or broken ones, are refused")
        func broken() throws {
            let connection = try Servers.shared().source.connect()
            let header = Bytes(text: "HYLL") + [1] + Bytes(repeating: 0, count: 10) + [0x80]
            let wrong = Reply.error("WRONGTYPE Key is not a valid HyperLogLog string value.")
            let corrupted = Reply.error("INVALIDOBJ Corrupted HLL object detected")
            let strings: [(Bytes, Reply)] = [
                ([], wrong), (Bytes(text: "HYLL"), wrong), (Bytes(text: "9223372036854775807"), wrong),
                (Bytes(text: "HYLL") + [0] + Bytes(repeating: 0, count: 11), wrong),
                (Bytes(text: "HYLL") + [2] + Bytes(repeating: 0, count: 20), wrong),
                (header, corrupted), (header + [0x7F, 0xFE], corrupted), (header + [0x7F], corrupted),
                (header + [0x7F, 0xFF, 0x80], corrupted), (header + [0x7F, 0xFF, 0x7F, 0xFF], corrupted),
            ]
            for (string, reply) in strings {
                try connection.call("SET", "broken", string)
                #expect(try connection.call("PFCOUNT", "broken") == reply)
                #expect(try connection.call("PFCOUNT", "broken", "other") == reply)
                #expect(try connection.call("PFMERGE", "broken", "other") == reply)
                #expect(try connection.call("PFMERGE", "target", "broken") == reply)
                #expect(try connection.call("GET", "broken") == .bulk(string))
            }
            for string in [header, header + [0x00], header + [0xFF]] {
                try connection.call("SET", "broken", string)
                #expect(try connection.call("PFADD", "broken", "a", "b", "c") == corrupted)
            }
            #expect(try connection.call("PFSELFTEST") == .ok)
        }

        @Test("an expiry stays, and the count is kept until something is added")
        func keptCount() throws {
            let connection = try Servers.shared().source.connect()
            try connection.call("DEL", "h")
            #expect(try connection.call("PFADD", "h") == .integer(1))
            #expect(try connection.call("PFADD", "h") == .integer(0))
            try connection.call("EXPIRE", "h", 1000)
            #expect(try connection.call("PFADD", "h", "a", "b") == .integer(1))
            #expect(try connection.call("GETRANGE", "h", 15, 15) == .bulk([0x80]))
            #expect(try connection.call("PFCOUNT", "h") == .integer(2))
            #expect(try connection.call("GETRANGE", "h", 8, 15) == .bulk([2, 0, 0, 0, 0, 0, 0, 0]))
            #expect(try connection.call("PFADD", "h", "a") == .integer(0))
            try connection.call("PFMERGE", "h", "nosuch")
            #expect(try connection.call("PFDEBUG", "ENCODING", "h") == .status("dense"))
            #expect(try connection.call("TTL", "h") == .integer(1000))
        }
    }
}
