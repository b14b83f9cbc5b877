import Foundation
import Testing

extension IntegrationTests {
    /// Every command that changes something, run at the very beginning of a snapshot, when nothing has been written yet:
    /// the file shows what was there before.
    @Suite struct EveryWriteTests {
        /// Keys of their own for each command: `t` a number, `w` text, `l` a list, `s` and `u` sets, `h` a hash, `z` and
        /// `y` sorted sets, `p` and `q` HyperLogLogs, `g` places, `e` text that expires.
        private static let templates: [String] = [
            "SET t new", "SET w new XX", "SETNX none v", "SETEX t 1000 v", "PSETEX t 1000000 v", "APPEND w more",
            "SETRANGE w 2 x", "GETSET t v", "MSET t 1 w 2", "MSETNX n1 1 n2 2", "INCR t", "DECR t", "INCRBY t 5",
            "DECRBY t 5", "INCRBYFLOAT t 1.5", "SETBIT w 3 1", "SETBIT t 9 1", "BITOP NOT t w", "BITFIELD w SET u8 0 7",
            "PFADD p x y z", "PFCOUNT p", "PFMERGE p q", "PFDEBUG TODENSE p",
            "HSET h a new", "HSETNX h new v", "HMSET h a 1 b 2", "HINCRBY h n 3", "HINCRBYFLOAT h n 1.5", "HDEL h a",
            "HDEL h a b n", "SADD s new", "SREM s m1", "SREM s m1 m2 3", "SMOVE s u m1", "SPOP s", "SPOP s 2",
            "SINTERSTORE s u", "SUNIONSTORE s u s", "SDIFFSTORE s s u", "LPUSH l new", "RPUSH l new", "LPUSHX l new",
            "RPUSHX l new", "LPOP l", "RPOP l", "LPOP l 3", "LSET l 1 new", "LINSERT l BEFORE b new", "LTRIM l 1 1",
            "LREM l 0 b", "RPOPLPUSH l m", "RPOPLPUSH l l", "BLPOP l 1", "BRPOP l 1", "BRPOPLPUSH l m 1",
            "LMOVE l m LEFT RIGHT", "ZADD z 9 new", "ZADD z 9 a", "ZINCRBY z 2 a", "ZREM z a", "ZREM z a b c",
            "ZREMRANGEBYSCORE z 0 2", "ZREMRANGEBYRANK z 0 0", "ZREMRANGEBYLEX z - +", "ZUNIONSTORE z 2 z y",
            "ZINTERSTORE z 2 z y", "ZDIFFSTORE z 2 z y", "ZRANGESTORE z y 0 -1", "ZPOPMIN z", "ZPOPMAX z 2",
            "GEOADD g 1 1 new", "GEORADIUS g 15 37 500 km STORE z", "GEORADIUSBYMEMBER g Palermo 500 km STORE z",
            "DEL t", "UNLINK l h", "GETDEL t", "GETEX t EX 1000", "GETEX e PERSIST", "RENAME t w", "RENAME z new",
            "RENAMENX t new", "MOVE l 3", "COPY l w REPLACE", "EXPIRE t 1000", "EXPIREAT l 99999999999",
            "PEXPIRE h 1000000", "PEXPIREAT z 99999999999999", "EXPIRE s -1", "PERSIST e", "SORT l ALPHA STORE l",
            "RESTORE t 0 PAYLOAD REPLACE", "SLOTSRESTORE l 0 PAYLOAD", "SLOTSRESTORE-ASYNC delete t",
            "SLOTSRESTORE-ASYNC list l 1000 2 x y", "SLOTSMGRT-EXEC-WRAPPER h hset h a new",
        ]

