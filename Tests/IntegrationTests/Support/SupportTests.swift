import Foundation
import Testing

extension IntegrationTests {
    /// The kit itself, tried on a real Redis: tests that rest on it must be able to fail.
    @Suite struct SupportTests {
        /// A SET of `key` to 20 bytes, and its length on the wire.
        private let set = command("SET", "key", "01234567890123456789")

        @Test("a server starts, answers, and ends cleanly")
        func lifetime() throws {
            let server = try ServerProcess.start(.redis2_8, ["maxclients": ["77"]])
            let setting = try server.connect().call("CONFIG", "GET", "maxclients")
            #expect(setting == .array([.bulk("maxclients"), .bulk("77")]))
            #expect(server.log.contains("ready to accept"))
            try server.stop()
            #expect(!server.isRunning)
            #expect(throws: ConnectionFailure.self) { try server.connect() }
        }

        @Test("a server that dies is noticed, at its start and later")
        func deaths() throws {
            #expect(throws: KitFailure.self) { try ServerProcess.start(.redis2_8, ["nonsense": ["1"]]) }
            let server = try ServerProcess.start(.redis2_8)
            // The reply is the end of the connection.
            _ = try? server.connect().call("SHUTDOWN", "NOSAVE")
            usleep(200_000)
            #expect(throws: KitFailure.self) { try server.stop() }
        }

        @Test("a restart keeps port and files")
        func restart() throws {
            let server = try ServerProcess.start(.redis2_8, ["appendonly": ["yes"], "appendfsync": ["always"]])
            try server.connect().call("SET", "k", "v")
            try server.restart(abruptly: true)
            #expect(try server.connect().call("GET", "k") == .bulk("v"))
            try server.stop()
        }

        @Test("a unix socket")
        func unixSocket() throws {
            let folder = FileManager.default.temporaryDirectory
            let path = folder.appendingPathComponent("\(UUID().uuidString.prefix(8)).sock")
            let server = try ServerProcess.start(.redis2_8, ["unixsocket": [path.path]])
            #expect(try Connection(to: .unix(path: path.path)).call("PING") == .status("PONG"))
            try server.stop()
        }

        @Test("a relay without a fault changes nothing, also for large replies")
        func plainRelay() throws {
            let server = try ServerProcess.start(.redis2_8)
            let relay = try Relay(to: server.address)
            let connection = try Connection(to: relay.address)
            let value = Bytes(repeating: 7, count: 3_000_000)
            #expect(try connection.call("SET", "k", value) == .ok)
            #expect(try connection.call("GET", "k") == .bulk(value))
            #expect(relay.connections == 1)
            #expect(relay.passed(.toServer) > 3_000_000)
            try server.stop()
        }

        @Test("a cut lets exactly as many bytes pass as it says, in either direction")
        func cuts() throws {
            let server = try ServerProcess.start(.redis2_8)
            let direct = try server.connect()
            for bytes in [0, 1, set.count - 1, set.count] {
                try direct.call("DEL", "key")
                let fault = Relay.Fault(effect: .cut, direction: .toServer, bytes: bytes)
                let relay = try Relay(to: server.address, fault: fault)
                let connection = try Connection(to: relay.address)
                try? connection.send(set)
                _ = try connection.receiveAll(quiet: .seconds(5))
                // The server has read what came before the end of the connection.
                try waitUntil { try direct.call("EXISTS", "key") == .integer(bytes == set.count ? 1 : 0) }
                #expect(relay.passed(.toServer) == bytes)
                // A fault is for one connection: the next one is whole.
                #expect(try Connection(to: relay.address).call("PING") == .status("PONG"))
            }
            for bytes in 0...5 {
                let fault = Relay.Fault(effect: .cut, direction: .toClient, bytes: bytes, everyConnection: true)
                let relay = try Relay(to: server.address, fault: fault)
                for _ in 0..<2 {
                    let connection = try Connection(to: relay.address)
                    try? connection.send(set)
                    let (reply, closed) = try connection.receiveAll(quiet: .seconds(5))
                    #expect(closed && reply == Bytes(text: "+OK\r\n").prefix(bytes).map { $0 })
                }
            }
            try server.stop()
        }

        @Test("delayed, stalled and corrupted streams")
        func otherFaults() throws {
            let server = try ServerProcess.start(.redis2_8)
            func connect(_ effect: Relay.Fault.Effect, after bytes: Int) throws -> (Relay, Connection) {
                let fault = Relay.Fault(effect: effect, direction: .toClient, bytes: bytes)
                let relay = try Relay(to: server.address, fault: fault)
                return (relay, try Connection(to: relay.address))
            }
            let (delaying, late) = try connect(.delay(.milliseconds(200)), after: 2)
            let start = ContinuousClock.now
            #expect(try late.call("PING") == .status("PONG"))
            #expect(start.duration(to: .now) >= .milliseconds(190))
            delaying.stop()

            let (stalling, silent) = try connect(.stall, after: 2)
            try silent.send(command("PING"))
            let (bytes, closed) = try silent.receiveAll(quiet: .milliseconds(200))
            #expect(bytes == Bytes(text: "+P") && !closed)
            stalling.stop()

            let (corrupting, wrong) = try connect(.corrupt, after: 2)
            try wrong.send(command("PING"))
            let (corrupted, _) = try wrong.receiveAll(quiet: .milliseconds(200))
            #expect(corrupted == Bytes(text: "+P") + [UInt8(ascii: "O") ^ 0xFF] + Bytes(text: "NG\r\n"))
            corrupting.stop()
            try server.stop()
        }
    }
}
