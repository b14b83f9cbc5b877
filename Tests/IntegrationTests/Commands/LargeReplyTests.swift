import Foundation
import Testing

extension IntegrationTests.CommandTests {
    /// Long replies go element by element from the value into the client's buffer: there is no second copy of them.
    @Suite struct LargeReplyTests {
        /// How the value is made, and what asks for all of it.
        private static let cases = [
            ("RPUSH k %", "LRANGE k 0 -1"), ("RPUSH k %", "LRANGE k 1000 -1000"), ("SADD k %", "SMEMBERS k"),
            ("SADD k %", "SUNION k"), ("SADD k %", "SRANDMEMBER k 200000"), ("HMSET k % v", "HGETALL k"),
            ("HMSET k % v", "HKEYS k"), ("ZADD k 1 %", "ZRANGE k 0 -1"), ("ZADD k 1 %", "ZRANGEBYSCORE k -inf +inf"),
            ("ZADD k 1 %", "ZREVRANGE k 0 -1 WITHSCORES"), ("MSET % v", "KEYS *"),
        ]

        @Test("a long reply takes the memory of its bytes", arguments: cases)
        func memory(_ fill: String, _ query: String) throws {
            try withServer { server in
                let connection = try server.connect(timeout: .seconds(60))
                try fillLarge(connection, fill)
                let before = try Figures(server)
                try connection.send(encodeCommand(query.split(separator: " ").map { Bytes(text: String($0)) }))
                let (reply, raw) = try connection.receiveWithBytes(timeout: .seconds(60))
                let after = try Figures(server)
                #expect(reply.items?.count ?? 0 >= 98_000)
                // Beside the bytes: the headers of chunks, and what INFO and connections take. Some commands list what
                // they found before they answer, as views of 16 bytes in an array that grows, or build the set that they answer.
                let listed = query.hasPrefix("KEYS") ? 100_000 * 32 : query.hasPrefix("SUNION") ? 100_000 * 80 : 0
                #expect(after.allocated - before.allocated <= raw.count * 105 / 100 + 300_000 + listed)
                try waitUntil { try Figures(server).used <= before.used + 1_500_000 }
            }
        }

        /// 100,000 elements of 36 bytes.
        private func fillLarge(_ connection: Connection, _ command: String) throws {
            let words = command.split(separator: " ").map(String.init)
            // The command with its key, or without one, and what stands for one element.
            let head = words.first == "MSET" ? 1 : 2
            for start in stride(from: 0, to: 100_000, by: 1000) {
                let elements = (start..<start + 1000).flatMap { number in
                    words.dropFirst(head).map { $0 == "%" ? "an element of some length: \(100_000_000 + number)" : $0 }
                }
                let reply = try connection.call((words.prefix(head) + elements).map { Bytes(text: $0) })
                if let text = reply.errorText { throw KitFailure(text) }
            }
        }

        /// What INFO tells of memory.
        private struct Figures {
            let allocated: Int
            let used: Int

            init(_ server: ServerProcess) throws {
                allocated = try server.info("allocator_thread_allocated")
                used = try server.info("used_memory")
            }
        }
    }
}