        /// They move keys to another server, which has tests of its own, or empty all: below.
        private static let others: Set<String> = [
            "MIGRATE", "SLOTSMGRTONE", "SLOTSMGRTSLOT", "SLOTSMGRTTAGONE", "SLOTSMGRTTAGSLOT", "SLOTSMGRTONE-ASYNC",
            "SLOTSMGRTTAGONE-ASYNC", "SLOTSMGRTSLOT-ASYNC", "SLOTSMGRTTAGSLOT-ASYNC", "SLOTSRESTORE-ASYNC-ACK",
            "SLOTSDEL", "FLUSHDB", "FLUSHALL", "EVAL", "EVALSHA",
        ]

        private static let kinds = ["t", "w", "l", "m", "s", "u", "h", "z", "y", "p", "q", "g", "e"]

        private static func fill(_ number: Int, _ connection: Connection) throws {
            func key(_ kind: String) -> String { "\(kind):{\(number)}" }
            let words = [
                ["SET", key("t"), "100"], ["SET", key("w"), "some text"], ["RPUSH", key("l"), "a", "b", "c", "b"],
                ["RPUSH", key("m"), "z"], ["SADD", key("s"), "m1", "m2", "3"], ["SADD", key("u"), "m2", "m9"],
                ["HMSET", key("h"), "a", "1", "b", "2", "n", "3"], ["ZADD", key("z"), "1", "a", "2", "b", "3", "c"],
                ["ZADD", key("y"), "5", "b", "6", "x"], ["PFADD", key("p"), "1", "2", "3"], ["PFADD", key("q"), "4"],
                ["GEOADD", key("g"), "13.361389", "38.115556", "Palermo", "15.087269", "37.502669", "Catania"],
                ["SETEX", key("e"), "100000", "text"],
            ]
            for words in words {
                let reply = try connection.call(words.map(\.argumentBytes))
                #expect(reply.errorText == nil, "\(words)")
            }
        }

        /// The words of a template, keys with their number; a payload of a list.
        private static func words(_ template: String, _ number: Int, payload: Bytes) -> [Bytes] {
            let words = template.split(separator: " ").map(String.init)
            return words.enumerated().map { index, word in
                if word == "PAYLOAD" { return payload }
                let isKey =
                    index > 0 && (kinds.contains(word) || ["none", "new", "n1", "n2"].contains(word) && index < 3)
                return Bytes(text: isKey ? "\(word):{\(number)}" : word)
            }
        }

        @Test("Each is in the list")
        func isComplete() throws {
            try withServer { server in
                let commands = try server.connect().call("COMMAND").items ?? []
                let writing = commands.filter { $0.items?[2].items?.contains(.status("write")) ?? false }
                let names = Set(writing.map { ($0.items?[0].text ?? "").uppercased() })
                let listed = Set(Self.templates.map { String($0.prefix { $0 != " " }) })
                #expect(names.count > 80)
                #expect(names.subtracting(listed).subtracting(Self.others) == [])
            }
        }

        @Test("The snapshot has the old value", arguments: [["FLUSHDB"], ["SLOTSDEL"], []])
        func oldValues(_ last: [String]) throws {
            try withServer { server in
                let connection = try server.connect(timeout: .seconds(60))
                for number in Self.templates.indices { try Self.fill(number, connection) }
                let payload = try connection.call("DUMP", "m:{0}").bytes ?? []
                try connection.call("MULTI")
                try connection.call("DEBUG", "DIGEST")
                try connection.call("BGSAVE")
                for (number, template) in Self.templates.enumerated() {
                    let words = Self.words(template, number, payload: payload)
                    #expect(try connection.call(words) == .status("QUEUED"), "\(template)")
                }
                if !last.isEmpty {
                    let slots = last == ["SLOTSDEL"] ? (0..<1024).map { "\($0)" } : []
                    try connection.call((last + slots).map(\.argumentBytes))
                }
                let replies = try connection.call("EXEC").items ?? []
                for (template, reply) in zip(Self.templates, replies.dropFirst(2)) {
                    #expect(reply.errorText == nil, "\(template): \(reply)")
                }
                #expect(try server.saveStatus() == "ok")
                #expect(try digest(of: server.dump, in: .redis3_2) == replies.first?.text)
                #expect(try server.digest() != replies.first?.text)
            }
        }
    }
}
