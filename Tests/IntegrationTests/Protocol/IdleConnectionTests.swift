import Foundation
import Testing

extension IntegrationTests.ProtocolTests {
    /// Ten thousand clients that say nothing. Each end of a connection is a descriptor of its process, so the test and
    /// the server need ten thousand each.
    @Suite struct IdleConnectionTests {
        static let count = 10_000
        /// Bytes of the server for an idle connection.
        static let limit = 2048
        /// Descriptors for everything else: log, epoll, files of the test.
        static let reserve = 200

        /// Raises the limit of open files, which the server inherits, as far as the system lets it; the new limit.
        static func raiseDescriptorLimit() -> Int {
            var limit = rlimit()
            guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 0 }
            limit.rlim_cur = limit.rlim_max
            setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
            getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
            return Int(clamping: limit.rlim_cur)
        }

        @Test(
            "10,000 idle connections take at most 2 KiB each",
            .enabled(if: raiseDescriptorLimit() >= count + reserve, "the system allows too few open files"))
        func idle() throws {
            let server = try ServerProcess.start(["maxclients": [String(Self.count + 50)]])
            let observer = try server.connect()
            let before = (used: try usedMemory(observer), resident: try server.residentMemory())
            var connections: [Socket] = []
            for index in 0..<Self.count {
                let socket = try Socket.connect(to: server.address)
                // Each has worked once: its buffers were in use and must be given back.
                try socket.send(command("SET", "key:\(index % 10)", Bytes(repeating: 65, count: 3000)))
                #expect(try socket.receive() == Bytes(text: "+OK\r\n"))
                connections.append(socket)
            }
            #expect(try server.info("connected_clients") == Self.count + 2)
            let used = try usedMemory(observer) - before.used
            let resident = try server.residentMemory() - before.resident
            print("an idle connection: \(used / Self.count) bytes used, \(resident / Self.count) resident")
            #expect(used <= Self.limit * Self.count)
            #expect(resident <= Self.limit * Self.count)

            for index in stride(from: 0, to: Self.count, by: 97) {
                try connections[index].send(command("PING"))
                #expect(try connections[index].receive() == Bytes(text: "+PONG\r\n"))
            }
            // Resets leave nothing behind in the kernel, where so many connections would linger for a minute.
            for connection in connections { connection.resetOnClose() }
            connections = []
            try waitUntil(within: .seconds(20)) { try server.info("connected_clients") == 2 }
            // The table of clients may stay large; the clients themselves are gone.
            #expect(try usedMemory(observer) < before.used + Self.count * 128)
            try server.stop()
        }

        private func usedMemory(_ connection: Connection) throws -> Int {
            let text = try connection.call("INFO", "memory").bytes?.latin1 ?? ""
            let line = text.split(whereSeparator: \.isNewline).first { $0.hasPrefix("used_memory:") }
            return try #require(line.flatMap { Int($0.dropFirst("used_memory:".count)) })
        }
    }
}
