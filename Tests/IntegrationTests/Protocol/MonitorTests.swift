import Foundation
import Testing

extension IntegrationTests.ProtocolTests {
    /// MONITOR, compared with what a real Redis shows of the same commands.
    @Suite struct MonitorTests {
        /// What is monitored, from one connection.
        private static let traffic: [Bytes] = [
            command("SET", "key", "value"), command("get", "key"), Bytes(text: "GET  \"a b\"\r\n"),
            command("SELECT", 3),
            command("SET", Bytes(text: "\r\n\t\\\"\u{07}\u{08}'") + [0, 127, 128, 255], ""), command("nosuch", "x"),
            command("GET"), command("INCR", "key"), command("INCRBYFLOAT", "number", "1.5"), command("DBSIZE"),
            command("MSET", "a", 1, "b", 2), command("PING"), command("AUTH", "x"), command("EXPIRE", "a", 100),
            command("INFO", "nosuch"), command("SELECT", 99),
            command("EVAL", "redis.call('select', 1) return redis.call('set', KEYS[1], ARGV[1])", 1, "k", "a b"),
        ]
        /// Commands for administrators, which 2.8.17 still shows and later servers do not.
        private static let administration: [Bytes] = [
            command("CONFIG", "GET", "timeout"), command("CLIENT", "GETNAME"), command("DEBUG", "OBJECT", "a"),
        ]

        /// The lines that a monitor sees, with time and address replaced.
        private func lines(_ server: ServerProcess, _ traffic: [Bytes]) throws -> [String] {
            let monitor = try server.connect()
            #expect(try monitor.call("MONITOR") == .ok)
            let client = try server.connect()
            for bytes in traffic + [command("GET", "last")] {
                try client.send(bytes)
                _ = try client.receive()
            }
            var lines: [String] = []
            repeat {
                let line = try monitor.receive()
                guard case .status(let bytes) = line else { throw KitFailure("not a status: \(line)") }
                lines.append(try Self.masked(bytes.latin1))
            } while lines.last?.contains("\"last\"") == false
            return lines
        }

        private static func masked(_ line: String) throws -> String {
            let time = try Regex("^[0-9]{10}\\.[0-9]{6} ")
            let address = try Regex("127\\.0\\.0\\.1:[0-9]+\\]")
            return line.replacing(time, with: "TIME ").replacing(address, with: "ADDRESS]")
        }

        @Test("lines as Redis writes them", arguments: [Peer.redis2_8, .redis3_2])
        func lines(_ peer: Peer) throws {
            let traffic = peer == .redis2_8 ? Self.traffic : Self.traffic + Self.administration
            let model = try ServerProcess.start(peer)
            let expected = try lines(model, traffic)
            try model.stop()
            let found = try withServer { try lines($0, traffic) }
            #expect(found == expected)
        }

        @Test("every monitor sees everything, and QUIT ends one")
        func several() throws {
            try withServer { server in
                let monitors = try (0..<3).map { _ in try server.connect() }
                for monitor in monitors { #expect(try monitor.call("MONITOR") == .ok) }
                let client = try server.connect()
                for index in 0..<200 { try client.call("SET", "key", index) }
                for monitor in monitors {
                    for index in 0..<200 {
                        let line = try monitor.receive().bytes?.latin1 ?? ""
                        try #require(line.hasSuffix("] \"SET\" \"key\" \"\(index)\""), "\(line)")
                    }
                }
                try monitors[0].send(command("QUIT"))
                #expect(try monitors[0].receive() == .ok)
                #expect(try monitors[0].isClosed())
                try client.call("SET", "key", "after")
                #expect(try monitors[1].receive().bytes?.latin1.hasSuffix("\"after\"") == true)
            }
        }
    }
}
