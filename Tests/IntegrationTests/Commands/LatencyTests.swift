import Foundation
import Testing

extension IntegrationTests.CommandTests {
    /// LATENCY beside Redis 2.8.17.
    @Suite(.freshServers) struct LatencyTests {
        @Test("delays are noted, shown and forgotten as in Redis")
        func delays() throws {
            let model = try ServerProcess.start(.redis2_8)
            let pair = [try Servers.shared().source.connect(), try model.connect()]
            for connection in pair {
                try connection.call("LATENCY", "RESET")
                try connection.call("CONFIG", "SET", "latency-monitor-threshold", 3_600_000)
                try connection.call("DEBUG", "SLEEP", "0.01")
                #expect(try connection.call("LATENCY", "LATEST") == .array([]))
                // So long that nothing but the two sleeps reaches it, however busy the machine is.
                try connection.call("CONFIG", "SET", "latency-monitor-threshold", 400)
                let history = try recordTwo(connection)
                #expect(history.count == 2)
                let latencies = history.compactMap { $0.items?.last?.integerValue }
                #expect(latencies.count == 2 && latencies[0] >= 450 && latencies[1] >= 1050)
                let latest = try connection.call("LATENCY", "LATEST").items?.first?.items ?? []
                #expect(latest.first == .bulk("command"))
                #expect(latest.last == history.last?.items?.last)
            }
            for words in [["GRAPH", "command"], ["DOCTOR"]] {
                let texts = try pair.map {
                    try shape($0.call([Bytes(text: "LATENCY")] + words.map { Bytes(text: $0) }))
                }
                #expect(texts[0] == texts[1])
            }
            for connection in pair {
                #expect(try connection.call("LATENCY", "RESET", "nosuch", "COMMAND") == .integer(1))
                #expect(try connection.call("LATENCY", "LATEST") == .array([]))
            }
            try model.stop()
        }

        /// Two delays that end in different seconds; the reply to LATENCY HISTORY after them.
        private func recordTwo(_ connection: Connection) throws -> [Reply] {
            try connection.call("DEBUG", "SLEEP", "0.45")
            try connection.call("DEBUG", "SLEEP", "1.05")
            return try connection.call("LATENCY", "HISTORY", "command").items ?? []
        }

        /// The text with every number as `#`, for times differ from run to run; a line of nothing but labels goes.
        private func shape(_ reply: Reply) throws -> [String] {
            let text = try #require(reply.bytes).latin1
            return text.split(separator: "\n").filter { $0.count > 3 }.map { line in
                line.split { $0.isNumber || $0 == "." }.joined(separator: "#")
            }
        }
    }
}
