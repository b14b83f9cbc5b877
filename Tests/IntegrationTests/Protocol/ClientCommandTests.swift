import Foundation
import Testing

extension IntegrationTests.ProtocolTests {
    /// The CLIENT commands.
    @Suite(.freshServers) struct ClientCommandTests {
        /// CLIENT LIST as fields of each client.
        private func clients(_ connection: Connection) throws -> [[String: String]] {
            let text = try connection.call("CLIENT", "LIST").bytes?.latin1 ?? ""
            return text.split(separator: "\n").map { line in
                let pairs = line.split(separator: " ").map {
                    $0.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                }
                return Dictionary(pairs.map { (String($0[0]), $0.count > 1 ? String($0[1]) : "") }) { first, _ in first
                }
            }
        }

        @Test("arguments of every form are answered as Redis answers them")
        func replies() throws {
            let model = try ServerProcess.start(.redis2_8)
            let connections = [try Servers.shared().source.connect(), try model.connect()]
            let commands: [[any CommandArgument]] = [
                ["CLIENT"], ["CLIENT", "nosuch"], ["CLIENT", "GETNAME"], ["CLIENT", "SETNAME"],
                ["CLIENT", "SETNAME", "a b"],
                ["CLIENT", "SETNAME", "a\n"], ["CLIENT", "SETNAME", Bytes([97, 128])],
                ["CLIENT", "SETNAME", "worker:1"], ["client", "getname"],
                ["CLIENT", "SETNAME", "a", "b"], ["CLIENT", "SETNAME", ""], ["CLIENT", "GETNAME"],
                ["CLIENT", "GETNAME", "x"],
                ["CLIENT", "LIST", "x"], ["CLIENT", "KILL"], ["CLIENT", "KILL", "nobody"],
                ["CLIENT", "KILL", "127.0.0.1:1"],
                ["CLIENT", "KILL", "ID", "x"], ["CLIENT", "KILL", "ID", 0], ["CLIENT", "KILL", "ID", 99999],
                ["CLIENT", "KILL", "ID", "-1"],
                ["CLIENT", "KILL", "ADDR", "127.0.0.1:1"], ["CLIENT", "KILL", "TYPE", "nosuch"],
                ["CLIENT", "KILL", "TYPE", "slave"],
                ["CLIENT", "KILL", "TYPE", "pubsub"], ["CLIENT", "KILL", "SKIPME", "maybe", "ID", 99999],
                ["CLIENT", "KILL", "ID", 99999, "SKIPME"],
                ["CLIENT", "KILL", "ID", 99999, "SKIPME", "no"], ["CLIENT", "KILL", "nosuch", "x"],
                ["CLIENT", "KILL", "ID", 99999, "TYPE", "normal"],
                ["PING"],
            ]
            for words in commands {
                let bytes = words.map(\.argumentBytes)
                let replies = try connections.map { try $0.call(bytes) }
                #expect(replies[0] == replies[1], "\(DifferentialStep.command(bytes))")
            }
            try model.stop()
        }

        @Test("CLIENT LIST has the fields of Redis in their order")
        func listFields() throws {
            let model = try ServerProcess.start(.redis2_8)
            let names = try [Servers.shared().source, model].map { server in
                let text = try server.connect().call("CLIENT", "LIST").bytes?.latin1 ?? ""
                #expect(text.hasSuffix("\n"))
                let line = text.split(separator: "\n").last ?? ""
                return line.split(separator: " ").map { $0.prefix { $0 != "=" } }
            }
            #expect(names[0] == names[1])
            try model.stop()
        }

        @Test("CLIENT LIST tells of each client")
        func list() throws {
            let server = try Servers.shared().source
            let observer = try server.connect()
            try observer.call("CLIENT", "SETNAME", "observer")
            let other = try server.connect()
            try other.call("CLIENT", "SETNAME", "other")
            try other.call("SELECT", 3)
            let monitor = try server.connect()
            try monitor.call("CLIENT", "SETNAME", "monitor")
            try monitor.call("MONITOR")
            let list = try clients(observer)
            let found = { (name: String) in try #require(list.first { $0["name"] == name }) }
            #expect(try found("observer")["cmd"] == "client")
            #expect(try found("observer")["flags"] == "N")
            #expect(try found("other")["cmd"] == "select")
            #expect(try found("other")["db"] == "3")
            #expect(try found("other")["addr"]?.hasPrefix("127.0.0.1:") == true)
            #expect(try found("monitor")["flags"] == "O")
            #expect(Set(list.compactMap { $0["id"] }).count == list.count)
        }

        @Test("CLIENT KILL by address, by number, by type, and of oneself")
        func kill() throws {
            let server = try Servers.shared().source
            let killer = try server.connect()
            func victim(_ name: String) throws -> (Connection, [String: String]) {
                let connection = try server.connect()
                try connection.call("CLIENT", "SETNAME", name)
                return (connection, try #require(try clients(killer).first { $0["name"] == name }))
            }
            let (first, firstFields) = try victim("first")
            #expect(try killer.call("CLIENT", "KILL", firstFields["addr"] ?? "") == .ok)
            #expect(try first.isClosed())
            let (second, secondFields) = try victim("second")
            #expect(try killer.call("CLIENT", "KILL", "ID", secondFields["id"] ?? "") == .integer(1))
            #expect(try second.isClosed())
            #expect(try killer.call("CLIENT", "KILL", "ID", secondFields["id"] ?? "") == .integer(0))
            let (third, thirdFields) = try victim("third")
            let address = thirdFields["addr"] ?? ""
            #expect(try killer.call("CLIENT", "KILL", "ADDR", address, "TYPE", "pubsub") == .integer(0))
            #expect(try killer.call("CLIENT", "KILL", "ADDR", address, "TYPE", "normal") == .integer(1))
            #expect(try third.isClosed())

            let others = try (0..<5).map { _ in try server.connect() }
            for other in others { try other.call("PING") }
            let killed = try #require(try killer.call("CLIENT", "KILL", "TYPE", "normal").integerValue)
            #expect(killed >= 5)
            for other in others { #expect(try other.isClosed()) }
            #expect(try killer.call("PING") == .status("PONG"))

            // The reply to a client that kills itself still comes.
            let own = try #require(try clients(killer).first?["addr"])
            #expect(try killer.call("CLIENT", "KILL", own) == .ok)
            #expect(try killer.isClosed())
        }
    }
}
