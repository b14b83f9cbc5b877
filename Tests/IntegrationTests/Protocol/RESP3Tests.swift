import Testing

extension IntegrationTests {
    /// The replies of version 3 of the protocol, byte for byte beside Redis 7.0.15.
    @Suite struct RESP3Tests {
        private static let commands = """
            GET nothing
            SET text value
            GET text
            MGET text nothing
            HSET hash a 1
            HGETALL hash
            HGETALL nothing
            HGET hash nothing
            HMGET hash a nothing
            HRANDFIELD hash 1 WITHVALUES
            SADD set one
            SADD other one
            SMEMBERS set
            SMEMBERS nothing
            SINTER set other
            SINTER set nothing
            SUNION set other
            SDIFF set nothing
            SRANDMEMBER set 5
            SRANDMEMBER nothing
            SPOP other 1
            SPOP other 1
            SPOP other
            SISMEMBER set one
            ZADD sorted 1 a 2.5 b -inf c 1e300 d
            ZSCORE sorted a
            ZSCORE sorted b
            ZSCORE sorted c
            ZSCORE sorted nothing
            ZMSCORE sorted a nothing
            ZINCRBY sorted 1.25 a
            ZADD sorted INCR 3 b
            ZADD sorted NX INCR 3 b
            ZRANGE sorted 0 -1
            ZRANGE sorted 0 -1 WITHSCORES
            ZRANGEBYSCORE sorted 1 3 WITHSCORES
            ZREVRANGE sorted 0 -1 WITHSCORES
            ZRANK sorted a
            ZRANK sorted nothing
            ZPOPMIN sorted
            ZPOPMAX sorted 2
            ZPOPMIN nothing
            ZSCAN sorted 0
            RPUSH list 1
            LRANGE list 0 -1
            LPOP list 2
            LPOP list
            LPOP list 2
            BLPOP list 1
            GEOADD places 13.361389 38.115556 Palermo
            GEOPOS places Palermo nowhere
            GEODIST places Palermo nowhere
            GEORADIUS places 15 37 200 km WITHDIST
            CONFIG GET databases
            CONFIG GET nothing
            EXISTS text
            OBJECT ENCODING nothing
            DUMP nothing
            TYPE text
            SUBSCRIBE news
            PING
            PUBLISH news item
            UNSUBSCRIBE news
            PSUBSCRIBE n*
            PUBLISH news item
            PUNSUBSCRIBE
            UNSUBSCRIBE
            HELLO 4
            """

        /// Everything that a server sends up to the answer to ECHO of a mark.
        private func conversation(with connection: Connection, _ command: String) throws -> String {
            let mark = encodeCommand([Bytes(text: "ECHO"), Bytes(text: "the end")])
            let words = command.split(separator: " ").map { Bytes(text: String($0)) }
            try connection.send(encodeCommand(words) + mark)
            var answer = ""
            while !answer.hasSuffix("$7\r\nthe end\r\n") { answer += try connection.receiveSome().latin1 }
            return answer
        }

        @Test("the replies of Redis 7")
        func replies() throws {
            let (server, peer) = (try ServerProcess.start(), try ServerProcess.start(.redis7_0))
            let (ours, model) = (try server.connect(), try peer.connect())
            for connection in [ours, model] {
                let welcome = try conversation(with: connection, "HELLO 3")
                #expect(welcome.hasPrefix("%7\r\n$6\r\nserver\r\n$5\r\nredis\r\n"), "\(welcome)")
                #expect(welcome.contains("$5\r\nproto\r\n:3\r\n"))
            }
            for command in Self.commands.split(separator: "\n").map(String.init) {
                let found = try conversation(with: ours, command)
                #expect(try found == conversation(with: model, command), "\(command)")
            }
        }

        @Test("version 2 again")
        func back() throws {
            let server = try ServerProcess.start()
            let connection = try server.connect()
            #expect(try conversation(with: connection, "HELLO 3").hasPrefix("%7\r\n"))
            #expect(try conversation(with: connection, "GET nothing").hasPrefix("_\r\n"))
            #expect(try conversation(with: connection, "HELLO 2").hasPrefix("*14\r\n"))
            #expect(try conversation(with: connection, "GET nothing").hasPrefix("$-1\r\n"))
            #expect(try conversation(with: connection, "HELLO 3").hasPrefix("%7\r\n"))
            #expect(try conversation(with: connection, "RESET").hasPrefix("+RESET\r\n"))
            #expect(try conversation(with: connection, "GET nothing").hasPrefix("$-1\r\n"))
        }
    }
}
