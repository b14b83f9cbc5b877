import Foundation
import Testing

extension IntegrationTests {
    /// Commands and options that came after Redis 2.8, compared with Redis 7.0.
    @Suite struct LaterCommandTests {
        /// Runs the lines, words parted by blanks, on both servers, and compares the replies.
        private func compare(_ lines: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
            let (server, peer) = (try ServerProcess.start(), try ServerProcess.start(.redis7_0))
            let (ours, model) = (try server.connect(), try peer.connect())
            for line in lines.split(separator: "\n") {
                let words = line.split(separator: " ").map { Bytes(text: $0 == "''" ? "" : String($0)) }
                let (mine, theirs) = (try ours.call(words), try model.call(words))
                #expect(mine == theirs, "\(line)", sourceLocation: sourceLocation)
            }
        }

        @Test("SET with GET, KEEPTTL, EXAT, PXAT")
        func set() throws {
            try compare(
                """
                SET a 1 GET
                SET a 2 GET
                SET a 3 EXAT 33000000000
                EXPIRETIME a
                PEXPIRETIME a
                SET a 4 KEEPTTL
                EXPIRETIME a
                SET a 5 XX GET KEEPTTL
                EXPIRETIME a
                SET a 6 PXAT 33000000000123
                PEXPIRETIME a
                SET a 7
                EXPIRETIME a
                EXPIRETIME nothing
                PEXPIRETIME nothing
                SET b 1 XX GET
                SET b 1 EX 10 KEEPTTL
                SET b 1 EXAT x
                RPUSH list 1
                SET list 1 GET
                SET list 2
                GET list
                """)
        }

        @Test("GETDEL and GETEX")
        func getAndChange() throws {
            try compare(
                """
                GETDEL a
                SET a 1
                GETDEL a
                EXISTS a
                RPUSH l 1
                GETDEL l
                GETEX l
                SET a text
                GETEX a EXAT 33000000000
                EXPIRETIME a
                GETEX a
                EXPIRETIME a
                GETEX a PERSIST
                EXPIRETIME a
                GETEX a PXAT 33000000000123
                PEXPIRETIME a
                GETEX a EX 0
                GETEX a EX
                GETEX a EX 1 PERSIST
                GETEX a SOON 1
                GETEX nothing EX 10
                GETEX a EXAT 1
                EXISTS a
                """)
        }

        @Test("EXPIRE and its kin with conditions")
        func expire() throws {
            try compare(
                """
                SET a 1
                EXPIREAT a 33000000000 XX
                EXPIREAT a 33000000000 GT
                EXPIREAT a 33000000000 LT
                EXPIREAT a 33000000001 NX
                EXPIREAT a 33000000001 LT
                EXPIREAT a 33000000001 GT
                EXPIREAT a 33000000002 XX GT
                EXPIREAT a 33000000002 NX XX
                EXPIREAT a 33000000002 GT LT
                EXPIRETIME a
                PEXPIREAT a 33000000000000 LT
                PEXPIRETIME a
                EXPIRE a 1000 GT
                PEXPIRE a 1 GT
                EXPIRE a -1 LT
                EXISTS a
                EXPIRE a 10 NX
                """)
        }

        @Test("COPY, UNLINK")
        func copy() throws {
            try compare(
                """
                SET a 1
                EXPIREAT a 33000000000
                COPY a b
                GET b
                EXPIRETIME b
                COPY a b
                COPY nothing b REPLACE
                RPUSH l 1 2 3
                COPY l b REPLACE
                LRANGE b 0 -1
                EXPIRETIME b
                COPY l l
                COPY l l DB 3
                COPY l l DB 3
                COPY l l DB 99
                COPY l l DB
                COPY l m SOMEHOW
                HSET h f1 v1 f2 v2
                COPY h h2
                HGET h2 f2
                ZADD z 1 a 2 b
                COPY z z2
                ZRANGE z2 0 -1 WITHSCORES
                SELECT 3
                LRANGE l 0 -1
                SELECT 0
                UNLINK a b l nothing
                DBSIZE
                """)
        }

        @Test("LMOVE, LPOS, LPOP and RPOP with a count")
        func lists() throws {
            try compare(
                """
                RPUSH l a b c a b c a
                LPOS l a
                LPOS l a RANK 2
                LPOS l a RANK -1
                LPOS l a RANK -2 COUNT 2
                LPOS l a COUNT 0
                LPOS l a COUNT 0 MAXLEN 4
                LPOS l a COUNT 2 RANK 2
                LPOS l x
                LPOS l x COUNT 1
                LPOS nothing a
                LPOS nothing a COUNT 1
                LPOS l a RANK 0
                LPOS l a COUNT -1
                LPOS l a MAXLEN -1
                LPOS l a RANK
                LPOS l a RANK x
                LMOVE l m LEFT RIGHT
                LMOVE l m RIGHT LEFT
                LMOVE l l LEFT RIGHT
                LMOVE l m UP DOWN
                LMOVE nothing m LEFT LEFT
                LRANGE l 0 -1
                LRANGE m 0 -1
                SET s 1
                LMOVE l s LEFT LEFT
                LMOVE s l LEFT LEFT
                LMOVE m l RIGHT RIGHT
                LMOVE m l RIGHT RIGHT
                EXISTS m
                LPOP l 2
                RPOP l 2
                LPOP l 0
                LPOP l -1
                LPOP l x
                LPOP l 1 2
                LPOP nothing 1
                LPOP nothing 0
                LPOP s 1
                LRANGE l 0 -1
                RPOP l 100
                EXISTS l
                """)
        }

