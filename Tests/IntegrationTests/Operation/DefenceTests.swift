import Foundation
import Testing

extension IntegrationTests.OperationTests {
    /// Clients that must not get in, or must not fill the memory.
    @Suite struct DefenceTests {
        @Test("a browser that is led to the port is cut off", arguments: ["POST / HTTP/1.1\r\n", "Host: here\r\n"])
        func hypertext(_ line: String) throws {
            let server = try ServerProcess.start(["logfile": ["log"]])
            let browser = try server.connect()
            try browser.send(Bytes(text: line + "Content-Type: text/plain\r\n\r\nSET key value\r\n"))
            #expect(try browser.isClosed(within: .seconds(10)))
            #expect(try server.connect().call("DBSIZE") == .integer(0))
            let log = try String(contentsOf: server.directory.appendingPathComponent("log"), encoding: .utf8)
            #expect(log.contains("Possible SECURITY ATTACK detected"))
        }

        @Test("protected mode refuses other addresses until there is a password or it is off")
        func protectedMode() throws {
            let server = try ServerProcess.start(["protected-mode": ["yes"]])
            let owner = try server.connect()
            #expect(try owner.call("PING") == .status("PONG"))
            func stranger() throws -> Connection { try Connection(to: server.address, from: "127.0.0.2") }
            let (bytes, isClosed) = try stranger().receiveAll(quiet: .seconds(10))
            #expect(isClosed && bytes.latin1.hasPrefix("-DENIED Redis is running in protected mode"))
            #expect(bytes.latin1.hasSuffix("from the outside.\r\n"))
            #expect(try owner.call("CONFIG", "SET", "requirepass", "secret") == .ok)
            #expect(try stranger().call("AUTH", "secret") == .ok)
            #expect(try owner.call("AUTH", "secret") == .ok)
            #expect(try owner.call("CONFIG", "SET", "requirepass", "") == .ok)
            #expect(try owner.call("CONFIG", "SET", "protected-mode", "no") == .ok)
            #expect(try stranger().call("PING") == .status("PONG"))
        }

        /// More than sockets take by themselves.
        private static let message = Bytes(repeating: 120, count: 1 << 20)

        @Test("a subscriber that does not read is disconnected at the hard limit")
        func hardLimit() throws {
            let server = try ServerProcess.start(["client-output-buffer-limit": ["pubsub", "4mb", "0", "0"]])
            let subscriber = try server.connect()
            try subscriber.call("SUBSCRIBE", "news")
            let publisher = try server.connect()
            var sent = 0
            while sent < 200, try publisher.call("PUBLISH", "news", Self.message) == .integer(1) { sent += 1 }
            #expect(sent > 0 && sent < 200, "\(sent) messages of 1 MiB wait for a subscriber")
        }

        @Test("one that stays over the soft limit is disconnected when its time is up")
        func softLimit() throws {
            let server = try ServerProcess.start(["client-output-buffer-limit": ["pubsub", "0", "4mb", "1"]])
            let subscriber = try server.connect()
            try subscriber.call("SUBSCRIBE", "news")
            let publisher = try server.connect()
            for _ in 0..<30 { try publisher.call("PUBLISH", "news", Self.message) }
            try waitUntil(within: .seconds(20)) {
                try publisher.call("PUBSUB", "NUMSUB", "news") == .array([.bulk("news"), .integer(0)])
            }
        }

        @Test("a monitor that does not read is disconnected as a replica would be")
        func monitor() throws {
            let server = try ServerProcess.start(["client-output-buffer-limit": ["slave", "4mb", "0", "0"]])
            let monitor = try server.connect()
            #expect(try monitor.call("MONITOR") == .ok)
            let writer = try server.connect()
            for _ in 0..<30 { try writer.call("SET", "key", Self.message) }
            try waitUntil { try writer.call("CLIENT", "LIST").bytes?.latin1.contains("cmd=monitor") == false }
        }

        @Test("an ordinary client has no limit")
        func noLimit() throws {
            let server = try ServerProcess.start()
            let client = try server.connect()
            try client.call("SET", "key", Self.message)
            for _ in 0..<30 { try client.send(command("GET", "key")) }
            for _ in 0..<30 { #expect(try client.receive() == .bulk(Self.message)) }
        }
    }
}
