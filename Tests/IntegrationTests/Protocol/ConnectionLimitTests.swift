import Foundation
import Testing

extension IntegrationTests.ProtocolTests {
    /// `timeout`, `maxclients`, `tcp-keepalive`.
    @Suite struct ConnectionLimitTests {
        @Test("an idle client is closed after the timeout, a busy one stays")
        func timeout() throws {
            let server = try ServerProcess.start(["timeout": ["1"]])
            let idle = try server.connect()
            let busy = try server.connect()
            #expect(try idle.call("PING") == .status("PONG"))
            let start = ContinuousClock.now
            try waitUntil(within: .seconds(20)) {
                #expect(try busy.call("PING") == .status("PONG"))
                let (bytes, closed) = try idle.receiveAll(quiet: .milliseconds(50))
                #expect(bytes.isEmpty)
                return closed
            }
            #expect(start.duration(to: .now) >= .seconds(1))
            #expect(try busy.call("CONFIG", "SET", "timeout", "0") == .ok)
            let patient = try server.connect()
            #expect(try patient.receiveAll(quiet: .milliseconds(3500)).closed == false)
            #expect(try patient.call("PING") == .status("PONG"))
            try server.stop()
        }

        @Test("one client too many is told so, and there is room again when another leaves")
        func maxclients() throws {
            let refusal = Bytes(text: "-ERR max number of clients reached\r\n")
            let server = try ServerProcess.start(["maxclients": ["3"]])
            // The connection that waited for the server to be ready may still be on its way out.
            var held: [Connection] = []
            try waitUntil {
                held = []
                held = try (0..<3).map { _ in try server.connect() }
                return held.allSatisfy { (try? $0.call("PING")) == .status("PONG") }
            }
            for _ in 0..<10 {
                let (bytes, closed) = try server.connect().receiveAll(quiet: .seconds(10))
                #expect(bytes == refusal && closed)
            }
            let text = try held[0].call("INFO", "stats").bytes?.latin1 ?? ""
            #expect(text.contains("rejected_connections:1"), "\(text)")
            held.removeLast()
            try waitUntil { (try? server.connect().call("PING")) == .status("PONG") }
            #expect(try held[0].call("CONFIG", "SET", "maxclients", "2") == .ok)
            try waitUntil { try server.connect().receiveAll(quiet: .milliseconds(200)).bytes == refusal }
            #expect(try held[0].call("CONFIG", "SET", "maxclients", "100") == .ok)
            #expect(try server.connect().call("PING") == .status("PONG"))
            held = []
            try server.stop()
        }

        @Test("keepalive is asked of the kernel", arguments: [("0", false), ("60", true)])
        func keepalive(_ setting: String, _ expected: Bool) throws {
            let server = try ServerProcess.start(["tcp-keepalive": [setting]])
            let socket = try Socket.connect(to: server.address)
            try socket.send(command("PING"))
            _ = try socket.receive(timeout: .seconds(5))
            // Until the PONG is acknowledged another timer may run.
            try waitUntil {
                let entry = try TCPTable.entries().first {
                    $0.localPort == server.port && $0.remotePort == socket.port
                }
                return entry?.isKeptAlive == expected
            }
            try server.stop()
        }
    }
}
