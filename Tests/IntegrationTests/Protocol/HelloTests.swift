import Testing

extension IntegrationTests.ProtocolTests {
    /// How clients of Redis 6 and later begin.
    @Suite struct HelloTests {
        private func field(_ name: String, of reply: Reply) -> Reply? {
            guard let items = reply.items, let index = items.firstIndex(of: .bulk(Bytes(text: name))) else {
                return nil
            }
            return items[index + 1]
        }

        @Test("HELLO tells who the server is, and in which version it speaks")
        func hello() throws {
            let server = try ServerProcess.start()
            let connection = try server.connect()
            for reply in [try connection.call("HELLO"), try connection.call("HELLO", 2, "SETNAME", "worker")] {
                #expect(field("server", of: reply) == .bulk("redis"))
                #expect(field("proto", of: reply) == .integer(2))
                #expect(field("role", of: reply) == .bulk("master"))
                #expect(field("id", of: reply) == (try connection.call("CLIENT", "ID")))
            }
            #expect(try connection.call("CLIENT", "GETNAME") == .bulk("worker"))
            #expect(try connection.call("HELLO", 4) == .error("NOPROTO unsupported protocol version"))
            #expect(
                try connection.call("HELLO", "x") == .error("ERR Protocol version is not an integer or out of range"))
            #expect(try connection.call("HELLO", 2, "SETNAME") == .error("ERR syntax error"))
            #expect(try connection.call("PING") == .status("PONG"))
        }

        @Test("HELLO with a password, AUTH with a name")
        func password() throws {
            let server = try ServerProcess.start(["requirepass": ["secret"]])
            let connection = try server.connect()
            guard case .error(let refusal) = try connection.call("HELLO", 2) else {
                Issue.record("HELLO without a password is answered")
                return
            }
            #expect(refusal.latin1.hasPrefix("NOAUTH HELLO must be called"))
            #expect(try connection.call("HELLO", 2, "AUTH", "default", "wrong") == .error("ERR invalid password"))
            #expect(try connection.call("PING") == .error("NOAUTH Authentication required."))
            #expect(try connection.call("HELLO", 2, "AUTH", "default", "secret").items?.count == 14)
            #expect(try connection.call("PING") == .status("PONG"))
            #expect(try connection.call("RESET") == .status("RESET"))
            #expect(try connection.call("PING") == .error("NOAUTH Authentication required."))
            #expect(try connection.call("AUTH", "default", "secret") == .ok)
            guard case .error = try connection.call("AUTH", "somebody", "secret") else {
                Issue.record("a stranger gets in")
                return
            }
        }

        @Test("RESET makes the connection as new")
        func reset() throws {
            let server = try ServerProcess.start()
            let connection = try server.connect()
            try connection.call("SELECT", 3)
            try connection.call("CLIENT", "SETNAME", "worker")
            try connection.call("MULTI")
            try connection.call("SET", "a", 1)
            #expect(try connection.call("RESET") == .status("RESET"))
            #expect(try connection.call("EXEC") == .error("ERR EXEC without MULTI"))
            #expect(try connection.call("CLIENT", "GETNAME").bytes == nil)
            try connection.call("SUBSCRIBE", "news")
            #expect(try connection.call("RESET") == .status("RESET"))
            #expect(try connection.call("SET", "a", 1) == .ok)
            #expect(try connection.call("DBSIZE") == .integer(1))
            #expect(try connection.call("SELECT", 3) == .ok)
            #expect(try connection.call("DBSIZE") == .integer(0))
        }

        @Test("CLIENT SETINFO, INFO, NO-EVICT")
        func client() throws {
            let server = try ServerProcess.start()
            let connection = try server.connect()
            #expect(try connection.call("CLIENT", "SETINFO", "LIB-NAME", "redis-py") == .ok)
            #expect(try connection.call("CLIENT", "SETINFO", "lib-ver", "8.0.0") == .ok)
            let line = try connection.call("CLIENT", "INFO").bytes?.latin1 ?? ""
            #expect(line.hasPrefix("id=") && line.contains(" lib-name=redis-py lib-ver=8.0.0\n"))
            #expect(try connection.call("CLIENT", "NO-EVICT", "ON") == .ok)
            for words in [["SETINFO", "lib-age", "1"], ["NO-EVICT", "maybe"]] {
                guard case .error = try connection.call((["CLIENT"] + words).map(\.argumentBytes)) else {
                    Issue.record("CLIENT \(words) is accepted")
                    return
                }
            }
        }
    }
}