        @Test("SMISMEMBER, SINTERCARD, HSET of many fields")
        func setsAndHashes() throws {
            try compare(
                """
                SADD s a b c 1 2
                SADD t b c 2 3
                SMISMEMBER s a x 1 ''
                SMISMEMBER nothing a b
                SINTERCARD 2 s t
                SINTERCARD 2 s t LIMIT 2
                SINTERCARD 2 s t LIMIT 0
                SINTERCARD 2 s t LIMIT -1
                SINTERCARD 2 s t LIMIT x
                SINTERCARD 2 s nothing
                SINTERCARD 0 s
                SINTERCARD x s
                SINTERCARD 3 s t
                SINTERCARD 2 s t MORE 1
                HSET h a 1 b 2 a 3
                HGETALL h
                HSET h c
                HSET h c 1 d
                SET string 1
                SINTERCARD 2 s string
                SMISMEMBER string a
                HSET string a 1 b 2
                """)
        }

        @Test("sorted sets")
        func sortedSets() throws {
            try compare(
                """
                ZADD z 1 a 2 b 3 c 4 d 5 e
                ZADD y 10 b 20 d 30 x
                SADD s a e
                ZMSCORE z a x e
                ZMSCORE nothing a
                ZRANGE z 1 3
                ZRANGE z 1 3 REV
                ZRANGE z 0 -1 WITHSCORES
                ZRANGE z (1 4 BYSCORE
                ZRANGE z 4 (1 BYSCORE REV WITHSCORES
                ZRANGE z -inf +inf BYSCORE LIMIT 1 2
                ZRANGE z +inf -inf BYSCORE REV LIMIT 1 -1
                ZRANGE z 0 1 LIMIT 0 1
                ZRANGE z [b (e BYLEX
                ZRANGE z [b (e BYLEX WITHSCORES
                ZRANGE z 0 1 BYSCORE BYLEX
                ZRANGE z x 1
                ZRANGE z x 1 BYSCORE
                ZRANGE z x 1 BYLEX
                ZRANGE z 0 1 SOMEHOW
                ZRANGE nothing 0 1
                ZRANGESTORE t z 1 3
                ZRANGE t 0 -1 WITHSCORES
                ZRANGESTORE t z (2 +inf BYSCORE LIMIT 0 2
                ZRANGE t 0 -1 WITHSCORES
                ZRANGESTORE t z 4 2 BYSCORE REV
                ZRANGE t 0 -1 WITHSCORES
                ZRANGESTORE t nothing 0 1
                EXISTS t
                ZUNION 2 z y
                ZUNION 2 z y WITHSCORES
                ZUNION 3 z y s WEIGHTS 1 2 3 AGGREGATE MAX WITHSCORES
                ZINTER 2 z y WITHSCORES
                ZINTER 2 z y AGGREGATE MIN WITHSCORES
                ZINTER 2 z nothing
                ZDIFF 2 z y
                ZDIFF 2 z y WITHSCORES
                ZDIFF 3 z y s WITHSCORES
                ZDIFFSTORE d 2 z y
                ZRANGE d 0 -1 WITHSCORES
                ZDIFFSTORE d 2 z z
                EXISTS d
                ZINTERCARD 2 z y
                ZINTERCARD 2 z y LIMIT 1
                ZUNION 2 z
                ZPOPMIN z
                ZPOPMAX z 2
                ZPOPMIN z 0
                ZPOPMIN z -1
                ZPOPMIN nothing
                ZPOPMAX z 10
                EXISTS z
                SET string 1
                ZPOPMIN string
                ZUNION 2 y string
                ZRANGE string 0 1
                """)
        }

        @Test("HRANDFIELD and ZRANDMEMBER answer what is there, as often as asked for")
        func randomMembers() throws {
            let server = try ServerProcess.start()
            let connection = try server.connect()
            let names = (0..<20).map { Bytes(text: "name\($0)") }
            for (number, name) in names.enumerated() {
                try connection.call("HSET", "h", name, number)
                try connection.call("ZADD", "z", number, name)
            }
            for (name, key) in [("HRANDFIELD", "h"), ("ZRANDMEMBER", "z")] {
                let option = key == "h" ? "WITHVALUES" : "WITHSCORES"
                #expect(names.contains(try #require(connection.call(name, key).bytes)))
                let some = try #require(try connection.call(name, key, 7).items).compactMap(\.bytes)
                #expect(some.count == 7 && Set(some).count == 7 && some.allSatisfy(names.contains))
                let all = try #require(try connection.call(name, key, 100).items).compactMap(\.bytes)
                #expect(Set(all) == Set(names) && all.count == 20)
                let drawn = try #require(try connection.call(name, key, -100).items).compactMap(\.bytes)
                #expect(drawn.count == 100 && drawn.allSatisfy(names.contains))
                let pairs = try #require(try connection.call(name, key, 5, option).items).compactMap(\.bytes)
                #expect(pairs.count == 10)
                for index in stride(from: 0, to: pairs.count, by: 2) {
                    #expect(pairs[index] == Bytes(text: "name") + pairs[index + 1])
                }
                #expect(try connection.call(name, "nothing").bytes == nil)
                #expect(try connection.call(name, "nothing", 3) == .array([]))
                #expect(try connection.call(name, key, 0) == .array([]))
                guard case .error = try connection.call(name, key, 1, "SOMEHOW") else {
                    Issue.record("\(name) takes anything")
                    return
                }
            }
        }
    }
}
