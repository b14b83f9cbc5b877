import Testing

extension IntegrationTests.CommandTests {
    /// SLOWLOG and INFO commandstats.
    @Suite(.freshServers) struct SlowlogTests {
        private func entries(_ connection: Connection, _ count: Int) throws -> [[Reply]] {
            try connection.call("SLOWLOG", "GET", count).items?.map { $0.items ?? [] } ?? []
        }

        @Test("with a threshold of 0 every command is there, cut as Redis cuts it")
        func everyCommand() throws {
            let model = try ServerProcess.start(.redis2_8)
            var arguments: [Reply] = []
            for connection in [try Servers.shared().source.connect(), try model.connect()] {
                #expect(try connection.call("CONFIG", "SET", "slowlog-log-slower-than", 0) == .ok)
                #expect(try connection.call("SLOWLOG", "RESET") == .ok)
                try connection.call("SET", "k", String(repeating: "x", count: 200))
                try connection.call([Bytes(text: "MGET")] + (0..<40).map { Bytes(text: "key\($0)") })
                for _ in 0..<20 { try connection.call("GET", "k") }
                let all = try entries(connection, -1)
                #expect(all.count == 23)
                #expect(all.allSatisfy { $0.count == 4 })
                let identifiers = all.compactMap { $0.first?.integerValue }
                #expect(identifiers == identifiers.sorted(by: >))
                arguments.append(.array(all.map { $0[3] }))
            }
            #expect(arguments[0] == arguments[1])
            try model.stop()
        }

        @Test("only what takes longer than the threshold, and no more than the limit")
        func threshold() throws {
            let connection = try Servers.shared().source.connect()
            // So long that nothing but the sleep reaches it, however busy the machine is.
            try connection.call("CONFIG", "SET", "slowlog-log-slower-than", 400_000)
            try connection.call("SLOWLOG", "RESET")
            #expect(try connection.call("SLOWLOG", "LEN") == .integer(0))
            try connection.call("DEBUG", "SLEEP", "0.45")
            try connection.call("PING")
            let found = try entries(connection, 10)
            #expect(found.count == 1)
            #expect(try #require(found.first?[2].integerValue) >= 450_000)
            #expect(found.first?[3] == .array([.bulk("DEBUG"), .bulk("SLEEP"), .bulk("0.45")]))
            try connection.call("CONFIG", "SET", "slowlog-max-len", 3)
            try connection.call("CONFIG", "SET", "slowlog-log-slower-than", 0)
            for _ in 0..<10 { try connection.call("PING") }
            #expect(try connection.call("SLOWLOG", "LEN") == .integer(3))
            try connection.call("CONFIG", "SET", "slowlog-log-slower-than", "-1")
            try connection.call("SLOWLOG", "RESET")
            try connection.call("DEBUG", "SLEEP", "0.02")
            #expect(try connection.call("SLOWLOG", "LEN") == .integer(0))
        }

        @Test("INFO commandstats counts every call, and sums up time that was measured for some")
        func commandStatistics() throws {
            let connection = try Servers.shared().target.connect()
            try connection.call("CONFIG", "RESETSTAT")
            for _ in 0..<100 { try connection.call("GET", "k") }
            try connection.call("DEBUG", "SLEEP", "0.01")
            let text = try #require(try connection.call("INFO", "commandstats").bytes).latin1
            #expect(text.hasPrefix("# Commandstats\r\n"))
            let lines = text.split(separator: "\r\n").map(String.init)
            let get = try #require(lines.first { $0.hasPrefix("cmdstat_get:") })
            #expect(get.hasPrefix("cmdstat_get:calls=100,usec="))
            #expect(get.contains(",usec_per_call="))
            let debug = try #require(lines.first { $0.hasPrefix("cmdstat_debug:calls=1,usec=") })
            let microseconds = debug.dropFirst("cmdstat_debug:calls=1,usec=".count).prefix { $0 != "," }
            #expect(try #require(Int(microseconds)) >= 10_000)
            #expect(!(try connection.call("INFO").bytes ?? []).latin1.contains("cmdstat_"))
            #expect((try connection.call("INFO", "all").bytes ?? []).latin1.contains("cmdstat_info:calls=2"))
        }

        @Test("wrong uses are answered as in Redis")
        func errors() throws {
            let model = try ServerProcess.start(.redis2_8)
            let pair = [try Servers.shared().source.connect(), try model.connect()]
            let commands = [
                ["SLOWLOG"], ["SLOWLOG", "nosuch"], ["SLOWLOG", "GET", "x"], ["SLOWLOG", "GET", "1", "2"],
                ["SLOWLOG", "LEN", "x"], ["LATENCY"], ["LATENCY", "nosuch"], ["LATENCY", "GRAPH", "nosuch"],
                ["LATENCY", "HISTORY", "nosuch"], ["LATENCY", "LATEST", "x"], ["LATENCY", "DOCTOR"],
            ]
            for words in commands {
                let replies = try pair.map { try $0.call(words.map { Bytes(text: $0) }) }
                #expect(replies[0] == replies[1], "\(words)")
            }
            try model.stop()
        }
    }
}
