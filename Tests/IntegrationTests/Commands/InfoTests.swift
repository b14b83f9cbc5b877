import Testing

extension IntegrationTests.CommandTests {
    /// INFO beside Redis 2.8.17.
    @Suite(.freshServers) struct InfoTests {
        /// The names of the fields of each section, in their order.
        private func fields(_ connection: Connection, _ section: String...) throws -> [(
            section: String, names: [String]
        )] {
            let words = ["INFO"] + section
            let text = try #require(try connection.call(words.map { Bytes(text: $0) }).bytes).latin1
            var sections: [(section: String, names: [String])] = []
            for line in text.split(separator: "\r\n") {
                if line.hasPrefix("# ") {
                    sections.append((String(line.dropFirst(2)), []))
                } else {
                    sections[sections.count - 1].names.append(String(line.prefix { $0 != ":" }))
                }
            }
            return sections
        }

        @Test("every section and field of Redis 2.8 is there, in its order", arguments: [[], ["all"], ["default"]])
        func sections(_ argument: [String]) throws {
            let model = try ServerProcess.start(.redis2_8)
            let pair = [try Servers.shared().source.connect(), try model.connect()]
            for connection in pair {
                try connection.call("FLUSHALL")
                try connection.call("CONFIG", "RESETSTAT")
                try connection.call("SET", "key", "value")
            }
            let found = try pair.map { try argument.isEmpty ? fields($0) : fields($0, argument[0]) }
            // Sections and fields of our own may stand between those of Redis.
            let sections = found[1].map(\.section)
            #expect(found[0].map(\.section).filter(sections.contains) == sections)
            for (section, names) in found[1] where section != "Commandstats" {
                let ours = found[0].first { $0.section == section }?.names ?? []
                #expect(ours.filter(names.contains) == names, "\(section)")
            }
            try model.stop()
        }

        @Test("memory: what is data, and what the allocator says")
        func memory() throws {
            let connection = try Servers.shared().target.connect()
            func figures() throws -> [String: Double] {
                let text = try #require(try connection.call("INFO", "memory").bytes).latin1
                let lines = text.split(separator: "\r\n").compactMap { line -> (String, Double)? in
                    let parts = line.split(separator: ":")
                    return parts.count == 2 ? Double(parts[1]).map { (String(parts[0]), $0) } : nil
                }
                return Dictionary(lines) { $1 }
            }
            let before = try figures()
            try connection.call("DEBUG", "POPULATE", 100_000)
            let after = try figures()
            let names = ["used_memory", "used_memory_dataset", "allocator_allocated"]
            for name in names { #expect(try #require(after[name]) - #require(before[name]) > 1_000_000, "\(name)") }
            #expect(after["used_memory_startup"] == before["used_memory_startup"])
            let sum = try #require(after["used_memory_dataset"]) + #require(after["used_memory_overhead"])
            #expect(sum == after["used_memory"])
            for name in ["mem_fragmentation_ratio", "allocator_frag_ratio", "allocator_rss_ratio"] {
                #expect(try #require(after[name]) >= 1, "\(name)")
            }
        }

        @Test("DEBUG: lengths of strings, fill of tables")
        func debug() throws {
            let model = try ServerProcess.start(.redis2_8)
            let pair = [try Servers.shared().source.connect(), try model.connect()]
            let commands = [
                ["SET", "key", "a value that is no number"], ["SET", "number", "12"], ["RPUSH", "list", "a"],
                ["DEBUG", "SDSLEN", "key"], ["DEBUG", "SDSLEN", "number"], ["DEBUG", "SDSLEN", "list"],
                ["DEBUG", "SDSLEN", "nosuch"], ["DEBUG", "SDSLEN"], ["DEBUG", "NOSUCH"], ["DEBUG"],
                ["DEBUG", "OBJECT", "nosuch"], ["DEBUG", "ERROR", "ERR hello"], ["DEBUG", "SLEEP", "0"],
                ["DEBUG", "SET-ACTIVE-EXPIRE", "0"], ["DEBUG", "SET-ACTIVE-EXPIRE", "1"], ["DEBUG", "POPULATE", "x"],
            ]
            for words in commands {
                let replies = try pair.map { try $0.call(words.map { Bytes(text: $0) }) }
                #expect(replies[0] == replies[1], "\(words)")
            }
            try model.stop()
            #expect(try pair[0].call("DEBUG", "HTSTATS", 99) == .error("ERR Out of range database"))
            try pair[0].call("SELECT", 7)
            try pair[0].call("DEBUG", "POPULATE", 50)
            let text = try #require(try pair[0].call("DEBUG", "HTSTATS", 7).bytes).latin1
            #expect(text.contains("keys: 50\n"))
        }

        @Test("DEBUG ASSERT ends the process, with a report")
        func assertion() throws {
            let server = try ServerProcess.start()
            let connection = try server.connect()
            try connection.send(command("DEBUG", "ASSERT"))
            #expect(try connection.isClosed(within: .seconds(20)))
            try waitUntil(within: .seconds(20)) { !server.isRunning }
            #expect(server.log.contains("DEBUG ASSERT"))
        }
    }
}
